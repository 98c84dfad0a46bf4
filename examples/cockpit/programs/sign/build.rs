//! Takes the services that Linux may call from the system description.

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../system.yaml", "../../../..");
    cofferdam_sossl::build::linux_script(system, sdk, "linux")
}
