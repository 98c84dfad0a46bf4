//! Packs this source tree into a tool that is built to be installed (`cargo install` makes release builds; the feature
//! `inside` does so in any). One that is built to work in the tree finds the tree itself, and is not built anew whenever a
//! file of it changes.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/sdk/pack.rs"]
mod pack;

fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name| env::var_os(name).ok_or_else(|| format!("{name} is not set"));
    let archive = PathBuf::from(variable("OUT_DIR")?).join("sdk.tar.gz");
    let inside = env::var_os("CARGO_FEATURE_INSIDE").is_some();
    if inside || variable("PROFILE")? == "release" {
        let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
        let tree = package.parent().unwrap_or(Path::new(".."));
        for entry in fs::read_dir(tree)? {
            let name = entry?.file_name();
            if !pack::LEFT_OUT.iter().any(|left_out| name == *left_out) {
                println!("cargo::rerun-if-changed={}", tree.join(name).display());
            }
        }
        pack::pack(tree, &archive)?;
    } else {
        println!("cargo::rerun-if-changed=build.rs");
        fs::write(&archive, "")?;
    }
    Ok(())
}
