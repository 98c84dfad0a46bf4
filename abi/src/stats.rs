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
}

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
