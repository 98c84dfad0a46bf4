//! Generates the trait that the handlers implement.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cofferdam_sossl::build::services_script("../system.yaml", "../../..")
        .map_err(|error| error.to_string().into())
}
