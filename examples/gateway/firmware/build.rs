//! Checks the system, generates the monitor's tables and linker script, links them.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cofferdam_sossl::build::firmware_script("../system.yaml", "../../..")
        .map_err(|error| error.to_string().into())
}
