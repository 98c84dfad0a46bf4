//! Checks the system, generates the monitor's tables and linker script, links them.

use cofferdam_sossl::build::{SDK, firmware_script};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    firmware_script("../system.yaml", SDK).map_err(|error| error.to_string().into())
}
