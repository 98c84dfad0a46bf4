//! Makes a disk with a small Debian on it, without root's rights: locked packages unpacked into a folder, a few files of
//! our own for what their installation would have set up, and `mke2fs` to make a file system of the folder.
//!
//! It has Debian's C library, shell and tools, and BusyBox as init; neither apt nor the kernel's modules, which would make
//! it ten times as large. In `/boot` are a kernel and its initial root file system, for a boot loader.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use cofferdam_system::Arch;

use crate::cache::Cache;
use crate::debian::{self, lock::Lock};
use crate::process;

/// Why there is no disk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A package could not be had.
    #[error(transparent)]
    Debian(#[from] debian::Error),
    /// No file system was made.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// What there is, a user may have written to.
    #[error("{} is there already: remove it, or give another name", .0.display())]
    Exists(PathBuf),
    /// The packages would not fit.
    #[error("{given} MiB are too small for a disk with Debian: give at least {LEAST_MIB}")]
    TooSmall {
        /// What was asked for.
        given: u32,
    },
    /// A file cannot be written.
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

/// Makes file systems. Where it lies, only root's path leads.
pub const MKE2FS: &str = "/usr/sbin/mke2fs";

/// What a disk has of an architecture's Debian.
#[derive(Debug)]
pub struct Debian {
    /// The kernel that a boot loader finds on it.
    pub kernel: &'static str,
    /// Where that kernel's console is.
    console: &'static str,
    /// Libraries of this release that [`PACKAGES`] need.
    libraries: &'static [&'static str],
    /// Of [`NETWORK_PACKAGES`].
    network_libraries: &'static [&'static str],
}

impl Debian {
    /// That of an architecture.
    pub const fn of(arch: Arch) -> &'static Self {
        match arch {
            // Debian 12.
            Arch::Arm64 => &Self {
                kernel: "linux-image-arm64",
                console: "ttyAMA0",
                libraries: &["libgcrypt20", "libgpg-error0", "liblz4-1", "liblzma5"],
                network_libraries: &[
                    "libcurl4",
                    "libgnutls30",
                    "libhogweed6",
                    "libldap-2.5-0",
                    "libnettle8",
                    "libpcap0.8",
                    "libpsl5",
                    "libssh2-1",
                    "libssl3",
                    "libunistring2",
                    "zlib1g",
                ],
            },
            // Debian 13.
            Arch::Riscv64 => &Self {
                kernel: "linux-image-riscv64",
                console: "ttyS0",
                libraries: &["libssl3t64", "zlib1g"],
                network_libraries: &[
                    "libcurl4t64",
                    "libgnutls30t64",
                    "libhogweed6t64",
                    "libldap2",
                    "libnettle8t64",
                    "libnghttp3-9",
                    "libpcap0.8t64",
                    "libpsl5t64",
                    "libssh2-1t64",
                    "libunistring5",
                ],
            },
        }
    }

    /// The packages of a disk, `with_network` those for networks too.
    pub fn packages(&self, with_network: bool) -> impl Iterator<Item = &'static str> {
        let network = NETWORK_PACKAGES.iter().chain(self.network_libraries);
        let all = PACKAGES.iter().chain(self.libraries);
        all.chain(network.filter(move |_| with_network)).copied()
    }
}

/// The packages, and those of the libraries that they need which every release has.
const PACKAGES: [&str; 37] = [
    "base-files",
    "base-passwd",
    "bash",
    "busybox-static",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "gzip",
    "hostname",
    "libacl1",
    "libattr1",
    "libblkid1",
    "libc6",
    "libcap-ng0",
    "libcap2",
    "libcrypt1",
    "libgcc-s1",
    "libgmp10",
    "libmount1",
    "libncursesw6",
    "libpcre2-8-0",
    "libproc2-0",
    "libselinux1",
    "libsmartcols1",
    "libsystemd0",
    "libtinfo6",
    "libudev1",
    "libuuid1",
    "libzstd1",
    "mawk",
    "mount",
    "ncurses-base",
    "procps",
    "sed",
    "tar",
    "util-linux",
];

/// Tools for networks, likewise.
const NETWORK_PACKAGES: [&str; 22] = [
    "curl",
    "ethtool",
    "iperf3",
    "libbrotli1",
    "libcom-err2",
    "libdbus-1-3",
    "libffi8",
    "libgssapi-krb5-2",
    "libidn2-0",
    "libiperf0",
    "libk5crypto3",
    "libkeyutils1",
    "libkrb5-3",
    "libkrb5support0",
    "libmnl0",
    "libnghttp2-14",
    "libp11-kit0",
    "librtmp1",
    "libsasl2-2",
    "libsctp1",
    "libtasn1-6",
    "tcpdump",
];

/// Our own files: path, permissions, text.
const FILES: [(&str, u32, &str); 4] = [
    ("etc/hostname", 0o644, "cofferdam\n"),
    ("etc/inittab", 0o644, include_str!("root/inittab")),
    ("etc/init.d/rcS", 0o755, include_str!("root/rcS")),
    ("etc/init.d/rcK", 0o755, include_str!("root/rcK")),
];

/// What a boot loader is told. It names arm64's console.
const EXTLINUX: (&str, &str) = (
    "boot/extlinux/extlinux.conf",
    include_str!("root/extlinux.conf"),
);

/// The folders that Debian merged into `usr`, and what an installation would have linked.
const LINKS: [(&str, &str); 8] = [
    ("bin", "usr/bin"),
    ("lib", "usr/lib"),
    ("sbin", "usr/sbin"),
    ("usr/bin/awk", "mawk"),
    ("usr/sbin/halt", "../bin/busybox"),
    ("usr/sbin/init", "../bin/busybox"),
    ("usr/sbin/poweroff", "../bin/busybox"),
    ("usr/sbin/reboot", "../bin/busybox"),
];

/// Room for the packages, the kernel and the file system's journal, and some to write.
const LEAST_MIB: u32 = 192;
const MIB: u64 = 1 << 20;

/// The one partition starts at this sector, 1 MiB from the start, and so is aligned for every device.
const FIRST_SECTOR: u32 = 2048;
const SECTOR: u64 = 512;

/// Features that every kernel and boot loader of the last ten years knows, whatever the host's own defaults are.
const FEATURES: &str = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,\
                        sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";

/// What a disk is made from.
#[derive(Debug)]
pub struct Contents<'a> {
    /// Where the packages are.
    pub cache: &'a Cache,
    /// Which they are.
    pub lock: &'a Lock,
    /// What is on it.
    pub debian: &'a Debian,
    /// Whether the tools for networks are, too.
    pub network: bool,
    /// The file of the kernel.
    pub kernel: &'a Path,
    /// What the kernel starts with, to find the disk.
    pub initramfs: &'a [u8],
    /// A folder in which the files are laid out.
    pub scratch: &'a Path,
}

/// Makes a disk of so many MiB.
pub fn make(contents: &Contents<'_>, path: &Path, mib: u32) -> Result<(), Error> {
    if mib < LEAST_MIB {
        return Err(Error::TooSmall { given: mib });
    }
    if path.exists() {
        return Err(Error::Exists(path.to_owned()));
    }
    fs::create_dir_all(contents.scratch).map_err(at(contents.scratch))?;
    let folder = tempfile::tempdir_in(contents.scratch).map_err(at(contents.scratch))?;
    lay_out(contents, folder.path())?;
    let image = File::create_new(path).map_err(at(path))?;
    let size = u64::from(mib) * MIB;
    image.set_len(size).map_err(at(path))?;
    let start = u64::from(FIRST_SECTOR) * SECTOR;
    file_system(folder.path(), path, start, size - start)?;
    let table = table((size - start) / SECTOR);
    image.write_all_at(&table, 0).map_err(at(path))
}

fn lay_out(contents: &Contents<'_>, root: &Path) -> Result<(), Error> {
    for folder in ["usr/bin", "usr/lib", "usr/sbin"] {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).map_err(at(&folder))?;
    }
    for (from, to) in LINKS {
        let from = root.join(from);
        symlink(to, &from).map_err(at(&from))?;
    }
    let packages: Vec<_> = contents.debian.packages(contents.network).collect();
    debian::unpack(contents.cache, contents.lock, &packages, root)?;
    for (name, permissions, text) in FILES {
        write(&root.join(name), permissions, text.as_bytes())?;
    }
    let (name, text) = EXTLINUX;
    let text = text.replace("ttyAMA0", contents.debian.console);
    write(&root.join(name), 0o644, text.as_bytes())?;
    // Its installation would have copied them.
    for name in ["passwd", "group"] {
        let master = root.join(format!("usr/share/base-passwd/{name}.master"));
        let bytes = fs::read(&master).map_err(at(&master))?;
        write(&root.join("etc").join(name), 0o644, &bytes)?;
    }
    let kernel = fs::read(contents.kernel).map_err(at(contents.kernel))?;
    write(&root.join("boot/vmlinuz"), 0o644, &kernel)?;
    write(&root.join("boot/initrd.img"), 0o644, contents.initramfs)
}

fn write(path: &Path, permissions: u32, bytes: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::write(path, bytes).map_err(at(path))?;
    let permissions = fs::Permissions::from_mode(permissions);
    fs::set_permissions(path, permissions).map_err(at(path))
}

/// Makes a file system of a folder, in a part of an image.
fn file_system(folder: &Path, image: &Path, start: u64, length: u64) -> Result<(), Error> {
    // All files are root's in it, whoever runs this.
    let mut command = Command::new("fakeroot");
    command.args([
        MKE2FS, "-q", "-F", "-t", "ext4", "-b", "4096", "-O", FEATURES,
    ]);
    command.args(["-E", &format!("offset={start},lazy_itable_init=0")]);
    command.arg("-d").args([folder, image]);
    command.arg(format!("{}k", length / 1024));
    Ok(process::output(&mut command).map(drop)?)
}

/// An MBR with one partition, which a boot loader may start from.
fn table(sectors: u64) -> [u8; 512] {
    // At most 4 TiB, by the range of sizes in MiB.
    let sectors = u32::try_from(sectors).unwrap_or(u32::MAX);
    let mut entry = [0; 16];
    entry[0] = 0x80;
    entry[4] = 0x83;
    // Cylinders, heads and sectors as what the format has for "see the other fields".
    for bytes in [1..4, 5..8] {
        entry[bytes].copy_from_slice(&[0xFE, 0xFF, 0xFF]);
    }
    entry[8..12].copy_from_slice(&FIRST_SECTOR.to_le_bytes());
    entry[12..].copy_from_slice(&sectors.to_le_bytes());
    let mut table = [0; 512];
    table[446..462].copy_from_slice(&entry);
    table[510..].copy_from_slice(&[0x55, 0xAA]);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Disk;
    use crate::guest::Guest;
    use crate::repository::Repository;

    /// A file system as small as `mke2fs` makes one for us, without any package.
    #[test]
    fn a_disk_that_is_made_is_one_that_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk.img");
        let start = u64::from(FIRST_SECTOR) * SECTOR;
        let mut superblock = vec![0; 1024];
        superblock[0x04..0x08].copy_from_slice(&1024u32.to_le_bytes());
        superblock[0x38..0x3A].copy_from_slice(&[0x53, 0xEF]);
        let image = File::create_new(&path).unwrap();
        image.write_all_at(&table(2048), 0).unwrap();
        image.write_all_at(&superblock, start + 1024).unwrap();
        image.set_len(start + MIB).unwrap();
        assert!(Disk::open(&path).is_ok());
        image.set_len(start + MIB - 1).unwrap();
        assert!(Disk::open(&path).is_err());
    }

    #[test]
    fn the_packages_are_locked() {
        let repository = Repository::locate(crate::sdk::Wishes::default()).unwrap();
        for arch in [Arch::Arm64, Arch::Riscv64] {
            let lock = Lock::read(&repository.debian_lock(Guest::of(arch).debian)).unwrap();
            let debian = Debian::of(arch);
            for package in debian.packages(true).chain([debian.kernel]) {
                assert!(lock.find(package).is_some(), "{package} of {arch:?}");
            }
        }
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_too_small_is_begun() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let lock = Lock {
            architecture: "arm64".to_owned(),
            suite: String::new(),
            package: Vec::new(),
            source: Vec::new(),
        };
        let contents = Contents {
            cache: &cache,
            lock: &lock,
            debian: Debian::of(Arch::Arm64),
            network: false,
            kernel: Path::new("vmlinuz"),
            initramfs: b"",
            scratch: folder.path(),
        };
        let refused = |mib| make(&contents, file.path(), mib).unwrap_err().to_string();
        assert!(refused(LEAST_MIB).contains("is there already"));
        assert!(refused(LEAST_MIB - 1).contains("at least 192"));
    }
}
