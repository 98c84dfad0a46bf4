//! Builds a partition by its own Makefile: the way in for what no Cargo package can be, such as big-endian or AArch32 programs.
//!
//! `make -C FOLDER OUT=... STATE=... ENDIANNESS=...` is to leave `image.elf` in `OUT`, an absolute folder, where it finds
//! `memory.x` for its linker script and, for its sources, `partition.h` (its numbers), `services.h` (what it may call) and `requests.h`
//! (what it handles for others, from AArch64). `STATE` and `ENDIANNESS` are those of `entry`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::plan::{Partition, Plan};
use super::resolve;
use crate::process;
use crate::repository::Repository;

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The description is refused by now.
    #[error(transparent)]
    System(#[from] resolve::Error),
    /// Its numbers could not be generated.
    #[error(transparent)]
    Numbers(#[from] cofferdam_sossl::Error),
    /// Its folder cannot be written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Make failed; it has said why.
    #[error(transparent)]
    Make(#[from] process::Error),
    /// Make went well and left nothing.
    #[error("{folder}: make left no `$(OUT)/image.elf`", folder = .0.display())]
    NoImage(PathBuf),
}

/// Builds the program of a partition and answers its ELF file.
pub fn program(
    repository: &Repository,
    plan: &Plan,
    partition: &Partition,
    folder: &Path,
) -> Result<PathBuf, Error> {
    let system = resolve::load(repository, &plan.system, false)?;
    let files = cofferdam_sossl::partition(&system, &partition.name)?;
    let out = repository.output().join("make").join(&plan.name);
    let out = out.join(&partition.name);
    let failed = |source| Error::Io {
        path: out.clone(),
        source,
    };
    fs::create_dir_all(&out).map_err(failed)?;
    let client = cofferdam_sossl::client(&system, &partition.name)?;
    let handler = cofferdam_sossl::handler(&system, &partition.name)?;
    for (name, text) in [
        ("memory.x", &files.memory),
        ("partition.h", &files.header),
        ("services.h", &client.header),
        ("requests.h", &handler.header),
    ] {
        fs::write(out.join(name), text).map_err(failed)?;
    }
    let word = |name: &str, value: &str| format!("{name}={value}");
    let mut command = Command::new("make");
    command
        .arg("--no-print-directory")
        .arg("-C")
        .arg(folder)
        .arg(word("OUT", &out.to_string_lossy()))
        .arg(word(
            "STATE",
            if partition.built.wide {
                "aarch64"
            } else {
                "aarch32"
            },
        ))
        .arg(word(
            "ENDIANNESS",
            if partition.built.big_endian {
                "big"
            } else {
                "little"
            },
        ));
    process::output(&mut command)?;
    let image = out.join("image.elf");
    match image.is_file() {
        true => Ok(image),
        false => Err(Error::NoImage(folder.to_owned())),
    }
}
