//! Takes the gateway's `linux` partition for this payload: two harts, a UART.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (system, sdk) = ("../../../examples/gateway/system.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "linux", "STACK_SIZE = 0x4000;\n")
        .map_err(|error| error.to_string().into())
}
