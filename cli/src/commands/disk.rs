//! `cofferdam disk`: a raw image with a small Debian on it.

use std::path::Path;

use cofferdam_system::Arch;

use super::Error;
use crate::build::Builder;
use crate::build::rootfs::{Init, MoreModules};
use crate::cache::Cache;
use crate::debian::lock::Lock;
use crate::disk::make::{self, Contents, Debian};
use crate::guest::Guest;
use crate::modules;
use crate::repository::Repository;

pub(super) fn run(
    repository: &Repository,
    file: &Path,
    mib: u32,
    arch: Arch,
    network: bool,
) -> Result<(), Error> {
    make(repository, file, mib, arch, network)?;
    println!("{}: Debian, {mib} MiB", file.display());
    Ok(())
}

pub(super) fn make(
    repository: &Repository,
    file: &Path,
    mib: u32,
    arch: Arch,
    network: bool,
) -> Result<(), Error> {
    let builder = Builder::new(repository, arch)?;
    let debian = Debian::of(arch);
    // Whichever system it is for: each does nothing where its device is not.
    let more_modules = MoreModules {
        loaded: match arch {
            Arch::Arm64 => vec![modules::WATCHDOG, modules::NETWORK],
            Arch::Riscv64 => vec![modules::NETWORK],
        },
        of_kernel: Vec::new(),
        idle: &[],
    };
    let contents = Contents {
        cache: &Cache::open()?,
        lock: &Lock::read(&repository.debian_lock(Guest::of(arch).debian))?,
        debian,
        network,
        kernel: &builder.kernel(debian.kernel)?,
        initramfs: &builder.initramfs(Init::Disk, debian.kernel, &more_modules, Vec::new())?,
        scratch: &repository.output(),
    };
    Ok(make::make(&contents, file, mib)?)
}
