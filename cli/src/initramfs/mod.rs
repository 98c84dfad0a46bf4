//! Builds the rich partition's initial root file system from an example's `rootfs/` folder and
//! Debian's static BusyBox.
//!
//! Deterministic: the order is that of the names, and of a file's permissions only "executable" counts,
//! so that neither the host's umask nor its file system shows in the image's digest.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

pub mod cpio;

use crate::modules::Module;
use cpio::{Entry, Kind};

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that an initial root file system cannot or should not hold.
    #[error("{path}: {reason}", path = path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// The format has no room.
    #[error(transparent)]
    TooLarge(#[from] cpio::TooLarge),
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// The folders that /init mounts on, or that BusyBox fills.
const FOLDERS: [&str; 9] = [
    "bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp",
];

/// An initial root file system in the making.
#[derive(Debug)]
pub struct Initramfs {
    entries: BTreeMap<String, (u32, Kind)>,
}

impl Initramfs {
    /// An image with the usual folders and a console.
    pub fn new() -> Self {
        let mut entries = BTreeMap::new();
        for folder in FOLDERS {
            entries.insert(folder.to_owned(), (0o755, Kind::Folder));
        }
        // The kernel opens it for /init before anything can be mounted on /dev.
        let console = Kind::Device { major: 5, minor: 1 };
        entries.insert("dev/console".to_owned(), (0o600, console));
        Self { entries }
    }

    /// Adds BusyBox; `/init` has it make its links.
    pub fn add_busybox(&mut self, program: &Path) -> Result<(), Error> {
        let bytes = fs::read(program).map_err(at(program))?;
        self.add("bin/busybox", 0o755, Kind::File(bytes));
        self.add("bin/sh", 0o777, Kind::Link("busybox".to_owned()));
        Ok(())
    }

    /// Adds a file with these bytes; the folders above it come by themselves.
    pub fn add_file(&mut self, path: &str, permissions: u32, bytes: Vec<u8>) {
        self.add(path, permissions, Kind::File(bytes));
    }

    /// Adds kernel modules; their names in `lib/modules` sort in the order in which they are loaded.
    pub fn add_modules(&mut self, modules: Vec<Module>) {
        for (number, Module { name, bytes }) in modules.into_iter().enumerate() {
            self.add_file(&format!("lib/modules/{number:02}-{name}.ko"), 0o644, bytes);
        }
    }

    /// Adds everything below a folder of the host.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), Error> {
        self.add_below(folder, "")
    }

    fn add_below(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                return Err(Error::Unfit {
                    path,
                    reason: "its name is not UTF-8",
                });
            };
            let inside = format!("{prefix}{name}");
            let metadata = fs::symlink_metadata(&path).map_err(at(&path))?;
            if metadata.is_dir() {
                self.add(&inside, 0o755, Kind::Folder);
                self.add_below(&path, &format!("{inside}/"))?;
            } else if metadata.is_symlink() {
                let target = fs::read_link(&path).map_err(at(&path))?;
                let Some(target) = target.to_str() else {
                    return Err(Error::Unfit {
                        path,
                        reason: "its target is not UTF-8",
                    });
                };
                self.add(&inside, 0o777, Kind::Link(target.to_owned()));
            } else if metadata.is_file() {
                let executable = metadata.permissions().mode() & 0o111 != 0;
                let bytes = fs::read(&path).map_err(at(&path))?;
                let permissions = if executable { 0o755 } else { 0o644 };
                self.add(&inside, permissions, Kind::File(bytes));
            } else {
                return Err(Error::Unfit {
                    path,
                    reason: "neither a file, a folder nor a link",
                });
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, permissions: u32, kind: Kind) {
        for (end, _) in path.match_indices('/') {
            let above = path.get(..end).unwrap_or_default().to_owned();
            self.entries.entry(above).or_insert((0o755, Kind::Folder));
        }
        self.entries.insert(path.to_owned(), (permissions, kind));
    }

    /// The image: a gzip-compressed archive.
    pub fn build(self) -> Result<Vec<u8>, Error> {
        // A map sorts a folder before what is in it, as the archive asks for.
        let entries: Vec<_> = self
            .entries
            .into_iter()
            .map(|(path, (permissions, kind))| Entry {
                path,
                permissions,
                kind,
            })
            .collect();
        let archive = cpio::archive(&entries)?;
        let mut gzip = GzBuilder::new()
            .mtime(0)
            .write(Vec::new(), Compression::default());
        let compressed = gzip.write_all(&archive).and_then(|()| gzip.finish());
        compressed.map_err(at(Path::new("initramfs")))
    }
}

impl Default for Initramfs {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn sample(mode: u32) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("etc")).unwrap();
        fs::write(root.join("etc/motd"), "hello").unwrap();
        fs::write(root.join("init"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(root.join("init"), fs::Permissions::from_mode(mode)).unwrap();
        symlink("/etc/motd", root.join("motd")).unwrap();
        let mut image = Initramfs::new();
        image.add_folder(root).unwrap();
        image.add_busybox(&root.join("init")).unwrap();
        image.build().unwrap()
    }

    fn unpacked(image: &[u8]) -> Vec<u8> {
        let mut archive = Vec::new();
        io::copy(&mut flate2::read::GzDecoder::new(image), &mut archive).unwrap();
        archive
    }

    #[test]
    fn the_image_does_not_depend_on_umask_or_time() {
        assert_eq!(sample(0o775), sample(0o700));
        assert_ne!(sample(0o775), sample(0o600), "executable must count");
    }

    #[test]
    fn folders_come_before_what_is_in_them() {
        let mut image = Initramfs::new();
        image.add_file("lib/modules/one.ko", 0o644, b"ELF".to_vec());
        let archive = unpacked(&image.build().unwrap());
        let place = |name: &[u8]| archive.windows(name.len()).position(|found| found == name);
        let (lib, modules) = (place(b"lib\0").unwrap(), place(b"lib/modules\0").unwrap());
        assert!(lib < modules);
        assert!(modules < place(b"lib/modules/one.ko\0").unwrap());
        assert!(place(b"dev\0").unwrap() < place(b"dev/console\0").unwrap());
    }

    #[test]
    fn a_socket_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("s")).unwrap();
        assert!(matches!(
            Initramfs::new().add_folder(folder.path()),
            Err(Error::Unfit { .. })
        ));
    }
}
