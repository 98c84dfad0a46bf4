//! Checks the system, generates the monitor's tables and linker script, links them.

use cofferdam_sossl::build::{SDK, firmware_script};

fn main() -> Result<(), cofferdam_sossl::Error> {
    firmware_script("../system.yaml", SDK)
}
