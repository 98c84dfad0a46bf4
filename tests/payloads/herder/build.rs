//! Takes the memory of the rich partition from the system description and links the payload there.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `partition_script` names the linker script; the payload brings its own.
    println!("cargo::rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed=partition.ld");
    let (system, sdk) = ("../../systems/nomad.yaml", "../../..");
    cofferdam_sossl::build::partition_script(system, sdk, "linux", "")
        .map_err(|error| error.to_string().into())
}
