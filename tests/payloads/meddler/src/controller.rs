//! The interrupt controller: its own words work, and nothing of others' is in them.

use core::arch::asm;

use cofferdam_partition::time::{frequency, now};

use crate::faults::{
    is_executed, load, load_byte, load_half, load_word, reserve, store, store_byte, store_half,
    store_word, swap,
};
use crate::tally::Tally;
use crate::{Uart, interrupt};

pub(crate) const PLIC: u64 = 0x0c00_0000;
/// The UART's source, and the clock's, which is another's.
pub(crate) const OWN: u64 = 10;
pub(crate) const FOREIGN: u64 = 11;
pub(crate) const EXTERNAL: u64 = 1 << 9;

pub(crate) const PENDING: u64 = PLIC + 0x1000;

pub(crate) fn priority(source: u64) -> u64 {
    PLIC + 4 * source
}

pub(crate) fn enables(context: u64) -> u64 {
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
pub(crate) const NOBODYS: u64 = 5;

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
    let enabled = store_word(enables(SECOND), 1 << OWN);
    tally.enter("claim of the other hart", enabled && claims_nothing(SECOND));
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
    no_words(tally);
}

fn claims_nothing(context: u64) -> bool {
    load_word(claim(context)) == Some(0)
}

/// The other's interrupt comes in the middle of some of these accesses. Where one was claimed, that gets no more: not before it has
/// said what it found.
pub(crate) fn attack_claims(tally: &mut Tally<Uart>) {
    while now() < frequency() / 2 {}
    let held = (0..5_000).all(|_| claims_nothing(MACHINE));
    tally.enter("claim of M-mode", held);
}

/// Accesses of its own source's priority that are not of one word.
fn no_words(tally: &mut Tally<Uart>) {
    let at = priority(OWN);
    let loads = [load_byte, load_half, load, reserve, swap];
    let none = loads.iter().all(|load| load(at).is_none());
    tally.enter("other loads of it", none);
    let stores = [store_byte, store_half, store];
    let none = stores.iter().all(|store| !store(at, 7));
    tally.enter("other stores of it", none && load_word(at) == Some(1));
    let over = [at + 2, PLIC + 0xffe, claim(FIRST) - 2, claim(FIRST) + 2];
    let none = over
        .iter()
        .all(|at| load_word(*at).is_none() && !store_word(*at, 0));
    tally.enter("a word over two of it", none);
    tally.enter("instruction of it", !is_executed(at));
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

pub(crate) fn is_pending() -> bool {
    let pending: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
    pending & EXTERNAL != 0
}
