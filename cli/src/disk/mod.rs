//! The disk of a partition that runs Linux: a raw image of the user's with a root file system on it, which the emulator
//! shows as a virtio block device.
//!
//! What Linux could not start from is refused here, before anything is built or booted. Nothing in the image is believed:
//! every number from it is only compared, or is a place to read that need not exist.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

mod ext4;
pub mod make;
mod table;

/// The first process of a Linux whose root file system is on the disk.
pub const INIT: &str = include_str!("init");

/// The modules that reach the disk and read its file system. ext4 asks for its checksum by what it does, not by the
/// module's name, and nothing in an initial root file system could resolve that.
pub const MODULES: [&str; 4] = ["virtio_mmio", "virtio_blk", "crc32c_generic", "ext4"];

/// Why a disk cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read and written.
    #[error(
        "the disk {path}: {source}\n  `cofferdam disk FILE` makes one",
        path = path.display()
    )]
    Io {
        /// The image.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder, a device.
    #[error("the disk {} is not a file: give a raw image", .0.display())]
    NotAFile(PathBuf),
    /// An image in a format of the emulator's.
    #[error(
        "the disk {path} is a qcow2 image, and a raw one is needed\n  \
         `qemu-img convert -O raw {path} RAW` makes one of it",
        path = .0.display()
    )]
    Format(PathBuf),
    /// There is nothing that Linux could mount.
    #[error(
        "the disk {} holds no ext2, ext3 or ext4 file system, neither by itself nor in a partition\n  \
         `cofferdam disk FILE` makes one that does",
        .0.display()
    )]
    NoFileSystem(PathBuf),
    /// A file system does not fit its image.
    #[error(
        "the disk {path} is too small: it has {size} bytes, and its file system at byte {start} ends at {end}\n  \
         It was cut, or copied in part: copy it again",
        path = path.display()
    )]
    Cut {
        /// The image.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// Where the file system starts.
        start: u64,
        /// The byte behind its last.
        end: u64,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// A raw image that Linux can start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Looks at an image, and refuses what Linux could not start from.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let found = path.metadata().map_err(at(path))?;
        if !found.is_file() {
            return Err(Error::NotAFile(path.to_owned()));
        }
        let image = Image {
            // For writing too: Linux will.
            file: OpenOptions::new()
                .read(true)
                .write(true)
                .open(path)
                .map_err(at(path))?,
            size: found.len(),
        };
        check(&image, path).map_err(at(path))??;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The emulator's options for it.
    pub fn options(&self) -> Vec<String> {
        // The emulator takes two commas for one that is in a value.
        let file = self.path.display().to_string().replace(',', ",,");
        vec![
            "-drive".to_owned(),
            format!("file={file},format=raw,if=none,id=disk"),
            "-device".to_owned(),
            "virtio-blk-device,drive=disk".to_owned(),
        ]
    }
}

/// An image, read at places that may lie behind its end.
struct Image {
    file: File,
    size: u64,
}

impl Image {
    /// The bytes at a place; `None` if the image ends before.
    fn bytes<const N: usize>(&self, place: u64) -> io::Result<Option<[u8; N]>> {
        if place.saturating_add(N as u64) > self.size {
            return Ok(None);
        }
        let mut bytes = [0; N];
        self.file.read_exact_at(&mut bytes, place)?;
        Ok(Some(bytes))
    }
}

const QCOW2: [u8; 4] = *b"QFI\xfb";

fn check(image: &Image, path: &Path) -> io::Result<Result<(), Error>> {
    if image.bytes(0)? == Some(QCOW2) {
        return Ok(Err(Error::Format(path.to_owned())));
    }
    let starts = std::iter::once(0).chain(table::starts(image)?);
    let mut found = Err(Error::NoFileSystem(path.to_owned()));
    for start in starts {
        let Some(length) = ext4::length(image, start)? else {
            continue;
        };
        let end = start.saturating_add(length);
        if end > image.size {
            return Ok(Err(Error::Cut {
                path: path.to_owned(),
                size: image.size,
                start,
                end,
            }));
        }
        found = Ok(());
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
