//! Takes the partition's numbers from the system description and links it there.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let stack = "STACK_SIZE = 0x4000;\n";
    cofferdam_sossl::build::partition_script("../systems/lazy.yaml", "../..", "critical", stack)
}
