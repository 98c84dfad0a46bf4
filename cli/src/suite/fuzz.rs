//! The fuzz targets, in a soak run: each searches for some minutes, from what is kept of it on.

use std::fs;
use std::io;
use std::path::Path;

use super::Tally;
use crate::doctor::{self, ThisHost};
use crate::process;
use crate::repository::Repository;

/// Where cargo-fuzz finds the targets.
const TARGETS: &str = "fuzz/targets";
/// What is kept of each.
const CORPUS: &str = "fuzz/corpus";
/// How long each searches.
const SECONDS: u32 = 300;

/// Runs every target, where there are targets and cargo-fuzz. One that finds something, or is not built, has failed.
pub fn run(repository: &Repository) -> Tally {
    let mut tally = Tally::default();
    let names = names(&repository.root().join(CORPUS)).unwrap_or_default();
    if names.is_empty() {
        return tally;
    }
    let needed = doctor::fuzzing(&ThisHost(repository.root()));
    if let Err(why) = needed.found {
        eprintln!("NOT RUN: the fuzz targets: {} {why}", needed.name);
        return tally;
    }
    for name in names {
        let result = search(repository, &name);
        if let Err(why) = &result {
            eprintln!("fuzz target {name}: {why}");
        }
        tally.count(result.is_ok());
    }
    tally
}

fn names(corpus: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(corpus)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<_> = names.collect::<io::Result<_>>()?;
    names.sort_unstable();
    Ok(names)
}

fn search(repository: &Repository, name: &str) -> Result<(), Error> {
    let target = repository.target().join("fuzz");
    // What is new goes there; what is worth keeping is put into `CORPUS` by hand.
    let found = target.join("corpus").join(name);
    fs::create_dir_all(&found).map_err(Error::Io)?;
    let mut cargo = repository.cargo();
    cargo.env("RUSTUP_TOOLCHAIN", "nightly");
    cargo.args(["fuzz", "run", "--fuzz-dir", TARGETS, "--target-dir"]);
    cargo.arg(&target).arg(name).arg(&found);
    cargo.arg(repository.root().join(CORPUS).join(name));
    cargo.args(["--", &format!("-max_total_time={SECONDS}"), "-timeout=60"]);
    Ok(process::visible(&mut cargo)?)
}

/// Why a target did not end well.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// It found something, or was not built.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// There is no place for what it finds.
    #[error(transparent)]
    Io(io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kept_corpus_has_its_target() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let names = names(&root.join(CORPUS)).unwrap();
        assert!(!names.is_empty());
        for name in names {
            assert!(root.join(TARGETS).join(format!("{name}.rs")).is_file());
        }
    }
}
