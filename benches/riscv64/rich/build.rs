//! Takes the `rich` partition of the system that is measured.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (system, sdk) = ("../../systems/hart.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "rich", "STACK_SIZE = 0x4000;\n")
        .map_err(|error| error.to_string().into())
}
