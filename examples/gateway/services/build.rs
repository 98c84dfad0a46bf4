//! Generates the trait that the handlers implement.

fn main() -> Result<(), cofferdam_sossl::Error> {
    cofferdam_sossl::build::services_script("../system.yaml", "../../..")
}
