//! Checks the system, generates the monitor's tables and linker script, links them.

fn main() -> Result<(), cofferdam_sossl::Error> {
    cofferdam_sossl::build::firmware_script("../system.yaml", "../../..")
}
