//! Secure memory and devices: every page is read, written, executed.
//!
//! Targets the Security state of the rich partition (SCR_EL3.NS): the bus lets no Non-secure access through.

use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::probe;

const PAGE: u64 = 0x1000;
/// First address and bytes: flash, SRAM, the secure UART, the secure GPIO.
const SECURE: [(u64, u64); 4] = [
    (0, 64 << 20),
    (0x0e00_0000, 16 << 20),
    (0x0904_0000, PAGE),
    (0x090b_0000, PAGE),
];

fn pages() -> impl Iterator<Item = u64> {
    SECURE
        .into_iter()
        .flat_map(|(start, size)| (start..start + size).step_by(0x1000))
}

fn none(reached: impl Fn(u64) -> bool, what: &'static str) -> Outcome {
    match pages().find(|page| reached(*page)) {
        Some(page) => succeeded(what, page),
        None => Ok(()),
    }
}

/// Reads.
pub fn read(_: &mut Journal) -> Outcome {
    none(|page| probe::read(page).is_some(), "a page was read")
}

/// Writes. The last word of a page: in a control, the critical partition is to survive the first one.
pub fn write(_: &mut Journal) -> Outcome {
    none(
        |page| probe::write(page + PAGE - 4, 0x0bad_0bad),
        "a page was written",
    )
}

/// Executes.
pub fn execute(_: &mut Journal) -> Outcome {
    none(probe::execute, "an instruction was fetched")
}
