//! The end of the monitor: outputs into the safe state, all harts halted, one record of what happened.

use crate::csr;
use crate::monitor::Monitor;
use crate::platform::Platform;
use core::panic::PanicInfo;

/// Records that are reported.
const LAST: u64 = 16;

/// M-mode itself took a trap. `registers`: x1 to x31.
pub fn fatal<P: Platform>(monitor: &Monitor<P>, registers: &[u64; 31]) -> ! {
    let [ra, sp, ..] = registers;
    let values = [
        (" mcause ", csr::cause()),
        (" mepc ", csr::trap_pc()),
        (" mtval ", csr::trap_value()),
        (" ra ", *ra),
        (" sp ", *sp),
    ];
    // What follows may trap, and means to.
    begin(monitor, "trap in the monitor");
    for (name, value) in values {
        P::console(name.as_bytes());
        number::<P>(value);
    }
    end(monitor)
}

/// Rust panicked.
pub fn panicked<P: Platform>(monitor: &Monitor<P>, info: &PanicInfo<'_>) -> ! {
    begin(monitor, "panic");
    if let Some(place) = info.location() {
        P::console(b" ");
        P::console(place.file().as_bytes());
        P::console(b" line ");
        number::<P>(place.line().into());
    }
    end(monitor)
}

fn begin<P: Platform>(monitor: &Monitor<P>, what: &str) {
    // Where the console is a partition's.
    if csr::is_machine_bound() {
        csr::withdraw_partition_rules();
    }
    P::safe_state();
    monitor.ask_to_halt();
    P::console(b"\r\ncofferdam: PANIC: ");
    P::console(what.as_bytes());
}

/// The last records, oldest first: the four words of each (`cofferdam_core::record`).
fn end<P: Platform>(monitor: &Monitor<P>) -> ! {
    let reported = monitor.last_records(|records| {
        let (oldest, next) = records.range();
        for words in (next.saturating_sub(LAST).max(oldest)..next).filter_map(|n| records.get(n)) {
            P::console(b"\r\n event");
            for word in words {
                P::console(b" ");
                number::<P>(word);
            }
        }
    });
    if reported.is_none() {
        P::console(b"\r\n the records were being written");
    }
    P::console(b"\r\n");
    halt()
}

/// Hexadecimal: `core::fmt` would be a good part of the monitor's size.
fn number<P: Platform>(number: u64) {
    P::console(b"0x");
    for nibble in (0..16).rev().map(|n| number >> (4 * n) & 0xf) {
        let digit = char::from_digit(u32::try_from(nibble).unwrap_or_default(), 16);
        P::console(&[u8::try_from(digit.unwrap_or('?')).unwrap_or(b'?')]);
    }
}

/// This hart does nothing more.
pub fn halt() -> ! {
    loop {
        csr::wait();
    }
}
