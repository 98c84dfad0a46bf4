//! Takes the partition's numbers from the system description and links it there.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../systems/impatient.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "cluster", "STACK_SIZE = 0x10000;\n")
}
