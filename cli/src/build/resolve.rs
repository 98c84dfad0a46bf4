//! From a checked system to a plan: which folder, which address, which name.

use std::path::Path;
use std::time::Duration;

use cofferdam_core::region::{PhysAddr, Region};
use cofferdam_system::model::{self, BankKind, Profiling, Reach, System};
use cofferdam_system::{Arch, DeviceKind, Endianness, Refused, State};

use super::plan::{Boot, Image, Machine, Partition, Plan};
use crate::devicetree::{Services, VirtualNet};
use crate::flash::elf::Built;
use crate::flash::{Flash, Rounds};
use crate::page;
use crate::repository::Repository;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The description was refused.
    #[error("{0}")]
    Refused(String),
    /// The description is good, but it cannot be run.
    #[error("{0}")]
    NotRunnable(&'static str),
}

/// Reads a system description and plans its build.
pub fn plan(repository: &Repository, file: &Path, colour: bool) -> Result<Plan, Error> {
    from_system(&load(repository, file, colour)?)
}

/// Reads and checks a system description. Its mistakes come as one text.
pub fn load(repository: &Repository, file: &Path, colour: bool) -> Result<System, Error> {
    cofferdam_system::load(file, repository.sdk())
        .map_err(|refused: Refused| Error::Refused(refused.render(colour)))
}

fn from_system(system: &System) -> Result<Plan, Error> {
    let board = &system.board;
    let emulator = board.emulator.as_ref();
    let emulator = emulator.ok_or(Error::NotRunnable("its board has no `emulator`"))?;
    let rings = rings(system);
    let (flash, memory) = (flash(system)?, memory(board, emulator)?);
    let folder = system.file.parent().unwrap_or(Path::new("."));
    let partitions = system.partitions.iter();
    Ok(Plan {
        name: name(&system.file),
        system: absolute(&system.file),
        firmware: folder.join("firmware"),
        firmware_features: Vec::new(),
        device_tree: board.file.with_file_name("board.dts"),
        flash,
        machine: Machine {
            arch: board.arch,
            machine: emulator.machine.clone(),
            cpu: board.core_model.clone(),
            cores: emulated_cores(board),
            memory,
            boot: boot(emulator, memory, flash.start),
        },
        consoles: consoles(system, &rings),
        rings: rings.iter().map(|it| it.id.index() as u64).collect(),
        partitions: partitions
            .map(|it| partition(system, it))
            .collect::<Result<_, _>>()?,
    })
}

/// `examples/cockpit/system.yaml` is `cockpit`, `tests/systems/eager.yaml` is `eager`.
fn name(file: &Path) -> String {
    let stem = file.file_stem().filter(|stem| *stem != "system");
    let folder = || absolute(file).parent()?.file_name().map(ToOwned::to_owned);
    let name = stem.map(ToOwned::to_owned).or_else(folder);
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn absolute(file: &Path) -> std::path::PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

fn flash(system: &System) -> Result<Flash, Error> {
    let board = &system.board;
    let unusable = Error::NotRunnable("its monitor's flash does not lie in a bank");
    let bank = board.bank(board.monitor.flash_bank);
    let bank = bank.map(|bank| bank.region).ok_or(unusable)?;
    let table = board.monitor.image_table.get();
    Ok(Flash {
        start: bank.start().get(),
        size: bank.len().get(),
        table: table.saturating_sub(bank.start().get()),
        rounds: rounds(system),
    })
}

fn rounds(system: &System) -> Option<Rounds> {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let health = system.features.health_monitor?;
    let driver = model::Driver::of(system)?;
    Some(Rounds {
        period: nanoseconds(health.period),
        gap: driver.gap.map(nanoseconds),
        others: cofferdam_core::health::others(system.board.controller.lines()),
    })
}

/// The emulator's `-smp`: harts are numbered, those without S-mode too, which no board lists.
fn emulated_cores(board: &model::Board) -> usize {
    let last = board.cores.iter().map(|hart| hart.0).max();
    match board.arch {
        Arch::Arm64 => board.cores.len(),
        Arch::Riscv64 => last.map_or(0, |last| usize::try_from(last).unwrap_or(usize::MAX) + 1),
    }
}

/// The emulator's `-m`: the largest bank of RAM, unless the machine has more; the small secure one comes with it.
fn memory(board: &model::Board, emulator: &model::Emulator) -> Result<Region, Error> {
    let ram = board.banks.iter().filter(|bank| bank.kind == BankKind::Ram);
    let regions = ram.map(|bank| bank.region);
    let bank = regions
        .max_by_key(|region| region.len())
        .ok_or(Error::NotRunnable("its board has no RAM"))?;
    let Some(bytes) = emulator.memory else {
        return Ok(bank);
    };
    let all = Region::from_raw(bank.start().get(), bytes).ok();
    all.filter(|all| all.contains(bank))
        .ok_or(Error::NotRunnable(
            "its emulator has less `memory` than its largest bank",
        ))
}

fn boot(emulator: &model::Emulator, memory: Region, flash: u64) -> Boot {
    match emulator.flash_banks {
        _ if memory.contains_address(PhysAddr::new(flash)) => Boot::Memory(flash),
        0 => Boot::Firmware,
        banks => Boot::Banks(banks),
    }
}

/// The partitions that speak to a ring of the monitor's: those without a UART, where it keeps such rings.
fn rings(system: &System) -> Vec<&model::Partition> {
    if system.board.arch == Arch::Arm64 {
        return Vec::new();
    }
    let has_uart = |it| system.devices(it).any(|device| device.kind.is_uart());
    let partitions = system.partitions.iter();
    partitions.filter(|it| !has_uart(it)).collect()
}

/// One to a UART, in the order of their addresses, which is that of the emulator's serial ports: the
/// name of the partition that owns it, else its own. Then the rings.
fn consoles(system: &System, rings: &[&model::Partition]) -> Vec<String> {
    let mut uarts: Vec<_> = system
        .board
        .devices
        .iter()
        .filter(|device| device.kind.is_uart())
        .collect();
    uarts.sort_by_key(|device| device.region.map(Region::start));
    let owner = |uart: &model::Device| {
        let (id, _) = system.board.device_named(&uart.name)?;
        Some(system.owner(id)?.name.clone())
    };
    let names = uarts.into_iter();
    names
        .map(|uart| owner(uart).unwrap_or_else(|| uart.name.clone()))
        .chain(rings.iter().map(|it| it.name.clone()))
        .collect()
}

fn partition(system: &System, it: &model::Partition) -> Result<Partition, Error> {
    let no_ram = Error::NotRunnable("one of its partitions has no memory");
    let devices = || system.devices(it);
    let console = devices().find(|device| device.kind.is_uart());
    let cores = it.cores.all();
    Ok(Partition {
        name: it.name.clone(),
        index: u32::try_from(it.id.index())
            .map_err(|_| Error::NotRunnable("it has too many partitions"))?,
        critical: it.is_critical(),
        ram: it.ram().ok_or(no_ram)?.region,
        memory: it.memory.iter().map(|memory| memory.region).collect(),
        devices: devices().filter_map(|device| device.region).collect(),
        cores: cores
            .filter_map(|core| system.board.cores.get(core.index()))
            .map(|number| number.0)
            .collect(),
        channels: system
            .channels(it)
            .map(|(channel, end)| VirtualNet::of(channel, end))
            .collect(),
        services: Services::of(system, it),
        console: console
            .and_then(|uart| uart.region)
            .map(|region| region.start().get()),
        watchdog: it.on_hang.is_some(),
        // The module is AArch64's.
        profiled: system.features.profiling != Profiling::None && it.entry.state == State::Aarch64,
        virtio: devices().any(|device| device.kind == DeviceKind::VirtioMmio),
        trusted: devices()
            .filter(|device| device.reaches == Some(Reach::All))
            .map(|device| device.name.clone())
            .collect(),
        disk: false,
        page: system
            .channels(it)
            .any(|(channel, end)| channel.peer(end).accept.tcp.contains(&page::PORT)),
        kernel_modules: Vec::new(),
        idle_modules: Vec::new(),
        built: Built {
            wide: it.entry.state == State::Aarch64,
            big_endian: it.entry.endianness == Endianness::Big,
        },
        entry: it.entry.at.map(PhysAddr::get),
        image: image(&it.image),
    })
}

fn image(image: &model::Image) -> Image {
    match image {
        model::Image::Cargo(package) => Image::Cargo {
            package: package.clone(),
            features: Vec::new(),
        },
        model::Image::Make(folder) => Image::Make(folder.clone()),
        model::Image::Elf(file) => Image::Elf(file.clone()),
        model::Image::Bin(file) => Image::Bin(file.clone()),
        model::Image::Debian {
            package,
            initramfs,
            command_line,
        } => Image::Debian {
            package: package.clone(),
            initramfs: initramfs.clone(),
            command_line: command_line.clone(),
        },
        model::Image::Loader {
            package,
            file,
            command_line,
        } => Image::Loader {
            package: package.clone(),
            file: file.clone(),
            command_line: command_line.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Wishes;

    #[test]
    fn the_cockpit_is_planned_as_it_is_described() {
        let repository = Repository::locate(Wishes::default()).unwrap();
        let file = repository.root().join("examples/cockpit/system.yaml");
        let plan = plan(&repository, &file, false).unwrap();
        assert_eq!(plan.name, "cockpit");
        assert_eq!(plan.consoles, ["linux", "cluster"]);
        assert_eq!((plan.flash.size, plan.flash.table), (64 << 20, 1 << 20));
        assert_eq!(
            (plan.machine.cores, plan.machine.memory.len().get()),
            (2, 2 << 30)
        );
        assert!(plan.firmware.join("Cargo.toml").is_file());
        assert!(plan.device_tree.is_file());
        let [cluster, linux] = &plan.partitions[..] else {
            panic!("{:?}", plan.partitions);
        };
        assert_eq!((cluster.index, linux.index), (0, 1));
        assert_eq!(
            (cluster.cores.as_slice(), linux.cores.as_slice()),
            (&[0][..], &[0, 1][..])
        );
        assert_eq!(linux.console, Some(0x0900_0000));
        assert!(linux.hands_page_on() && !cluster.hands_page_on());
        assert_eq!(linux.ram.start().get(), 0x4000_0000);
        assert!(
            matches!(&linux.image, Image::Debian { package, .. } if package == "linux-image-cloud-arm64")
        );
    }

    #[test]
    fn a_refused_description_comes_with_its_places() {
        let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
        let repository = Repository::locate(Wishes::default()).unwrap();
        std::fs::write(file.path(), "cofferdam: 1\nboard: nowhere\n").unwrap();
        let error = plan(&repository, file.path(), false).unwrap_err();
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}
