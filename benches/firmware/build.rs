//! Generates the monitor of the system that is measured, and the trait of the services that one of them has.

use cofferdam_sossl::build::{firmware_script, services_script};

fn main() -> Result<(), cofferdam_sossl::Error> {
    services_script("../systems/services.yaml", "../..")
        .and_then(|()| firmware_script("../systems/services.yaml", "../.."))
}
