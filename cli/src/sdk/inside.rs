//! The copy of Cofferdam's source tree inside an installed tool, unpacked into the cache when it is first needed: one
//! folder for each content, so that tools of several versions do not get in each other's way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::cache::{self, Cache};
use crate::process;

/// Empty in a tool that was not built to be installed.
const ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.tar.gz"));

/// Digits of the digest in a folder's name.
const DIGITS: usize = 12;

/// Why it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// `tar` failed.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A folder or file of the cache cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// The folder that it is unpacked in; `None` if this tool has none inside.
pub fn tree() -> Result<Option<PathBuf>, Error> {
    if ARCHIVE.is_empty() {
        return Ok(None);
    }
    unpacked(ARCHIVE, &Cache::open()?).map(Some)
}

/// Unpacks an archive, unless that was done before. Complete or not at all.
fn unpacked(archive: &[u8], cache: &Cache) -> Result<PathBuf, Error> {
    let _guard = cache.lock()?;
    let folder = cache.folder("sdk")?;
    let digest = Sha256::digest(archive);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let digits = digits.get(..DIGITS).unwrap_or_default();
    let tree = folder.join(format!("{}-{digits}", env!("CARGO_PKG_VERSION")));
    if tree.is_dir() {
        return Ok(tree);
    }
    let begun = tempfile::tempdir_in(&folder).map_err(at(&folder))?;
    let (packed, made) = (begun.path().join("packed"), begun.path().join("tree"));
    fs::write(&packed, archive).map_err(at(&packed))?;
    fs::create_dir(&made).map_err(at(&made))?;
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--gzip", "--no-same-owner", "--file"]);
    process::output(tar.arg(&packed).arg("--directory").arg(&made))?;
    fs::rename(&made, &tree).map_err(at(&tree))?;
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::{is_one, pack::pack};

    #[test]
    fn what_was_packed_is_a_source_tree_once_for_each_content() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, packed) = (folder.path().join("cache"), folder.path().join("packed"));
        let cache = Cache::at(&cache).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        pack(source, &packed).unwrap();
        let archive = fs::read(&packed).unwrap();
        let tree = unpacked(&archive, &cache).unwrap();
        assert!(is_one(&tree));
        for file in [
            "Cargo.lock",
            "Cargo.toml",
            "cli/debian-arm64.lock",
            "rust-toolchain.toml",
        ] {
            assert_eq!(
                fs::read(tree.join(file)).unwrap(),
                fs::read(source.join(file)).unwrap(),
                "{file}"
            );
        }
        assert!(!tree.join(".git").exists());
        // Links are followed: a board may have the linker template of another.
        let script = tree.join("boards/qemu-virt-arm64-gicv2/link.ld.jinja");
        assert!(!script.is_symlink() && script.is_file());

        fs::write(tree.join("mine"), "").unwrap();
        assert_eq!(unpacked(&archive, &cache).unwrap(), tree);
        assert!(tree.join("mine").exists(), "unpacked once");
        pack(source, &packed).unwrap();
        assert_eq!(fs::read(&packed).unwrap(), archive, "the same bytes");
    }
}
