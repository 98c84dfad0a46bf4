//! Takes the partition's numbers and services from the system description and links it there.

use cofferdam_sossl::build::{client_script, partition_script};

fn main() -> Result<(), cofferdam_sossl::Error> {
    let (system, sdk) = ("../../systems/observed.yaml", "../../..");
    partition_script(system, sdk, "cluster", "STACK_SIZE = 0x10000;\n")
        .and_then(|()| client_script(system, sdk, "cluster"))
}
