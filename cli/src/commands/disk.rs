//! `cofferdam disk`: a raw image with a small Debian on it.

use std::path::Path;

use cofferdam_system::Arch;

use super::Error;
use crate::build::Builder;
use crate::build::rootfs::{Init, MoreModules};
use crate::cache::Cache;
use crate::debian::lock::Lock;
use crate::disk::make::{self, Contents, KERNEL, NETWORK_PACKAGES};
use crate::modules;
use crate::repository::Repository;

pub(super) fn run(
    repository: &Repository,
    file: &Path,
    mib: u32,
    network: bool,
) -> Result<(), Error> {
    let more: &[&str] = if network { &NETWORK_PACKAGES } else { &[] };
    make(repository, file, mib, more)?;
    println!("{}: Debian, {mib} MiB", file.display());
    Ok(())
}

pub(super) fn make(
    repository: &Repository,
    file: &Path,
    mib: u32,
    more: &[&str],
) -> Result<(), Error> {
    let builder = Builder::new(repository, Arch::Arm64)?;
    // Whichever system it is for: each does nothing where its device is not.
    let more_modules = MoreModules {
        loaded: vec![modules::WATCHDOG, modules::NETWORK],
        of_kernel: Vec::new(),
        idle: &[],
    };
    let contents = Contents {
        cache: &Cache::open()?,
        lock: &Lock::read(&repository.debian_lock("arm64"))?,
        more,
        kernel: &builder.kernel(KERNEL)?,
        initramfs: &builder.initramfs(Init::Disk, KERNEL, &more_modules, Vec::new())?,
        scratch: &repository.output(),
    };
    Ok(make::make(&contents, file, mib)?)
}
