//! Takes the partition's numbers from the system description and links it there.

/// Bytes of stack: the main loop, and one interrupt handler on top of it.
const STACK_SIZE: u64 = 16 << 10;

fn main() -> Result<(), cofferdam_sossl::Error> {
    let stack = format!("STACK_SIZE = {STACK_SIZE:#x};\n");
    let (system, sdk) = ("../../system.yaml", "../../../..");
    println!("cargo::rustc-check-cfg=cfg(channel)");
    cofferdam_sossl::build::partition_script(system, sdk, "pulse", &stack)?;
    cofferdam_sossl::build::client_script(system, sdk, "pulse")?;
    let channels = cofferdam_sossl::build::channels(system, sdk, "pulse")?;
    if channels.iter().any(|name| name == "net0") {
        println!("cargo::rustc-cfg=channel");
    }
    Ok(())
}
