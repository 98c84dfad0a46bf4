//! The routines of `measured.S`, which both payloads have.

use core::arch::global_asm;

use cofferdam_partition::time::now;

global_asm!(
    include_str!("measured.S"),
    EXTENSION = const cofferdam_abi::call::SBI_EXTENSION,
);

unsafe extern "C" {
    fn empty_call();
    fn time_read();
    fn timer_to_handler();
    fn expiry_to_handler(at: u64);
    fn ipi_to_handler();
    fn illegal_reflect();
    fn service_call();
    fn service_region(start: u64, len: u64);
    fn service_limit();
}

/// Repetitions of a measurement: what else the hart does falls between some.
const REPETITIONS: usize = 32;
/// Ticks until a timer expires, by when the routine waits for it.
const SOON: u64 = 20;

/// What it lends.
static MESSAGE: [u64; 8] = [0; 8];

/// All that a partition can do by itself. `illegal`: instructions that there are not, too.
pub fn all(illegal: bool) {
    for _ in 0..REPETITIONS {
        // SAFETY: reads a number.
        unsafe { empty_call() };
        // SAFETY: reads a counter.
        unsafe { time_read() };
        // SAFETY: takes its own interrupt by its own vector, and leaves both as they were.
        unsafe { timer_to_handler() };
        // SAFETY: as above.
        unsafe { expiry_to_handler(now() + SOON) };
        // SAFETY: as above; hart 0 is this one.
        unsafe { ipi_to_handler() };
        // SAFETY: does nothing; where there is no such service, it is refused.
        unsafe { service_call() };
        let message = MESSAGE.as_ptr().expose_provenance() as u64;
        // SAFETY: as above; nobody reads the message.
        unsafe { service_region(message, 64) };
        // SAFETY: as above.
        unsafe { service_limit() };
        if illegal {
            // SAFETY: its own vector skips the instruction.
            unsafe { illegal_reflect() };
        }
    }
}
