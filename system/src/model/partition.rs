//! One partition, resolved.

use std::path::PathBuf;
use std::time::Duration;

use cofferdam_core::region::{PhysAddr, Region};

use super::{BankId, CoreId, DeviceId, PartitionId};
use crate::arch::{Endianness, Level, State, World};
use crate::fields::Word;

/// A partition.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Its number.
    pub id: PartitionId,
    /// Its name.
    pub name: String,
    /// How critical it is.
    pub criticality: Criticality,
    /// The world it lives in, where there are worlds.
    pub world: Option<World>,
    /// What runs in it.
    pub image: Image,
    /// Its line in the system file.
    pub line: usize,
    /// How it is entered.
    pub entry: Entry,
    /// Where it runs.
    pub cores: Cores,
    /// What moves it to another of its cores, of which it then has one at a time. Default: nothing.
    pub migration: Option<Migration>,
    /// Whether it runs with caches.
    pub caches: Caches,
    /// Its memory, `ram` first: that is where its image goes.
    pub memory: Vec<Memory>,
    /// Its devices.
    pub devices: Vec<DeviceId>,
    /// When its jobs must be done; the monitor counts misses.
    pub deadline: Option<Deadline>,
    /// How much of the core it may take from those that it preempts.
    pub budget: Option<Budget>,
    /// What a crash leads to. Default: stop.
    pub on_crash: Policy,
    /// When it counts as hung, and what that leads to. Default: undetected.
    pub on_hang: Option<Hang>,
    /// What its wish to reset leads to. Default: restart.
    pub on_reset: Policy,
    /// What its wish to power off leads to. Default: stop.
    pub on_power_off: Policy,
}

impl Partition {
    /// Whether it preempts the others on its cores.
    pub fn is_critical(&self) -> bool {
        self.criticality.is_critical()
    }

    /// The memory that its image goes to.
    pub fn ram(&self) -> Option<&Memory> {
        self.memory.first()
    }
}

/// Automotive safety integrity levels (ISO 26262), the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criticality {
    /// Quality managed: not trusted by anything above it.
    Qm,
    /// ASIL A.
    AsilA,
    /// ASIL B.
    AsilB,
    /// ASIL C.
    AsilC,
    /// ASIL D.
    AsilD,
}

impl Criticality {
    /// Whether deadlines count.
    pub const fn is_critical(self) -> bool {
        !matches!(self, Self::Qm)
    }

    /// Its name in the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qm => "QM",
            Self::AsilA => "ASIL-A",
            Self::AsilB => "ASIL-B",
            Self::AsilC => "ASIL-C",
            Self::AsilD => "ASIL-D",
        }
    }
}

impl Word for Criticality {
    const WHAT: &'static str = "a criticality";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("QM", Self::Qm),
        ("ASIL-A", Self::AsilA),
        ("ASIL-B", Self::AsilB),
        ("ASIL-C", Self::AsilC),
        ("ASIL-D", Self::AsilD),
    ];
}

/// What runs in a partition. Paths are resolved against the folder of the system file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// A Rust package that is built.
    Cargo(PathBuf),
    /// A folder with a Makefile that builds an ELF file.
    Make(PathBuf),
    /// An ELF file.
    Elf(PathBuf),
    /// Bytes, entered at their first.
    Bin(PathBuf),
    /// A Debian kernel package.
    Debian {
        /// Name of the package.
        package: String,
        /// A folder that becomes the initial RAM file system.
        initramfs: Option<PathBuf>,
        /// The kernel's command line.
        command_line: String,
    },
    /// A boot loader in a Debian package.
    Loader {
        /// Name of the package.
        package: String,
        /// The file in it: bytes, entered at their first, wherever they lie.
        file: String,
        /// The command line that it hands on.
        command_line: String,
    },
}

/// How a partition is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Address of the first instruction. Default: what an ELF file says, or the first byte.
    pub at: Option<PhysAddr>,
    /// Exception level.
    pub level: Level,
    /// Execution state. Default: 64-bit.
    pub state: State,
    /// Byte order. Default: little.
    pub endianness: Endianness,
}

/// Where a partition runs. No core is listed twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cores {
    /// The core that it starts on; one of the others.
    pub boot: CoreId,
    /// Cores that another partition has too.
    pub shared: Vec<CoreId>,
    /// Cores that it has alone.
    pub own: Vec<CoreId>,
}

impl Cores {
    /// All of them, shared ones first.
    pub fn all(&self) -> impl Iterator<Item = CoreId> + '_ {
        self.shared.iter().chain(&self.own).copied()
    }
}

/// What moves a critical partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its own call.
    pub call: bool,
    /// The rich partition's turning its core off.
    pub power_down: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveBy {
    /// [`Migration::call`].
    Call,
    /// [`Migration::power_down`].
    PowerDown,
}

impl Word for MoveBy {
    const WHAT: &'static str = "what moves a partition";
    const WORDS: &'static [(&'static str, Self)] =
        &[("call", Self::Call), ("power_down", Self::PowerDown)];
}

/// Whether a partition runs with caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caches {
    /// Yes.
    On,
    /// No: slower, more predictable.
    Off,
}

impl Word for Caches {
    const WHAT: &'static str = "a cache setting";
    const WORDS: &'static [(&'static str, Self)] = &[("on", Self::On), ("off", Self::Off)];
}

/// A piece of a partition's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Its name.
    pub name: String,
    /// The bank that it is in.
    pub bank: BankId,
    /// Where it is.
    pub region: Region,
}

/// When the jobs of a periodic task must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Job k is released at start + k periods.
    pub period: Duration,
    /// It must be reported done within this time of its release.
    pub within: Duration,
}

/// How much of a shared core a critical partition may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// So much...
    pub time: Duration,
    /// ...in each of these.
    pub period: Duration,
}

/// What an event of a partition leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It stops for good.
    Stop,
    /// It starts anew from its pristine image.
    Restart,
    /// The outputs that the board names are set, and it stops.
    SafeState,
}

impl Policy {
    /// Its name in the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::SafeState => "safe_state",
        }
    }
}

impl Word for Policy {
    const WHAT: &'static str = "a policy";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("stop", Self::Stop),
        ("restart", Self::Restart),
        ("safe_state", Self::SafeState),
    ];
}

/// When a partition counts as hung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hang {
    /// So long without a sign of life.
    pub after: Duration,
    /// What it leads to.
    pub then: Policy,
}
