//! The partition's console: a PL011 of its own on arm64, the monitor's debug console on riscv64. Nothing waits for it.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::arch;
pub use crate::arch::Console;
pub(crate) use crate::arch::of_panic;
use crate::hardware::Hardware;

/// The partition's console, for the first who asks.
pub fn take(hardware: &Hardware) -> Option<Console> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let free = !TAKEN.swap(true, Ordering::Relaxed);
    free.then(|| arch::console_of(hardware)).flatten()
}
