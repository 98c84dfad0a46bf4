//! Takes the place of the gateway's Linux: two harts, the first of them shared.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../../examples/gateway/system.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "linux", "STACK_SIZE = 0x4000;\n")
}
