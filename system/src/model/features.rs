//! What the monitor does besides separating.

use std::time::Duration;

use super::{CoreId, DeviceId, Partition, PartitionId, System};
use crate::fields::Word;

/// All features, with defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// How floating-point registers change hands. Default: lazy.
    pub fpu: Fpu,
    /// When the monitor tests itself.
    pub self_tests: SelfTests,
    /// The periodic check of the monitor's invariants. Default: none.
    pub health_monitor: Option<HealthMonitor>,
    /// What is counted. Default: none.
    pub profiling: Profiling,
    /// Where the monitor's records go.
    pub log: Log,
}

/// How floating-point registers change hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fpu {
    /// At the first use after a switch.
    Lazy,
    /// At every switch.
    Eager,
    /// Only this partition has them.
    Exclusive(PartitionId),
}

/// When the monitor tests itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfTests {
    /// Before any partition starts. Default: yes.
    pub at_boot: bool,
    /// Whether the description has `self_tests:`. If not, only what every system tests is tested.
    pub asked_for: bool,
    /// With the health monitor's period. Default: no.
    pub periodic: bool,
    /// What a failed test does. Default: the safe state where the board has one, else stop.
    pub on_failure: Failure,
}

/// What a broken monitor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Sets the outputs that the board names, then stops.
    SafeState,
    /// Stops all cores.
    Stop,
}

impl Word for Failure {
    const WHAT: &'static str = "an answer to a failed self-test";
    const WORDS: &'static [(&'static str, Self)] =
        &[("safe_state", Self::SafeState), ("stop", Self::Stop)];
}

/// The periodic check of the monitor's invariants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthMonitor {
    /// How often.
    pub period: Duration,
    /// What a wrong value does.
    pub on_fault: OnFault,
}

/// What a wrong value does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFault {
    /// Writes the right one, and records it.
    Repair,
    /// Sets the outputs that the board names, then stops.
    SafeState,
    /// Stops all cores.
    Stop,
}

impl Word for OnFault {
    const WHAT: &'static str = "an answer to a fault";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("repair", Self::Repair),
        ("safe_state", Self::SafeState),
        ("stop", Self::Stop),
    ];
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profiling {
    /// Nothing beyond what accounting needs.
    None,
    /// Sums.
    Counters,
    /// Distributions.
    Histograms,
}

impl Word for Profiling {
    const WHAT: &'static str = "a profiling level";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("counters", Self::Counters),
        ("histograms", Self::Histograms),
    ];
}

/// Where the monitor's records go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// What is recorded. Default: info.
    pub level: LogLevel,
    /// The UART on which the monitor says how it ended. Default: none, and it says nothing.
    pub device: Option<DeviceId>,
    /// Bytes of the ring in the monitor's RAM, a power of two; 32 to a record. Default: 16 KiB.
    pub ring: u64,
}

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// What stops something.
    Error,
    /// What deserves a look.
    Warn,
    /// Life-cycle changes.
    Info,
    /// Everything.
    Debug,
}

impl Word for LogLevel {
    const WHAT: &'static str = "a log level";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
    ];
}

/// Where the health monitor makes its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driver {
    /// The core; all of a critical partition's that moves among them.
    pub cores: Vec<CoreId>,
    /// Where a critical partition's reports of finished jobs are the only times at which the monitor has the core by
    /// itself: the longest time between two of them while it keeps its deadlines.
    pub gap: Option<Duration>,
}

impl Driver {
    /// Of a system: the first core whose timer is the monitor's; else the boot core of the first critical partition
    /// that reports jobs. None if there is neither.
    pub fn of(system: &System) -> Option<Self> {
        let taken = |core: CoreId| system.on_core(core).any(Partition::is_critical);
        if let Some(core) = system.board.core_ids().find(|core| !taken(*core)) {
            return Some(Self {
                cores: vec![core],
                gap: None,
            });
        }
        system.partitions.iter().find_map(|partition| {
            let (deadline, cores) = (partition.deadline?, &partition.cores);
            Some(Self {
                cores: match partition.migration {
                    Some(_) => cores.all().collect(),
                    None => vec![cores.boot],
                },
                gap: Some(deadline.period + deadline.within),
            })
        })
    }
}
