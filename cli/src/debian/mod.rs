//! Debian packages for the guest's architecture, by the host's own `apt` with a private state.
//!
//! What is used is locked by version and digest ([`lock`]); a package in the cache with the locked digest
//! is used without asking anybody, so a second run needs no network. The system's package state is
//! neither read (but for the address of its archive) nor changed, and no privilege is needed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::cache::{self, Cache};
use crate::process;

mod apt;
pub mod lock;
pub mod sources;

use apt::Apt;
use lock::{Lock, Locked, stem};

/// Why a package could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lock file does not hold the package.
    #[error(
        "{name} is not in {}\n  `cofferdam fetch --arch {architecture} --refresh {name}` adds it",
        lock::file(architecture)
    )]
    NotLocked {
        /// The architecture that it was asked for.
        architecture: String,
        /// The name that was asked for.
        name: String,
    },
    /// The lock file does not hold the source archive.
    #[error(
        "{} has no source {name}\n  write a `[[source]]` into it, with `name`, `file` (its place below the archive's address) and `sha256`",
        lock::file(architecture)
    )]
    NoSource {
        /// Of which architecture's lock file.
        architecture: String,
        /// The name that was asked for.
        name: String,
    },
    /// The archive does not have the locked version any more, or the archive cannot be reached.
    #[error(
        "the archive did not give {name} {version}, which {} asks for\n{reason}\n  \
         If the archive has dropped that version, `cofferdam fetch --arch {architecture} --refresh` locks the present one",
        lock::file(architecture)
    )]
    Dropped {
        /// Of which architecture's lock file.
        architecture: String,
        /// The package.
        name: String,
        /// The locked version.
        version: String,
        /// What apt said.
        reason: Box<process::Error>,
    },
    /// A package does not hold what is asked for.
    #[error(
        "{package} has no file {file}\n  what it has lies in {root}, and is named from there",
        root = root.display()
    )]
    NoFile {
        /// The package.
        package: String,
        /// The file.
        file: String,
        /// Where the package is unpacked.
        root: PathBuf,
    },
    /// A package is not what was locked.
    #[error("{name}: SHA-256 is {found}, but it was locked with {locked}")]
    Digest {
        /// The package.
        name: String,
        /// Of the bytes that came.
        found: String,
        /// Of the lock file.
        locked: String,
    },
    /// `apt-cache show` answered something that cannot be understood.
    #[error("the archive has no usable record of {0}: {1}")]
    Record(String, &'static str),
    /// No archive is configured.
    #[error(transparent)]
    Sources(#[from] sources::Error),
    /// The lock file cannot be used.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// `apt-get`, `apt-cache` or `dpkg-deb` failed.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A file of the cache cannot be used.
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

/// A package, unpacked in the cache.
#[derive(Clone, Debug)]
pub struct Package {
    /// What was locked.
    pub locked: Locked,
    /// The folder with its files.
    pub root: PathBuf,
}

impl Package {
    /// A file of the package.
    pub fn exactly(&self, file: &str) -> Result<PathBuf, Error> {
        let path = self.root.join(file);
        if path.is_file() {
            return Ok(path);
        }
        Err(Error::NoFile {
            package: self.locked.name.clone(),
            file: file.to_owned(),
            root: self.root.clone(),
        })
    }

    /// The one file whose path in the package starts with `prefix`, such as `boot/vmlinuz-`.
    pub fn file(&self, prefix: &str) -> Result<PathBuf, Error> {
        let whole = self.root.join(prefix);
        if whole.is_file() {
            return Ok(whole);
        }
        let folder = whole.parent().unwrap_or(&self.root);
        let start = whole.file_name().unwrap_or_default().to_string_lossy();
        fs::read_dir(folder)
            .map_err(at(folder))?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(&*start))
            })
            .ok_or_else(|| Error::Io {
                path: whole,
                source: io::ErrorKind::NotFound.into(),
            })
    }
}

/// Fetches and unpacks one locked package, from the cache when it is there.
///
/// `wanted` is the name by which the lock file knows it, such as `linux-image-cloud-arm64`.
pub fn fetch(cache: &Cache, lock: &Lock, wanted: &str) -> Result<Package, Error> {
    let locked = find(lock, wanted)?;
    let _guard = cache.lock()?;
    let archive = downloaded(cache, lock, locked)?;
    let root = unpacked(cache, &locked.stem(), |part| extract(&[archive], part))?;
    Ok(Package {
        locked: locked.clone(),
        root,
    })
}

/// Downloads by apt's configuration, and what it verifies is checked again here.
const HELPER: &str = "/usr/lib/apt/apt-helper";

/// Fetches and unpacks a locked source archive, from the cache when it is there, and answers its folder.
pub fn fetch_source(cache: &Cache, lock: &Lock, name: &str) -> Result<PathBuf, Error> {
    let mut sources = lock.source.iter();
    let source = sources
        .find(|source| source.name == name)
        .ok_or_else(|| Error::NoSource {
            architecture: lock.architecture.clone(),
            name: name.to_owned(),
        })?;
    let _guard = cache.lock()?;
    let stem = stem(name, &source.sha256);
    let archive = cache.folder("packages")?.join(format!("{stem}.tar"));
    if !archive.exists() || check(&archive, name, &source.sha256).is_err() {
        let part = cache.folder("scratch")?.join("source");
        let address = format!(
            "{}/{}",
            sources::archive()?.trim_end_matches('/'),
            source.file
        );
        process::output(
            Command::new(HELPER)
                .args(["download-file", &address])
                .arg(&part),
        )?;
        check(&part, name, &source.sha256)?;
        fs::rename(&part, &archive).map_err(at(&archive))?;
    }
    unpacked(cache, &stem, |part| {
        fs::create_dir_all(part).map_err(at(part))?;
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--strip-components=1", "--file"]);
        process::output(tar.arg(&archive).arg("--directory").arg(part))?;
        Ok(())
    })
}

/// Fetches locked packages and unpacks all of them into one folder, which it answers.
pub fn fetch_together(cache: &Cache, lock: &Lock, wanted: &[&str]) -> Result<PathBuf, Error> {
    let _guard = cache.lock()?;
    let mut archives = Vec::new();
    let mut digest = Sha256::new();
    for name in wanted {
        let locked = find(lock, name)?;
        digest.update(&locked.sha256);
        archives.push(downloaded(cache, lock, locked)?);
    }
    let digest: String = hex(&digest.finalize()).chars().take(16).collect();
    unpacked(cache, &format!("together_{digest}"), |part| {
        extract(&archives, part)
    })
}

/// Unpacks locked packages into a folder, where a link to a folder stays what it is.
pub fn unpack(cache: &Cache, lock: &Lock, wanted: &[&str], folder: &Path) -> Result<(), Error> {
    let _guard = cache.lock()?;
    let scratch = cache.folder("scratch")?.join("unpack.tar");
    for name in wanted {
        let archive = downloaded(cache, lock, find(lock, name)?)?;
        let mut read = Command::new("dpkg-deb");
        let tar = process::output_bytes(read.arg("--fsys-tarfile").arg(archive))?;
        fs::write(&scratch, tar).map_err(at(&scratch))?;
        let mut command = Command::new("tar");
        command.args([
            "--extract",
            "--preserve-permissions",
            "--keep-directory-symlink",
        ]);
        command.arg("--file").arg(&scratch);
        process::output(command.arg("--directory").arg(folder))?;
        fs::remove_file(&scratch).map_err(at(&scratch))?;
    }
    Ok(())
}

fn find<'a>(lock: &'a Lock, wanted: &str) -> Result<&'a Locked, Error> {
    lock.find(wanted).ok_or_else(|| Error::NotLocked {
        architecture: lock.architecture.clone(),
        name: wanted.to_owned(),
    })
}

/// The lock with the versions that the archive has today, of its own packages and of those named.
pub fn refresh(cache: &Cache, lock: &Lock, more: &[String]) -> Result<Lock, Error> {
    let _guard = cache.lock()?;
    let apt = Apt::open(cache, lock)?;
    apt.update()?;
    let mut fresh = Lock {
        architecture: lock.architecture.clone(),
        suite: lock.suite.clone(),
        package: Vec::new(),
        source: lock.source.clone(),
    };
    for wanted in lock.names().chain(more.iter().map(String::as_str)) {
        if fresh.find(wanted).is_none() {
            fresh.package.push(apt.resolve(wanted)?);
        }
    }
    fresh.package.sort_by(|a, b| a.wanted.cmp(&b.wanted));
    Ok(fresh)
}

fn downloaded(cache: &Cache, lock: &Lock, locked: &Locked) -> Result<PathBuf, Error> {
    let path = cache
        .folder("packages")?
        .join(format!("{}.deb", locked.stem()));
    if path.exists() && check(&path, &locked.name, &locked.sha256).is_ok() {
        return Ok(path);
    }
    let apt = Apt::open(cache, lock)?;
    let dropped = |reason: process::Error| Error::Dropped {
        architecture: lock.architecture.clone(),
        name: locked.name.clone(),
        version: locked.version.clone(),
        reason: Box::new(reason),
    };
    // The index kept from an earlier run may still be good: it saves the longest part.
    let scratch = cache.folder("scratch")?;
    let file = match apt.download(locked, &scratch)? {
        Ok(file) => file,
        Err(_stale) => {
            apt.update().map_err(dropped)?;
            apt.download(locked, &scratch)?.map_err(dropped)?
        }
    };
    check(&file, &locked.name, &locked.sha256)?;
    fs::rename(&file, &path).map_err(at(&path))?;
    Ok(path)
}

fn check(path: &Path, name: &str, sha256: &str) -> Result<(), Error> {
    let bytes = fs::read(path).map_err(at(path))?;
    let found = hex(&Sha256::digest(&bytes));
    if found == sha256 {
        return Ok(());
    }
    Err(Error::Digest {
        name: name.to_owned(),
        found,
        locked: sha256.to_owned(),
    })
}

/// The folder of that name, filled by `extract` unless it is there.
fn unpacked(
    cache: &Cache,
    name: &str,
    extract: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    let root = cache.folder("unpacked")?.join(name);
    if root.is_dir() {
        return Ok(root);
    }
    // Unpacked beside and renamed, so that a folder of that name is always complete.
    let part = root.with_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part).map_err(at(&part))?;
    }
    extract(&part)?;
    fs::rename(&part, &root).map_err(at(&root))?;
    Ok(root)
}

fn extract(archives: &[PathBuf], folder: &Path) -> Result<(), Error> {
    for archive in archives {
        let mut command = Command::new("dpkg-deb");
        process::output(command.arg("--extract").arg(archive).arg(folder))?;
    }
    Ok(())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
