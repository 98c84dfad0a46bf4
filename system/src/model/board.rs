//! The facts of a piece of hardware, checked.

use std::path::PathBuf;

use cofferdam_core::region::{PhysAddr, Region};

use super::{BankId, CoreId, DeviceId};
pub use crate::arch::Interrupt;
use crate::arch::{Arch, Controller, DeviceKind, World};
use crate::source::Place;

/// A board.
#[derive(Clone, Debug)]
pub struct Board {
    /// Its name, which is that of its folder.
    pub name: String,
    /// The file that says so; linker template and crate lie beside it.
    pub file: PathBuf,
    /// What it is.
    pub arch: Arch,
    /// What kind of core, as the emulator and the compiler call it.
    pub core_model: String,
    /// The cores by [`CoreId`], each with its hardware number.
    pub cores: Vec<HardwareId>,
    /// How many of a core's entries that protect memory the monitor can use, where cores have such.
    pub protection_entries: usize,
    /// The interrupt controller.
    pub controller: Controller,
    /// Memory by [`BankId`].
    pub banks: Vec<Bank>,
    /// Devices by [`DeviceId`].
    pub devices: Vec<Device>,
    /// What the monitor has for itself.
    pub monitor: MonitorMemory,
    /// Interrupts that no device has: channels call their rich ends by them.
    pub doorbells: Vec<Interrupt>,
    /// The outputs that stop the machine safely, in the order in which they are set.
    pub safe_state: Vec<SafePin>,
    /// How it is emulated, if it can be.
    pub emulator: Option<Emulator>,
    pub(crate) controller_place: Place,
}

impl Board {
    /// A device by its id.
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(id.index())
    }

    /// A device by its name.
    pub fn device_named(&self, name: &str) -> Option<(DeviceId, &Device)> {
        let index = self.devices.iter().position(|d| d.name == name)?;
        Some((DeviceId::new(index), self.devices.get(index)?))
    }

    /// A bank by its id.
    pub fn bank(&self, id: BankId) -> Option<&Bank> {
        self.banks.get(id.index())
    }

    /// A bank by its name.
    pub fn bank_named(&self, name: &str) -> Option<(BankId, &Bank)> {
        let index = self.banks.iter().position(|b| b.name == name)?;
        Some((BankId::new(index), self.banks.get(index)?))
    }

    /// All cores.
    pub fn core_ids(&self) -> impl Iterator<Item = CoreId> + use<> {
        (0..self.cores.len()).map(CoreId::new)
    }
}

/// How the hardware numbers a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HardwareId(pub u64);

/// What a bank is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankKind {
    /// Read-only at run time.
    Flash,
    /// Read and write.
    Ram,
}

/// A bank of memory.
#[derive(Clone, Debug)]
pub struct Bank {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub kind: BankKind,
    /// Where it is.
    pub region: Region,
    /// The worlds whose accesses the hardware lets through; none where there are no worlds.
    pub worlds: Vec<World>,
    pub(crate) place: Place,
}

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: DeviceKind,
    /// Its registers; none for what is part of the core.
    pub region: Option<Region>,
    /// How many alike lie side by side in `region`.
    pub count: u32,
    /// Its interrupts; the n-th is that of the n-th of `count`.
    pub interrupts: Vec<Interrupt>,
    /// The worlds that may own it; none where there are no worlds.
    pub worlds: Vec<World>,
    /// The memory that it can read and write by itself; none if it is no bus master.
    pub reaches: Option<Reach>,
    pub(crate) place: Place,
}

/// What a bus master can read and write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Memory of these worlds: the bus carries the world with each access.
    Worlds(Vec<World>),
    /// All memory, the monitor's too: nothing stops it.
    All,
}

/// What the monitor has for itself.
#[derive(Clone, Debug)]
pub struct MonitorMemory {
    /// Its code and constants.
    pub flash: Region,
    /// The bank that `flash` is in.
    pub flash_bank: BankId,
    /// Its data and stacks.
    pub ram: Region,
    /// The bank that `ram` is in.
    pub ram_bank: BankId,
    /// The table of images (`cofferdam_abi::image`): right behind `flash`.
    pub image_table: PhysAddr,
    /// Where the images lie: behind the table, to the end of the bank.
    pub images: Region,
    /// The timer that only the monitor uses.
    pub timer: Option<DeviceId>,
    pub(crate) flash_place: Place,
    pub(crate) ram_place: Place,
    pub(crate) timer_place: Option<Place>,
}

/// One output and its safe value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafePin {
    /// The device that drives it.
    pub device: DeviceId,
    /// Number of the pin.
    pub pin: u32,
    /// Its safe value.
    pub high: bool,
    pub(crate) place: Place,
}

/// How the board is emulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emulator {
    /// The `-machine` of the emulator.
    pub machine: String,
    /// The banks of equal size that the monitor's flash is made of there; 0 for a machine that takes it by `-bios`.
    pub flash_banks: u32,
    /// Bytes of its RAM, from the start of the largest bank on, where there is more than that bank. If the monitor's flash is in it, the
    /// emulator does what a boot stage does: it fills it and has all cores start there.
    pub memory: Option<u64>,
}
