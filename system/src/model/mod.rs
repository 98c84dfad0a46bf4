//! A system that passed every check, as plain data: what generators, emulators and reports read.
//!
//! Only the checks of this crate make a [`System`]. All names are resolved: a partition holds
//! indices of the board's devices and banks, and every region has its address. The order of
//! partitions is the order of their ids, critical ones first, then as in the file.

mod board;
mod channel;
mod features;
mod hook;
mod partition;
mod service;

use std::path::PathBuf;

pub use crate::arch::Controller;
pub use board::{
    Bank, BankKind, Board, Device, Emulator, HardwareId, Interrupt, MonitorMemory, Reach, SafePin,
};
pub use channel::{Accept, Channel, Checksum, Doorbells, End, Mac, Neighbour};
pub use features::{
    Driver, Failure, Features, Fpu, HealthMonitor, Log, LogLevel, OnFault, Profiling, SelfTests,
};
pub use hook::{Hook, HookPoint, Hooked};
pub use partition::{
    Budget, Caches, Cores, Criticality, Deadline, Entry, Hang, Image, Memory, Migration, MoveBy,
    Partition, Policy,
};
pub use service::{
    Access, Convention, Handler, Kind, Language, Limit, Parameter, Region, RegionSize, SUBMITTED,
    Scalar, Service, ServiceRange,
};

macro_rules! index {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(usize);

        impl $name {
            pub(crate) const fn new(index: usize) -> Self {
                Self(index)
            }

            /// The number.
            pub const fn index(self) -> usize {
                self.0
            }
        }
    };
}

index! {
    /// A partition: its place in [`System::partitions`], and its number in the monitor.
    PartitionId
}
index! {
    /// A core: its place in [`Board::cores`].
    CoreId
}
index! {
    /// A device: its place in [`Board::devices`].
    DeviceId
}
index! {
    /// A bank of memory: its place in [`Board::banks`].
    BankId
}

/// A checked system on its board.
#[derive(Clone, Debug)]
pub struct System {
    /// The system file.
    pub file: PathBuf,
    /// All files that were read; a build is stale when one changes.
    pub files: Vec<PathBuf>,
    /// The hardware.
    pub board: Board,
    /// What the monitor does besides separating.
    pub features: Features,
    /// Critical ones first.
    pub partitions: Vec<Partition>,
    /// What the user added to the monitor's calls, as in the file.
    pub services: Vec<Service>,
    /// Links between partitions, as in the file.
    pub channels: Vec<Channel>,
    /// The user's own code at interrupts and switches.
    pub hooks: Vec<Hook>,
}

impl System {
    /// The partition that owns a device.
    pub fn owner(&self, device: DeviceId) -> Option<&Partition> {
        self.partitions.iter().find(|p| p.devices.contains(&device))
    }

    /// The partitions that run on a core, critical ones first.
    pub fn on_core(&self, core: CoreId) -> impl Iterator<Item = &Partition> {
        self.partitions
            .iter()
            .filter(move |p| p.cores.all().any(|c| c == core))
    }

    /// The channels that a partition is an end of, with its end.
    pub fn channels<'a>(
        &'a self,
        partition: &'a Partition,
    ) -> impl Iterator<Item = (&'a Channel, &'a End)> {
        let all = self.channels.iter();
        all.filter_map(|channel| Some((channel, channel.end(partition.id)?)))
    }

    /// The interrupt that tells a partition that a request of its is done: one for each that has services of another
    /// partition to call, of the board's behind those of the channels. None if there are no more: it polls.
    pub fn completion(&self, caller: PartitionId) -> Option<Interrupt> {
        let asks = |caller: PartitionId| {
            let mut services = self.services.iter();
            services.any(|it| it.partition().is_some() && it.callers.contains(&caller))
        };
        let callers = self.partitions.iter().map(|it| it.id);
        let free = self.board.doorbells.iter().skip(self.channels.len());
        let mut told = callers.filter(|it| asks(*it)).zip(free);
        told.find(|(id, _)| *id == caller).map(|(_, it)| *it)
    }

    /// The devices of a partition.
    pub fn devices<'a>(&'a self, partition: &'a Partition) -> impl Iterator<Item = &'a Device> {
        partition
            .devices
            .iter()
            .filter_map(|id| self.board.device(*id))
    }
}
