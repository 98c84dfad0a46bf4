//! Takes the partition's numbers from the system description and links it there.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (system, sdk) = ("../../systems/nomad.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "cluster", "STACK_SIZE = 0x10000;\n")
        .map_err(|error| error.to_string().into())
}
