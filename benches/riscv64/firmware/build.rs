//! Generates the monitor of the system that is measured, and the trait of the services that one of them has.

use cofferdam_sossl::build::{firmware_script, services_script};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    services_script("../../systems/hart_services.yaml", "../../..")
        .and_then(|()| firmware_script("../../systems/hart.yaml", "../../.."))
        .map_err(|error| error.to_string().into())
}
