//! Takes the partition's numbers and its calls of services from the system description.

use cofferdam_sossl::build::{SDK, client_script, partition_script};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let system = "../../system.yaml";
    partition_script(system, SDK, "control", "STACK_SIZE = 0x10000;\n")
        .and_then(|()| client_script(system, SDK, "control"))
        .map_err(|error| error.to_string().into())
}
