//! Generates the trait that the handlers implement.

use cofferdam_sossl::build::{SDK, services_script};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    services_script("../system.yaml", SDK).map_err(|error| error.to_string().into())
}
