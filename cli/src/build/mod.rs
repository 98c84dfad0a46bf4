//! Builds a system: its firmware, its partitions, and the flash that holds them all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cofferdam_abi::console;
use cofferdam_system::Arch;

use crate::cache::Cache;
use crate::debian::{self, lock::Lock};
use crate::devicetree::{self, Owned};
use crate::flash::{self, Piece};
use crate::guest::Guest;
use crate::initramfs;
use crate::modules;
use crate::payload;
use crate::programs;
use crate::repository::Repository;

pub mod cargo;
pub mod change;
pub mod make;
pub mod plan;
pub mod resolve;
pub mod rootfs;
pub mod sources;

use plan::{Boot, Image, Partition, Plan};
use rootfs::{Init, more_modules};
use sources::Source;

/// Why a system was not built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A package was not built.
    #[error(transparent)]
    Cargo(#[from] cargo::Error),
    /// What a package is compiled with is not known.
    #[error(transparent)]
    Sources(#[from] sources::Error),
    /// A Makefile's program was not built.
    #[error(transparent)]
    Make(#[from] make::Error),
    /// A partition's image could not be made.
    #[error(transparent)]
    Payload(#[from] payload::Error),
    /// The flash could not be composed.
    #[error(transparent)]
    Flash(#[from] flash::Error),
    /// The board has no device tree.
    #[error(transparent)]
    DeviceTree(#[from] devicetree::Error),
    /// A Debian package could not be had.
    #[error(transparent)]
    Debian(#[from] debian::Error),
    /// The initial root file system could not be built.
    #[error(transparent)]
    Initramfs(#[from] initramfs::Error),
    /// A kernel module was not built.
    #[error(transparent)]
    Modules(#[from] modules::Error),
    /// The system beside programs was refused.
    #[error(transparent)]
    Resolve(#[from] resolve::Error),
    /// Functions for programs were not generated.
    #[error(transparent)]
    Sossl(#[from] cofferdam_sossl::Error),
    /// A program of Linux was not built.
    #[error(transparent)]
    Programs(#[from] programs::Error),
    /// There is nothing to damage.
    #[error("the flash image has no byte {0:#x}")]
    Beyond(usize),
    /// A file cannot be used.
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

/// A built system.
#[derive(Clone, Debug)]
pub struct Built {
    /// The flash image.
    pub flash: PathBuf,
    /// The monitor's ELF file.
    pub monitor: PathBuf,
    /// Where the consoles in memory lie, counted from the start of the machine's RAM.
    pub rings: Vec<u64>,
    /// The ELF files of partitions that have one, by the partition's name.
    pub programs: Vec<(String, PathBuf)>,
}

impl Built {
    /// The same with one byte of the flash inverted.
    pub fn damaged(&self, at: usize) -> Result<Self, Error> {
        let mut image = read(&self.flash)?;
        let byte = image.get_mut(at).ok_or(Error::Beyond(at))?;
        *byte = !*byte;
        let flash = self.flash.with_file_name(format!("damaged-{at:#x}.bin"));
        fs::write(&flash, image).map_err(self::at(&flash))?;
        Ok(Self {
            flash,
            ..self.clone()
        })
    }
}

/// Builds systems.
#[derive(Debug)]
pub struct Builder<'a> {
    repository: &'a Repository,
    guest: Guest,
    cache: Cache,
    lock: Lock,
    kept: Option<&'a cargo::Kept>,
}

impl<'a> Builder<'a> {
    /// A builder for the systems of a repository that are of an architecture.
    pub fn new(repository: &'a Repository, arch: Arch) -> Result<Self, Error> {
        Self::of(repository, Guest::of(arch))
    }

    fn of(repository: &'a Repository, guest: Guest) -> Result<Self, Error> {
        let lock = repository.debian_lock(guest.debian);
        Ok(Self {
            repository,
            guest,
            cache: Cache::open().map_err(debian::Error::from)?,
            lock: Lock::read(&lock).map_err(debian::Error::from)?,
            kept: None,
        })
    }

    /// Takes programs from those that were built before in this run of the tool, and adds to them.
    pub fn keeping(self, kept: &'a cargo::Kept) -> Self {
        Self {
            kept: Some(kept),
            ..self
        }
    }

    fn monitor(&self, plan: &Plan) -> Result<PathBuf, Error> {
        self.program(plan, &plan.firmware, &plan.firmware_features)
    }

    fn program(&self, plan: &Plan, folder: &Path, features: &[String]) -> Result<PathBuf, Error> {
        let package = cargo::Package {
            folder,
            features,
            system: &plan.system,
            target: Guest::of(plan.machine.arch).target,
            sources: &self.sources(folder)?,
        };
        Ok(match self.kept {
            Some(kept) => kept.program(self.repository, package)?,
            None => cargo::program(self.repository, package)?,
        })
    }

    fn sources(&self, folder: &Path) -> Result<Vec<Source>, Error> {
        let wanted = sources::wanted(folder)?.into_iter();
        wanted
            .map(|name| {
                let folder = debian::fetch_source(&self.cache, &self.lock, &name)?;
                Ok(Source { name, folder })
            })
            .collect()
    }

    /// Builds a system; its files are below the repository's output folder, by the plan's name.
    pub fn build(&self, plan: &Plan) -> Result<Built, Error> {
        let monitor = self.monitor(plan)?;
        let mut pieces = Vec::new();
        let mut programs = Vec::new();
        for partition in &plan.partitions {
            let (mut made, program) = self.partition(plan, partition)?;
            if !partition.critical {
                // What is read-only to it by its ELF file is its own affair.
                made.iter_mut().for_each(|piece| piece.constant.clear());
            }
            pieces.extend(made);
            programs.extend(program.map(|program| (partition.name.clone(), program)));
        }
        let image = flash::compose(&read(&monitor)?, &pieces, plan.flash)?;
        let folder = self.repository.output().join("build").join(&plan.name);
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let path = folder.join("flash.bin");
        fs::write(&path, image).map_err(at(&path))?;
        if matches!(plan.machine.boot, Boot::Banks(_)) {
            // A bank is given whole, and this costs no room on the host.
            let file = fs::OpenOptions::new().write(true).open(&path);
            let grown = file.and_then(|file| file.set_len(plan.flash.size));
            grown.map_err(at(&path))?;
        }
        Ok(Built {
            flash: path,
            rings: rings(plan, &monitor)?,
            monitor,
            programs,
        })
    }

    /// The pieces of a partition, and its ELF file if it has one.
    fn partition(
        &self,
        plan: &Plan,
        partition: &Partition,
    ) -> Result<(Vec<Piece>, Option<PathBuf>), Error> {
        let target = payload::Partition {
            name: partition.name.clone(),
            index: partition.index,
            ram: partition.ram,
            built: partition.built,
            entry: partition.entry,
        };
        match &partition.image {
            Image::Cargo { package, features } => {
                let elf = self.program(plan, package, features)?;
                Ok((target.program(&read(&elf)?)?, Some(elf)))
            }
            Image::Make(folder) => {
                let elf = make::program(self.repository, plan, partition, folder)?;
                Ok((target.program(&read(&elf)?)?, Some(elf)))
            }
            Image::Elf(elf) => Ok((target.program(&read(elf)?)?, Some(elf.clone()))),
            Image::Bin(file) => Ok((target.binary(read(file)?)?, None)),
            Image::Debian {
                package,
                initramfs,
                command_line,
            } => {
                let narrow;
                let source = match partition.built.wide {
                    true => self,
                    false => {
                        narrow = Self::of(self.repository, Guest::AARCH32)?;
                        &narrow
                    }
                };
                let kernel = source.kernel(package)?;
                let init = match (partition.disk, initramfs) {
                    (true, _) => Some(Init::Disk),
                    (false, folder) => folder.as_deref().map(Init::Folder),
                };
                // They are compiled for AArch64.
                let init_of_programs = init.filter(|_| partition.built.wide);
                let programs = self.programs(plan, partition, init_of_programs)?;
                let initramfs = match init {
                    Some(init) => {
                        source.initramfs(init, package, &more_modules(partition), programs)?
                    }
                    None => Vec::new(),
                };
                let board = devicetree::compile(&plan.device_tree)?;
                let owned = owned(partition, command_line);
                Ok((
                    target.linux(read(&kernel)?, initramfs, &board, &owned)?,
                    None,
                ))
            }
            Image::Loader {
                package,
                file,
                command_line,
            } => {
                let program = read(&self.fetch(package)?.exactly(file)?)?;
                let board = devicetree::compile(&plan.device_tree)?;
                let owned = owned(partition, command_line);
                Ok((target.loader(program, &board, &owned)?, None))
            }
        }
    }

    /// The kernel in a package.
    pub fn kernel(&self, package: &str) -> Result<PathBuf, Error> {
        Ok(self.fetch(package)?.file(self.guest.kernel)?)
    }

    fn fetch(&self, package: &str) -> Result<debian::Package, Error> {
        Ok(debian::fetch(&self.cache, &self.lock, package)?)
    }
}

/// The monitor's symbol of all rings.
const RINGS: &str = "cofferdam_consoles";

fn rings(plan: &Plan, monitor: &Path) -> Result<Vec<u64>, Error> {
    if plan.rings.is_empty() {
        return Ok(Vec::new());
    }
    let first = flash::elf::symbol("monitor", &read(monitor)?, RINGS)?;
    let offset = first.wrapping_sub(plan.machine.memory.start().get());
    let rings = plan.rings.iter();
    Ok(rings
        .map(|partition| offset + partition * console::BYTES as u64)
        .collect())
}

fn owned(partition: &Partition, command_line: &str) -> Owned {
    Owned {
        cores: partition.cores.clone(),
        memory: partition.memory.clone(),
        devices: partition.devices.clone(),
        channels: partition.channels.clone(),
        services: partition.services.clone(),
        command_line: command_line.to_owned(),
        initrd: None,
        console: partition.console,
        watchdog: partition.watchdog,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(at(path))
}
