//! Links the payload where both QEMU's `-kernel` and the monitor put it.

fn main() {
    println!("cargo::rerun-if-changed=link.ld");
    let folder = env!("CARGO_MANIFEST_DIR");
    println!("cargo::rustc-link-arg-bins=-T{folder}/link.ld");
}
