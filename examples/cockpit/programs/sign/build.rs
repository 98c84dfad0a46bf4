//! Takes the services that Linux may call from the system description.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (system, sdk) = ("../../system.yaml", "../../../..");
    cofferdam_sossl::build::linux_script(system, sdk, "linux")
        .map_err(|error| error.to_string().into())
}
