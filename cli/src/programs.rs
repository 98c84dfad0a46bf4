//! Builds the programs of Linux that lie in a folder `programs` beside its root file system: each file in C, against the
//! functions that are generated for its services, and each package in Rust.
//!
//! They are linked statically: BusyBox's root file system has no libraries.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use cofferdam_system::Arch;

/// The cross compiler.
const fn compiler(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "aarch64-linux-gnu-gcc",
        Arch::Riscv64 => "riscv64-linux-gnu-gcc",
    }
}

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The compiler failed; it has said why.
    #[error(transparent)]
    Compiler(#[from] process::Error),
    /// A file cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// What is in a folder of programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// Files in C.
    pub c: Vec<PathBuf>,
    /// Folders of Cargo packages.
    pub rust: Vec<PathBuf>,
}

impl Programs {
    /// Those beside a root file system: none, where there is no such folder.
    pub fn beside(rootfs: &Path) -> Result<Self, Error> {
        let folder = rootfs.with_file_name("programs");
        if !folder.is_dir() {
            return Ok(Self::default());
        }
        let entries = fs::read_dir(&folder).map_err(at(&folder))?;
        let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|it| it.path()).collect();
        paths.sort();
        let (rust, files): (Vec<_>, Vec<_>) = paths
            .into_iter()
            .partition(|path| path.join("Cargo.toml").is_file());
        let is_c = |path: &PathBuf| path.extension().is_some_and(|it| it == "c");
        Ok(Self {
            c: files.into_iter().filter(is_c).collect(),
            rust,
        })
    }
}

/// Compiles a file in C. `header` becomes its `services.h`; `driver` is where that of the driver is.
pub fn compile(
    arch: Arch,
    source: &Path,
    header: &str,
    driver: &Path,
    out: &Path,
) -> Result<Vec<u8>, Error> {
    fs::create_dir_all(out).map_err(at(out))?;
    let services = out.join("services.h");
    fs::write(&services, header).map_err(at(&services))?;
    let program = out.join(source.file_stem().unwrap_or_default());
    let mut command = Command::new(compiler(arch));
    command
        .args(["-std=gnu11", "-Os", "-Wall", "-Wextra", "-static", "-s"])
        .arg("-I")
        .arg(out)
        .arg("-I")
        .arg(driver)
        .arg("-o")
        .arg(&program)
        .arg(source);
    process::output(&mut command)?;
    fs::read(&program).map_err(at(&program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_their_kind() {
        let folder = tempfile::tempdir().unwrap();
        let (rootfs, programs) = (folder.path().join("rootfs"), folder.path().join("programs"));
        assert_eq!(Programs::beside(&rootfs).unwrap(), Programs::default());
        fs::create_dir_all(programs.join("one")).unwrap();
        fs::write(programs.join("one/Cargo.toml"), "").unwrap();
        fs::write(programs.join("two.c"), "").unwrap();
        fs::write(programs.join("README"), "").unwrap();
        let found = Programs::beside(&rootfs).unwrap();
        assert_eq!(found.rust, [programs.join("one")]);
        assert_eq!(found.c, [programs.join("two.c")]);
    }
}
