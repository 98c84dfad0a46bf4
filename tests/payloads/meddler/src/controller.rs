//! The interrupt controller: its own words work, and nothing of others' is in them.

use core::arch::asm;

use crate::faults::{load, load_byte, load_word, store_word};
use crate::tally::Tally;
use crate::{Uart, interrupt};

pub(crate) const PLIC: u64 = 0x0c00_0000;
/// The UART's source, and the clock's, which is another's.
pub(crate) const OWN: u64 = 10;
pub(crate) const FOREIGN: u64 = 11;
const EXTERNAL: u64 = 1 << 9;

const PENDING: u64 = PLIC + 0x1000;

fn priority(source: u64) -> u64 {
    PLIC + 4 * source
}

fn enables(context: u64) -> u64 {
    PLIC + 0x2000 + 0x80 * context
}

pub(crate) fn threshold(context: u64) -> u64 {
    PLIC + 0x20_0000 + 0x1000 * context
}

pub(crate) fn claim(context: u64) -> u64 {
    threshold(context) + 4
}

/// S-mode of this partition's harts; M-mode of the first; S-mode of a hart that is not its own.
pub(crate) const FIRST: u64 = 1;
pub(crate) const SECOND: u64 = 3;
const MACHINE: u64 = 0;
const NOBODYS: u64 = 5;

pub(crate) fn attack(tally: &mut Tally<Uart>) {
    let own = own_interrupt();
    tally.enter("own interrupt does not come", own);
    let reads_zero = |address| load_word(address) == Some(0);
    tally.enter("priority of another's", reads_zero(priority(FOREIGN)));
    tally.enter("enables of M-mode", reads_zero(enables(MACHINE)));
    let keeps_zero = |address, value| store_word(address, value) && reads_zero(address);
    let other = keeps_zero(enables(NOBODYS), 1 << OWN);
    tally.enter("enables of a foreign hart", other);
    let hidden = (0..1000).all(|_| load_word(PENDING).is_some_and(|it| it & !(1 << OWN) == 0));
    tally.enter("pending of another's", hidden);
    let written = store_word(enables(SECOND), 1 << FOREIGN | 1 << OWN);
    let enabled = load_word(enables(SECOND));
    tally.enter("enable of another's", written && enabled == Some(1 << OWN));
    let other = keeps_zero(threshold(SECOND), 5);
    tally.enter("threshold of the other hart", other);
    let held = keeps_zero(priority(FOREIGN), 0) && store_word(priority(FOREIGN), 7);
    tally.enter(
        "priority of another's, written",
        held && reads_zero(priority(FOREIGN)),
    );
    tally.enter("threshold of M-mode", keeps_zero(threshold(MACHINE), 7));
    // Where that was possible, the other goes on for the attacks to come.
    store_word(threshold(MACHINE), 0);
    // No word of it.
    tally.enter("a byte of it", load_byte(priority(OWN)).is_none());
    tally.enter("two words of it", load(priority(OWN)).is_none());
    tally.enter("what is behind it", load_word(PLIC + 0x60_0000).is_none());
}

/// Claims and completes an interrupt of its own; leaves the next one pending.
fn own_interrupt() -> bool {
    let enabled = store_word(enables(FIRST), 1 << OWN) && store_word(priority(OWN), 1);
    interrupt();
    let pending = is_pending();
    let claimed = load_word(claim(FIRST)) == Some(OWN);
    let quiet = !is_pending();
    let completed = store_word(claim(FIRST), OWN);
    // The line is as it was, but this emulator looks at it when it changes.
    crate::interrupt_again();
    enabled && pending && claimed && quiet && completed && is_pending()
}

fn is_pending() -> bool {
    let pending: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
    pending & EXTERNAL != 0
}
