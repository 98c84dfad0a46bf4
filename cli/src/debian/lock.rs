//! The lock file: which version of each Debian package is used, and its digest.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where the lock file of packages for an architecture lies in the repository.
pub fn file(architecture: &str) -> String {
    format!("cli/debian-{architecture}.lock")
}

/// Why the lock file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a lock file.
    #[error("{path}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        source: Box<toml::de::Error>,
    },
}

/// The lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Debian's name of the architecture that all packages are for whose name does not say another.
    pub architecture: String,
    /// The suite of the archive that all packages are of; with one of backports behind it, for what hosts of an older release run. The main suite, without its security updates:
    /// it drops a version only at a point release, where the security suite drops one with each update.
    pub suite: String,
    /// The packages, sorted by `wanted`.
    #[serde(default)]
    pub package: Vec<Locked>,
    /// The source archives, in the order written. `refresh` leaves them: who compiles them chooses their version.
    #[serde(default)]
    pub source: Vec<Source>,
}

/// A locked source archive: what Debian builds packages of, to be compiled for a partition instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name that is asked for.
    pub name: String,
    /// Its place below the archive's address: a tar archive with one folder.
    pub file: String,
    /// SHA-256 of it, lower-case hexadecimal.
    pub sha256: String,
}

/// One locked package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// The name that is asked for: of the package, or of a metapackage that depends on it.
    pub wanted: String,
    /// The package; with `:ARCHITECTURE` if it is not the guest's.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the archive file, lower-case hexadecimal.
    pub sha256: String,
}

impl Locked {
    /// The name, without extension, of what the cache keeps of this package. The digest is part of
    /// it: two lock files may share a cache.
    pub fn stem(&self) -> String {
        stem(&self.name, &self.sha256)
    }
}

/// A name in the cache: with the digest in it.
pub(super) fn stem(name: &str, sha256: &str) -> String {
    let digest: String = sha256.chars().take(16).collect();
    format!("{}_{digest}", name.replace(':', "_"))
}

impl Lock {
    /// Reads a lock file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| Error::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Writes the lock file.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        fs::write(path, self.text()).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })
    }

    fn text(&self) -> String {
        let mut text = format!(
            "# Debian packages by version and digest. Written by `cofferdam fetch --refresh`.\n\
             architecture = \"{}\"\nsuite = \"{}\"\n",
            self.architecture, self.suite
        );
        for locked in &self.package {
            text += &format!(
                "\n[[package]]\nwanted = \"{}\"\nname = \"{}\"\nversion = \"{}\"\nsha256 = \"{}\"\n",
                locked.wanted, locked.name, locked.version, locked.sha256
            );
        }
        for source in &self.source {
            text += &format!(
                "\n[[source]]\nname = \"{}\"\nfile = \"{}\"\nsha256 = \"{}\"\n",
                source.name, source.file, source.sha256
            );
        }
        text
    }

    /// The package locked under this name.
    pub fn find(&self, wanted: &str) -> Option<&Locked> {
        self.package.iter().find(|locked| locked.wanted == wanted)
    }

    /// The names that are asked for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.package.iter().map(|locked| locked.wanted.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let lock = Lock {
            architecture: "arm64".to_owned(),
            suite: "bookworm".to_owned(),
            package: vec![Locked {
                wanted: "linux-image-cloud-arm64".to_owned(),
                name: "linux-image-6.1.0-1-cloud-arm64".to_owned(),
                version: "1:6.1~rc1+b2-1".to_owned(),
                sha256: "ab".repeat(32),
            }],
            source: vec![Source {
                name: "lwip".to_owned(),
                file: "pool/main/l/lwip/lwip_2+dfsg1.orig.tar.xz".to_owned(),
                sha256: "cd".repeat(32),
            }],
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        lock.write(file.path()).unwrap();
        assert_eq!(Lock::read(file.path()).unwrap(), lock);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "architecture = \"arm64\"\nsuite = \"bookworm\"\nsweet = 1\n";
        fs::write(file.path(), text).unwrap();
        let message = Lock::read(file.path()).unwrap_err().to_string();
        assert!(message.contains("line 3"), "{message}");
        assert!(message.contains("sweet"), "{message}");
    }
}
