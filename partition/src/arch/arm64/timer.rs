//! The Secure physical timer (CNTPS), which EL3 leaves to Secure EL1 by SCR_EL3.ST.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use arm_gic::IntId;
use arm_sysregs::el0::accessors::{read_cntfrq_el0, read_cntpct_el0};
use arm_sysregs::el1::accessors::{read_cntps_cval_el1, write_cntps_ctl_el1, write_cntps_cval_el1};
use arm_sysregs::el1::registers::{CntpsCtlEl1, CntpsCvalEl1};

/// The timer's interrupt: PPI 13 by the Base System Architecture.
pub const TIMER_INTERRUPT: IntId = IntId::ppi(13);

/// The system counter, in ticks.
pub fn now() -> u64 {
    barrier();
    read_cntpct_el0().bits()
}

/// Ticks of the system counter a second.
pub fn frequency() -> u64 {
    read_cntfrq_el0().bits()
}

/// The timer that releases a periodic task without drift.
pub struct PeriodicTimer {
    period: AtomicU64,
}

impl PeriodicTimer {
    /// A timer that is not running.
    pub const fn new() -> Self {
        Self {
            period: AtomicU64::new(0),
        }
    }

    /// Starts it with a period in ticks, and answers the time of the first release.
    pub fn start(&self, period: u64) -> u64 {
        let first_release = now().wrapping_add(period);
        self.period.store(period, Ordering::Relaxed);
        write_cntps_cval_el1(CntpsCvalEl1::from_bits_retain(first_release));
        write_cntps_ctl_el1(CntpsCtlEl1::ENABLE);
        barrier();
        first_release
    }

    /// Takes one release: sets the timer to the next and answers how many ticks ago this one was.
    /// `None` where none was due. For the handler of [`TIMER_INTERRUPT`], as its first step.
    ///
    /// The next release counts from this one, not from now. Where several were missed, the
    /// interrupt stays pending and each is taken in turn.
    pub fn take_release(&self) -> Option<u64> {
        let now = read_cntpct_el0().bits();
        let release = read_cntps_cval_el1().bits();
        let latency = now.checked_sub(release)?;
        let next = release.wrapping_add(self.period.load(Ordering::Relaxed));
        write_cntps_cval_el1(CntpsCvalEl1::from_bits_retain(next));
        // The timer's output must have fallen before the interrupt is ended, or it comes again.
        barrier();
        Some(latency)
    }
}

impl Default for PeriodicTimer {
    fn default() -> Self {
        Self::new()
    }
}

/// Stops the timer, which a restarted partition may find running.
pub(super) fn stop() {
    write_cntps_ctl_el1(CntpsCtlEl1::empty());
    barrier();
}

fn barrier() {
    // SAFETY: a barrier has no other effect.
    unsafe { asm!("isb", options(nostack, preserves_flags)) }
}
