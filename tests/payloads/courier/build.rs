//! Takes this payload's partition of the system whose interrupts are messages.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (system, sdk) = ("../../systems/riscv-messages.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "courier", "STACK_SIZE = 0x4000;\n")
        .map_err(|error| error.to_string().into())
}
