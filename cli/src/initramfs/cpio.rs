//! Writes the "newc" archive that Linux unpacks as its initial root file system
//! (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's sources).
//!
//! The same entries always give the same bytes: inode numbers count up, owner and time are 0.

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A file with its bytes.
    File(Vec<u8>),
    /// A symbolic link to this path.
    Link(String),
    /// A character device.
    Device {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
}

/// One entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path, without a leading slash.
    pub path: String,
    /// Permission bits.
    pub permissions: u32,
    /// What it is.
    pub kind: Kind,
}

/// A file larger than the format's 32-bit size field can say.
#[derive(Debug, thiserror::Error)]
#[error("{0} is larger than 4 GiB, which an initramfs cannot hold")]
pub struct TooLarge(String);

const END: &str = "TRAILER!!!";

/// The archive. A folder must stand before what is in it.
pub fn archive(entries: &[Entry]) -> Result<Vec<u8>, TooLarge> {
    let mut bytes = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        append(&mut bytes, number, entry)?;
    }
    let end = Entry {
        path: END.to_owned(),
        permissions: 0,
        kind: Kind::File(Vec::new()),
    };
    append(&mut bytes, 0, &end)?;
    Ok(bytes)
}

fn append(archive: &mut Vec<u8>, inode: u32, entry: &Entry) -> Result<(), TooLarge> {
    let too_large = || TooLarge(entry.path.clone());
    let (kind, data, device): (u32, &[u8], _) = match &entry.kind {
        Kind::Folder => (0o040_000, &[], (0, 0)),
        Kind::File(data) => (0o100_000, data, (0, 0)),
        Kind::Link(target) => (0o120_000, target.as_bytes(), (0, 0)),
        Kind::Device { major, minor } => (0o020_000, &[], (*major, *minor)),
    };
    let mode = if entry.path == END {
        0
    } else {
        kind | entry.permissions
    };
    let size = u32::try_from(data.len()).map_err(|_| too_large())?;
    let name = u32::try_from(entry.path.len() + 1).map_err(|_| too_large())?;
    // c_ino, mode, uid, gid, nlink, mtime, filesize, dev (2), rdev (2), namesize, check
    let fields = [
        inode, mode, 0, 0, 1, 0, size, 0, 0, device.0, device.1, name, 0,
    ];
    archive.extend_from_slice(b"070701");
    for field in fields {
        archive.extend_from_slice(format!("{field:08X}").as_bytes());
    }
    archive.extend_from_slice(entry.path.as_bytes());
    archive.push(0);
    pad(archive);
    archive.extend_from_slice(data);
    pad(archive);
    Ok(())
}

/// Headers and data start at multiples of four.
fn pad(archive: &mut Vec<u8>) {
    archive.resize(archive.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, permissions: u32, kind: Kind) -> Entry {
        Entry {
            path: path.to_owned(),
            permissions,
            kind,
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_format() {
        let bytes = archive(&[entry("ab", 0o755, Kind::File(b"hello".to_vec()))]).unwrap();
        let header = "07070100000001000081ED0000000000000000000000010000000000000005\
                      000000000000000000000000000000000000000300000000";
        assert_eq!(&bytes[..110], header.as_bytes());
        // The name with its 0 ends at 113, the data starts at 116 and is padded to 124.
        assert_eq!(&bytes[110..124], b"ab\0\0\0\0hello\0\0\0");
        assert_eq!(&bytes[124..130], b"070701");
        assert!(bytes.ends_with(b"TRAILER!!!\0\0\0\0"));
        assert_eq!(bytes.len() % 4, 0);
    }

    /// One field of the header that starts at `at`, by its place in the format.
    fn field(bytes: &[u8], at: usize, field: usize) -> u32 {
        let digits = &bytes[at + 6 + 8 * field..][..8];
        u32::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
    }

    #[test]
    fn the_kind_is_in_the_mode_and_a_device_has_its_numbers() {
        let (mode, size, major, minor) = (1, 6, 9, 10);
        let bytes = archive(&[
            entry("d", 0o755, Kind::Folder),
            entry("c", 0o600, Kind::Device { major: 5, minor: 1 }),
            entry("l", 0o777, Kind::Link("bin/busybox".to_owned())),
        ])
        .unwrap();
        // A header of 110 bytes with a name of two is 112 long.
        assert_eq!(field(&bytes, 0, mode), 0o040_755);
        assert_eq!(field(&bytes, 112, mode), 0o020_600);
        assert_eq!(field(&bytes, 112, major), 5);
        assert_eq!(field(&bytes, 112, minor), 1);
        assert_eq!(field(&bytes, 224, mode), 0o120_777);
        assert_eq!(field(&bytes, 224, size), 11);
        assert_eq!(&bytes[336..348], b"bin/busybox\0");
    }
}
