//! Takes the partition's numbers from the system description and links it there.

/// Bytes of stack: main loop and one interrupt handler on top of it.
const STACK_SIZE: u64 = 16 << 10;

fn main() -> Result<(), cofferdam_sossl::Error> {
    let stack = format!("STACK_SIZE = {STACK_SIZE:#x};\n");
    cofferdam_sossl::build::partition_script("../../system.yaml", "../../../..", "pulse", &stack)
}
