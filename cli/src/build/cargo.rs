//! Builds a package for the target, and finds what was built.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use super::sources::Source;
use crate::process;
use crate::repository::Repository;

/// The variable by which a firmware's build script learns which description is meant.
pub const SYSTEM_VARIABLE: &str = "COFFERDAM_SYSTEM";

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Cargo failed; it has said why.
    #[error(transparent)]
    Cargo(#[from] process::Error),
    /// The package has no program, or more than one.
    #[error("{}: {found} programs, and one is needed", .folder.display())]
    Programs {
        /// The package.
        folder: PathBuf,
        /// How many.
        found: usize,
    },
    /// A program could not be kept.
    #[error("{}: {source}", .path.display())]
    Keep {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A package to be built.
#[derive(Clone, Copy, Debug)]
pub struct Package<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// Its features.
    pub features: &'a [String],
    /// The system that it is built for.
    pub system: &'a Path,
    /// The compiler's target.
    pub target: &'a str,
    /// The source archives that it asks for.
    pub sources: &'a [Source],
}

/// Builds the one program of a package, for release, and answers its ELF file. Cargo's errors
/// and its progress go to the user.
pub fn program(repository: &Repository, package: Package<'_>) -> Result<PathBuf, Error> {
    let Package {
        folder,
        features,
        system,
        target,
        sources,
    } = package;
    let mut command = repository.cargo();
    command
        .args(["build", "--release", "--locked", "--bins"])
        .args(["--target", target])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .arg("--message-format=json-render-diagnostics")
        .env(SYSTEM_VARIABLE, system);
    for source in sources {
        command.env(source.variable(), &source.folder);
    }
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    command.stderr(Stdio::inherit());
    let messages = process::output(&mut command)?;
    let mut found = executables(&messages);
    match (found.pop(), found.len()) {
        (Some(program), 0) => Ok(program),
        (last, others) => Err(Error::Programs {
            folder: folder.to_owned(),
            found: others + usize::from(last.is_some()),
        }),
    }
}

/// What makes two builds of one program differ: the workspace, the package, its features, the system and the target.
#[derive(Debug, PartialEq, Eq)]
struct Recipe {
    root: PathBuf,
    folder: PathBuf,
    features: Vec<String>,
    system: PathBuf,
    target: String,
}

/// Programs that one run of the tool builds for many systems. Cargo keeps one program of a package; that for the next
/// system takes its place, and would be built again for the one after it.
#[derive(Debug, Default)]
pub struct Kept {
    programs: RefCell<Vec<(Recipe, PathBuf)>>,
}

impl Kept {
    /// The ELF file of a package, built unless this run has done so: nobody changes a source in the middle of it.
    pub fn program(&self, repository: &Repository, package: Package<'_>) -> Result<PathBuf, Error> {
        let recipe = Recipe {
            root: repository.root().to_owned(),
            folder: package.folder.to_owned(),
            features: package.features.to_owned(),
            system: package.system.to_owned(),
            target: package.target.to_owned(),
        };
        let mut programs = self.programs.borrow_mut();
        if let Some((_, kept)) = programs.iter().find(|(known, _)| *known == recipe) {
            return Ok(kept.clone());
        }
        let built = program(repository, package)?;
        let folder = repository.output().join("build/programs");
        let kept = folder.join(format!("{}.elf", programs.len()));
        let at = |source| Error::Keep {
            path: kept.clone(),
            source,
        };
        fs::create_dir_all(&folder).map_err(at)?;
        fs::copy(&built, &kept).map_err(at)?;
        programs.push((recipe, kept.clone()));
        Ok(kept)
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    executable: Option<PathBuf>,
    #[serde(default)]
    target: Option<Built>,
}

#[derive(Deserialize)]
struct Built {
    kind: Vec<String>,
}

/// The programs that Cargo says it has built, build scripts left out.
fn executables(messages: &str) -> Vec<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| {
            let target = message.target.as_ref();
            target.is_some_and(|target| target.kind.iter().any(|kind| kind == "bin"))
        })
        .filter_map(|message| message.executable)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_told_from_libraries_and_build_scripts() {
        let messages = r#"{"reason":"compiler-artifact","target":{"kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"kind":["custom-build"]},"executable":"/t/build"}
{"reason":"compiler-artifact","target":{"kind":["bin"]},"executable":"/t/cluster"}
{"reason":"build-finished","success":true}
not json
"#;
        assert_eq!(executables(messages), [PathBuf::from("/t/cluster")]);
    }
}
