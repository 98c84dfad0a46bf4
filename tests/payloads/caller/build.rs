//! Takes memory and services of the rich partition from the system description and links the payload there.

use cofferdam_sossl::build::{client_script, partition_script};

fn main() -> Result<(), cofferdam_sossl::Error> {
    // `partition_script` names the linker script; the payload brings its own.
    println!("cargo::rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed=partition.ld");
    let (system, sdk) = ("../../../examples/cockpit/system.yaml", "../../..");
    partition_script(system, sdk, "linux", "").and_then(|()| client_script(system, sdk, "linux"))
}
