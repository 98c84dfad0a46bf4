//! Generates the monitor of the system that is measured.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cofferdam_sossl::build::firmware_script("../../systems/hart.yaml", "../../..")
        .map_err(|error| error.to_string().into())
}
