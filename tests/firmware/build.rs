//! Generates the monitor of the system that is tested, and the trait of the handlers that one of them has.

use cofferdam_sossl::build::{firmware_script, services_script};

fn main() -> Result<(), cofferdam_sossl::Error> {
    services_script("../systems/observed.yaml", "../..")
        .and_then(|()| firmware_script("../systems/observed.yaml", "../.."))
}
