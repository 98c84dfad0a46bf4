//! The supervisor timer, which the monitor sets (SBI, TIME).

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU64, Ordering};

use super::call::sbi;
use super::interrupt::InterruptId;

/// The timer's interrupt.
pub const TIMER_INTERRUPT: InterruptId = InterruptId::Timer;

const TIME: u64 = 0x5449_4d45;

unsafe extern "C" {
    /// Ticks of `time` a second.
    static cofferdam_timebase: u64;
}

// The value of a symbol that `memory.x` defines, from the board's description: no address, and so in no instruction's reach.
global_asm!(
    ".pushsection .rodata.cofferdam_timebase, \"a\"",
    ".balign 8",
    "cofferdam_timebase: .quad __timebase",
    ".popsection",
);

/// The system counter, in ticks.
pub fn now() -> u64 {
    let ticks;
    // SAFETY: reads a counter. Not `nomem`: it must not move over what it times.
    unsafe { asm!("rdtime {}", out(reg) ticks, options(nostack)) };
    ticks
}

/// Ticks of the system counter a second.
pub fn frequency() -> u64 {
    // SAFETY: a constant.
    unsafe { cofferdam_timebase }
}

/// The timer that releases a periodic task without drift.
pub struct PeriodicTimer {
    period: AtomicU64,
    next: AtomicU64,
}

impl PeriodicTimer {
    /// A timer that is not running.
    pub const fn new() -> Self {
        Self {
            period: AtomicU64::new(0),
            next: AtomicU64::new(u64::MAX),
        }
    }

    /// Starts it with a period in ticks, and answers the time of the first release.
    pub fn start(&self, period: u64) -> u64 {
        let first_release = now().wrapping_add(period);
        self.period.store(period, Ordering::Relaxed);
        self.set(first_release);
        first_release
    }

    /// Takes one release: sets the timer to the next and answers how many ticks ago this one was.
    /// `None` where none was due. For the handler of [`TIMER_INTERRUPT`], as its first step.
    ///
    /// The next release counts from this one, not from now. Where several were missed, the
    /// interrupt stays pending and each is taken in turn.
    pub fn take_release(&self) -> Option<u64> {
        let release = self.next.load(Ordering::Relaxed);
        let latency = now().checked_sub(release)?;
        self.set(release.wrapping_add(self.period.load(Ordering::Relaxed)));
        Some(latency)
    }

    fn set(&self, at: u64) {
        self.next.store(at, Ordering::Relaxed);
        // It cannot be refused: every time is one.
        let _set = sbi(TIME, 0, [at, 0, 0, 0, 0, 0]);
    }
}

impl Default for PeriodicTimer {
    fn default() -> Self {
        Self::new()
    }
}
