//! Takes the gateway's `pulse` partition for this payload: one hart, no device.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../../examples/gateway/system.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "pulse", "STACK_SIZE = 0x4000;\n")
        .and_then(|()| cofferdam_sossl::build::client_script(system, sdk, "pulse"))
}
