//! Pages of counters that [`crate::call::Call::Stats`] answers, one `u64` a register, x1 first.
//!
//! Times are in ticks of the system counter (CNTFRQ_EL0 says how many a second).

/// Page 0, of a partition on a core: state, time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Page {
    /// x1: state ([`State`]), x2: 0, x3: ticks that it held this core, up to the last switch,
    /// x4: ticks since the monitor started, x5: times it was started.
    Time = 0,
    /// Critical partitions. x1: jobs reported, x2: deadlines missed by the monitor's own count,
    /// x3: worst completion after release in ticks, x4: periods in which the budget was spent.
    Deadlines = 1,
    /// Where `features: profiling` is on, as the next ones. Of the slot that this partition has on this core. x1: times that the
    /// core came to it from the other slot; x2: ticks that somebody else had the core: the monitor's handlers, and, of a rich
    /// partition, the critical one; x3: delays, x4: the longest, in ticks. A delay of a critical partition is the time from the
    /// expiry of its timer to the end of the switch to it; of a rich one, that between leaving it and the end of the switch back.
    /// x5: calls that the monitor answered, but for PSCI_VERSION, which no handler sees; x6: their ticks; x7: the longest.
    Profile = 2,
    /// Histograms alone, as the next ones. Delays of less than 1, 2, 4, .. 64 ticks, each counted once.
    Delays = 3,
    /// Of less than 128, .. 4096 ticks; the last word: of all others.
    LongDelays = 4,
    /// Calls, as [`Self::Delays`].
    Calls = 5,
    /// Calls, as [`Self::LongDelays`].
    LongCalls = 6,
}

/// Of a histogram: the first one of [`Page::Delays`] counts 0, each further one twice as long times as the one before it.
pub const BUCKETS: usize = 14;

/// State of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum State {
    /// Not started, or stopped for good.
    Stopped = 0,
    /// Its images are being copied and checked.
    Loading = 1,
    /// Runs on at least one core.
    Running = 2,
    /// Its cores are being recalled, to stop or to restart it.
    Recalling = 3,
}
