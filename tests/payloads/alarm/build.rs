//! Takes this payload's partition of the system with two owners of interrupts.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (system, sdk) = ("../../systems/riscv-interrupts.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "alarm", "STACK_SIZE = 0x4000;\n")
        .map_err(|error| error.to_string().into())
}
