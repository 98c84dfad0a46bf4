//! The initial root file system of a partition's Linux: its init, programs and modules.

use std::path::Path;

use super::plan::{Partition, Plan};
use super::{Builder, Error, read, resolve};
use crate::disk;
use crate::initramfs::Initramfs;
use crate::modules::{self, Known, Modules};
use crate::page;
use crate::programs::{self, Programs};
use crate::repository::Repository;

/// What an initial root file system starts.
#[derive(Clone, Copy, Debug)]
pub enum Init<'a> {
    /// What is in a folder of the user's.
    Folder(&'a Path),
    /// The init of a root file system on a disk.
    Disk,
}

/// Modules in an initial root file system, but those that its init needs for itself.
#[derive(Clone, Debug)]
pub struct MoreModules<'a> {
    /// Those of ours that its init loads.
    pub loaded: Vec<&'a str>,
    /// Those of the kernel's that its init loads.
    pub of_kernel: Vec<&'a str>,
    /// Those that are there for a test to load, in `lib/test`.
    pub idle: &'a [String],
}

impl Builder<'_> {
    /// The programs beside a root file system, by their names.
    pub(super) fn programs(
        &self,
        plan: &Plan,
        partition: &Partition,
        init: Option<Init<'_>>,
    ) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let Some(Init::Folder(rootfs)) = init else {
            return Ok(Vec::new());
        };
        let found = Programs::beside(rootfs)?;
        let name = |path: &Path| {
            path.file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        let mut made = Vec::new();
        let out = self.repository.output().join("programs").join(&plan.name);
        let driver = self.repository.modules().join(modules::SERVICES);
        if !found.c.is_empty() {
            let file = rootfs.with_file_name("system.yaml");
            let header = services_header(self.repository, &file, &partition.name)?;
            for source in &found.c {
                let program = programs::compile(plan.machine.arch, source, &header, &driver, &out)?;
                made.push((name(source), program));
            }
        }
        for package in &found.rust {
            let program = self.program(plan, package, &[])?;
            made.push((name(package), read(&program)?));
        }
        Ok(made)
    }

    /// The initial root file system for a kernel package.
    pub fn initramfs(
        &self,
        init: Init<'_>,
        kernel: &str,
        more: &MoreModules<'_>,
        programs: Vec<(String, Vec<u8>)>,
    ) -> Result<Vec<u8>, Error> {
        let package = self.fetch("busybox-static")?;
        // Debian 12 and 13.
        let busybox = package
            .file("bin/busybox")
            .or_else(|_| package.file("usr/bin/busybox"))?;
        let mut image = Initramfs::new();
        image.add_busybox(&busybox)?;
        let mut known = Known::of_kernel(&self.fetch(kernel)?.root)?;
        let mut wanted = Vec::new();
        match init {
            Init::Folder(folder) => image.add_folder(folder)?,
            Init::Disk => {
                image.add_file("init", 0o755, disk::INIT.into());
                wanted.extend(disk::MODULES);
            }
        }
        for (name, program) in programs {
            image.add_file(&format!("bin/{name}"), 0o755, program);
        }
        let modules = Modules::new(self.repository, &self.cache, &self.lock);
        wanted.extend(&more.of_kernel);
        for module in &more.loaded {
            known.add(module, modules.build(module, kernel)?);
            wanted.push(module);
        }
        image.add_modules(known.in_order(&wanted)?);
        for module in more.idle {
            let path = format!("lib/test/{module}.ko");
            image.add_file(&path, 0o644, modules.build(module, kernel)?);
        }
        Ok(image.build()?)
    }
}

/// Functions that call the services of the system beside the programs, whichever system they are built for: numbers are
/// frozen.
fn services_header(repository: &Repository, file: &Path, partition: &str) -> Result<String, Error> {
    let system = resolve::load(repository, file, false)?;
    Ok(cofferdam_sossl::linux_client(&system, partition)?.user)
}

pub(super) fn more_modules(partition: &Partition) -> MoreModules<'_> {
    let watchdog = partition.watchdog.then_some(modules::WATCHDOG);
    let network = (!partition.channels.is_empty()).then_some(modules::NETWORK);
    let services = (!partition.services.callable.is_empty()).then_some(modules::SERVICES);
    let page = page::MODULES.into_iter();
    let page = page.filter(|_| partition.hands_page_on());
    let wanted = partition.kernel_modules.iter().map(String::as_str);
    let profile = partition.profiled.then_some(modules::PROFILE);
    MoreModules {
        loaded: [watchdog, network, services, profile]
            .into_iter()
            .flatten()
            .collect(),
        of_kernel: page.chain(wanted).collect(),
        idle: &partition.idle_modules,
    }
}
