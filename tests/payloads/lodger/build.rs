//! Takes the gateway's `linux` partition for this payload: two harts, a UART.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../../examples/gateway/system.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "linux", "STACK_SIZE = 0x4000;\n")
}
