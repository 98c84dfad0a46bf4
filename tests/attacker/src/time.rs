//! The system counter.

use crate::register::read;

/// Ticks a second, as the monitor set them.
pub fn frequency() -> u64 {
    read!("cntfrq_el0").unwrap_or(1)
}

/// Ticks now.
pub fn now() -> u64 {
    // SAFETY: a barrier, so that the counter is not read early.
    unsafe { core::arch::asm!("isb", options(nostack)) };
    read!("cntpct_el0").unwrap_or(0)
}

/// Ticks of so many milliseconds.
pub fn milliseconds(count: u64) -> u64 {
    frequency() * count / 1_000
}

/// Lets another core of the emulator run: one that spins keeps the others from it.
pub fn relax() {
    // SAFETY: a hint.
    unsafe { core::arch::asm!("yield", options(nomem, nostack)) };
}

/// Waits until `done` or so many milliseconds are over. Answers whether it was done.
pub fn wait_until(within: u64, done: impl Fn() -> bool) -> bool {
    let end = now() + milliseconds(within);
    while now() < end {
        if done() {
            return true;
        }
        relax();
    }
    done()
}

/// Waits so many milliseconds.
pub fn wait(count: u64) {
    wait_until(count, || false);
}
