//! The task that does services for Linux, by `kernel/checksum.c`.

use crate::kernel::{self, Running};

/// Ticks from turn to turn.
const TURN: u64 = 5;

unsafe extern "C" {
    fn freertos_serve() -> bool;
}

/// The task.
pub fn run(running: &Running) -> ! {
    loop {
        // SAFETY: calls of the monitor, and reads of the caller's memory, which start-up mapped; this task alone serves.
        while unsafe { freertos_serve() } {}
        kernel::delay(running, TURN);
    }
}
