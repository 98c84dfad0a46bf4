//! The kernel's tick, from the Secure physical timer.
//!
//! Kernel tick n is at `origin + n * period` of the system counter, exactly: a late interrupt does not
//! move the ticks after it, and none is lost, since each that is due is taken in turn.

use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_partition::time::{self, PeriodicTimer};

/// Ticks a second; `configTICK_RATE_HZ`.
pub const RATE: u64 = 1_000;

static TIMER: PeriodicTimer = PeriodicTimer::new();
/// Counter value of tick 0, which is not an interrupt: the scheduler starts there.
static ORIGIN: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" {
    /// The port's handler of the tick.
    fn FreeRTOS_Tick_Handler();
}

/// One tick, in ticks of the system counter.
pub fn period() -> u64 {
    time::frequency() / RATE
}

/// When a tick is, or was, due. Holds once the scheduler has started.
pub fn time_of(tick: u64) -> u64 {
    let after_origin = tick.wrapping_mul(period());
    ORIGIN.load(Ordering::Relaxed).wrapping_add(after_origin)
}

/// Starts the ticks; the first comes one period from now.
pub fn start() {
    let first = TIMER.start(period());
    ORIGIN.store(first.wrapping_sub(period()), Ordering::Relaxed);
}

/// Handler of the Secure timer. A tick that was not due must not count: the releases of all tasks
/// are computed from the number of ticks.
pub fn on_timer() {
    if TIMER.take_release().is_some() {
        // SAFETY: called as the port asks for: from its interrupt handler, at the tick's priority,
        // with interrupts masked and the source cleared.
        unsafe { FreeRTOS_Tick_Handler() }
    }
}
