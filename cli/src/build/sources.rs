//! What a partition's package is compiled with beside its own files: source archives of Debian, locked by digest.
//!
//! A package names them in its `Cargo.toml`, and its build script finds the folder of `lwip` by the variable
//! `COFFERDAM_SOURCE_LWIP`:
//!
//! ```toml
//! [package.metadata.cofferdam]
//! sources = ["lwip"]
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A source archive, unpacked.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
}

impl Source {
    /// The variable by which a build script finds it.
    pub fn variable(&self) -> String {
        let name = self.name.to_uppercase().replace(['-', '.', '+'], "_");
        format!("COFFERDAM_SOURCE_{name}")
    }
}

/// Why it is not known what a package asks for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its manifest cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its manifest is none.
    #[error("{path}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        source: Box<toml::de::Error>,
    },
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    cofferdam: Wishes,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wishes {
    #[serde(default)]
    sources: Vec<String>,
}

/// The names of the source archives that the package in a folder asks for.
pub fn wanted(folder: &Path) -> Result<Vec<String>, Error> {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|source| Error::Io {
        path: path.clone(),
        source,
    })?;
    match toml::from_str::<Manifest>(&text) {
        Ok(manifest) => Ok(manifest.package.metadata.cofferdam.sources),
        Err(source) => Err(Error::Parse {
            path,
            source: Box::new(source),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(rest: &str) -> Result<Vec<String>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[package]\nname = \"p\"\n{rest}");
        fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        wanted(folder.path())
    }

    #[test]
    fn what_a_manifest_names_is_asked_for() {
        assert!(asked("").unwrap().is_empty());
        assert!(
            asked("[package.metadata.other]\nx = 1\n")
                .unwrap()
                .is_empty()
        );
        let named = asked("[package.metadata.cofferdam]\nsources = [\"lwip\"]\n");
        assert_eq!(named.unwrap(), ["lwip"]);
        let misspelt = asked("[package.metadata.cofferdam]\nsource = [\"lwip\"]\n");
        assert!(
            misspelt
                .unwrap_err()
                .to_string()
                .contains("unknown field `source`")
        );
    }

    #[test]
    fn a_name_becomes_a_variable() {
        let source = Source {
            name: "some-stack2".to_owned(),
            folder: PathBuf::new(),
        };
        assert_eq!(source.variable(), "COFFERDAM_SOURCE_SOME_STACK2");
    }
}
