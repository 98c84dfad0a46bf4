//! Puts the linker script of partitions where the linker finds it. The binary names it
//! (`-Tpartition.ld`) and supplies `memory.x`: only the binary knows its memory.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::copy("partition.ld", out.join("partition.ld"))?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=partition.ld");
    Ok(())
}
