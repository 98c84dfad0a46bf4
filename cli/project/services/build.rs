//! Generates the trait that the handlers implement.

use cofferdam_sossl::build::{SDK, services_script};

fn main() -> Result<(), cofferdam_sossl::Error> {
    services_script("../system.yaml", SDK)
}
