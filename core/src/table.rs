//! The system as the build fixed it: what the generator writes and the monitor reads.
//!
//! Every number here passed the checks of the host's validator. The monitor relies on them (an index
//! is in range, regions do not overlap) and says where.

use crate::ids::{CoreId, CoreSet, PartitionId, Slot};
use crate::region::{Region, containing};

/// What is done when a partition crashes, hangs, resets or powers off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The partition stops; the others go on.
    Stop,
    /// The partition is loaded afresh and started.
    Restart,
    /// The board's outputs are put into their safe state and the partition stops.
    SafeState,
}

/// Who has the floating-point and SIMD registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fpu {
    /// They follow the partition that uses them, at its first use after a switch.
    Lazy,
    /// They are switched with everything else.
    Eager,
    /// One partition has them; the others get an undefined instruction.
    Exclusive(PartitionId),
}

/// A periodic deadline: job `k` is to be reported within `within` of its release `start + k * period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Counter ticks from release to release.
    pub period: u64,
    /// Counter ticks from release to completion.
    pub within: u64,
}

/// Time that a critical partition may take of its core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Counter ticks it may run in each period.
    pub time: u64,
    /// Counter ticks.
    pub period: u64,
}

/// A limit on silence: no sign of life for so long is a hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchdog {
    /// Counter ticks.
    pub after: u64,
    /// What is done then.
    pub policy: Policy,
}

/// The state of a core in which a partition is entered: at its start, and on each core that it turns on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// At the higher of the two levels that its world has (EL2 for Linux).
    pub hypervisor: bool,
    /// In the 32-bit state of a 64-bit architecture.
    pub aarch32: bool,
    /// Its data are big-endian.
    pub big_endian: bool,
}

impl Entry {
    /// At the lower level, 64-bit, little-endian: that of a slot without a partition, too.
    pub const PLAIN: Self = Self {
        hypervisor: false,
        aarch32: false,
        big_endian: false,
    };
}

/// One partition.
#[derive(Clone, Copy, Debug)]
pub struct Partition {
    /// As in the system description, for the log.
    pub name: &'static str,
    /// Which place it takes on its cores.
    pub slot: Slot,
    /// Where it starts.
    pub boot: CoreId,
    /// Where it may run, `boot` among them.
    pub cores: CoreSet,
    /// Its own memory.
    pub memory: &'static [Region],
    /// Interrupts that it owns, as the interrupt controller numbers them.
    pub interrupts: &'static [u32],
    /// The state in which it is entered.
    pub entry: Entry,
    /// Whether it may turn its caches on.
    pub caches: bool,
    /// What happens when it crashes.
    pub on_crash: Policy,
    /// What happens when it asks for a reset.
    pub on_reset: Policy,
    /// What happens when it asks to be powered off.
    pub on_power_off: Policy,
    /// When silence is a hang.
    pub on_hang: Option<Watchdog>,
    /// What the monitor holds it to.
    pub deadline: Option<Deadline>,
    /// How much of its core it may take.
    pub budget: Option<Budget>,
}

impl Partition {
    /// Whether all of `size` bytes from `start` are the partition's own memory.
    pub fn owns(&self, start: u64, size: u64) -> bool {
        Region::from_raw(start, size).is_ok_and(|inner| containing(self.memory, inner).is_some())
    }
}

/// One core of the board.
#[derive(Clone, Copy, Debug)]
pub struct Core {
    /// The number by which the hardware knows it (MPIDR affinity, hart id).
    pub hardware_id: u64,
    /// The partition in its critical slot.
    pub critical: Option<PartitionId>,
    /// The partition in its rich slot.
    pub rich: Option<PartitionId>,
}

/// A shared interrupt that a hook of the user's handles.
#[derive(Clone, Copy, Debug)]
pub struct Hooked {
    /// As the interrupt controller numbers it.
    pub interrupt: u32,
    /// Where it goes.
    pub core: CoreId,
}

/// The whole system.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// Critical partitions first.
    pub partitions: &'static [Partition],
    /// All cores of the board; the first one boots the monitor.
    pub cores: &'static [Core],
    /// Interrupts of the monitor's own, by the numbers of their hooks.
    pub hooked: &'static [Hooked],
    /// Floating point.
    pub fpu: Fpu,
    /// Bytes of the smallest instruction: where one can begin is a multiple.
    pub instruction: u64,
}

impl System {
    /// The partition, if there is one with this number.
    pub fn partition(&self, id: PartitionId) -> Option<&'static Partition> {
        self.partitions.get(id.index())
    }

    /// The partition in a slot of a core.
    pub fn occupant(&self, core: CoreId, slot: Slot) -> Option<PartitionId> {
        let core = self.cores.get(core.index())?;
        match slot {
            Slot::Critical => core.critical,
            Slot::Rich => core.rich,
        }
    }

    /// The core that the hardware knows by this number.
    pub fn core_by_hardware_id(&self, id: u64) -> Option<CoreId> {
        let index = self.cores.iter().position(|core| core.hardware_id == id)?;
        u8::try_from(index).ok().map(CoreId)
    }
}

/// Ticks of a counter of `hz` in so many nanoseconds, rounded up: a limit by it is never above what was said.
pub const fn interval(hz: u64, nanoseconds: u64) -> u64 {
    let down = ticks(hz, nanoseconds);
    let exact = nanoseconds as u128 * hz as u128 == down as u128 * 1_000_000_000;
    if exact { down } else { down + 1 }
}

/// Ticks of a counter of `hz` in so many nanoseconds, rounded down.
pub const fn ticks(hz: u64, nanoseconds: u64) -> u64 {
    let ticks = nanoseconds as u128 * hz as u128 / 1_000_000_000;
    assert!(ticks <= u64::MAX as u128, "a time beyond the counter");
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let ticks = ticks as u64;
    ticks
}
