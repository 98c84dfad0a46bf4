//! Too many rings: more than the limit lets through, and more than the protocol can make.

use core::arch::asm;

use cofferdam_abi::call::{Call, Error};
use cofferdam_core::channel::FLOOD;
use cofferdam_core::record::What;

use crate::{call, console, gic, give_way};

/// As in the system's description.
const RATE: u64 = 1000;
const BURST: u64 = 4;
/// Milliseconds of the flood.
const FLOODED: u64 = 10;
/// Of the monitor's tick, within which a doorbell that waits is delivered, and some to spare.
const LATE: u64 = 12;

/// Since power-on.
pub fn microseconds() -> u64 {
    let (now, frequency): (u64, u64);
    // SAFETY: reads the counter.
    unsafe { asm!("isb", "mrs {}, cntpct_el0", out(reg) now, options(nomem, nostack)) };
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, cntfrq_el0", out(reg) frequency, options(nomem, nostack)) };
    now * 1_000_000 / frequency
}

fn milliseconds() -> u64 {
    microseconds() / 1_000
}

fn deliveries() -> u64 {
    let seen = call::acknowledge(call::own).expect("an end");
    seen.deliveries
}

/// The critical end rings as fast as it can, and this one acknowledges each time: no more deliveries come than the
/// limit's, and the last ring comes late.
pub fn of_deliveries() {
    let (start, before) = (milliseconds(), deliveries());
    let (mut rings, mut interrupts) = (0_u64, 0_u64);
    while milliseconds() < start + FLOODED {
        assert_eq!(call::ring(call::relay), Ok(()));
        rings += 1;
        interrupts += u64::from(gic::take().is_some());
        deliveries();
    }
    // The counter was read in milliseconds, rounded down: the window is one longer at most.
    let window = milliseconds() - start + 1;
    let most = BURST + RATE * window / 1000;
    let made = deliveries() - before;
    assert!(interrupts <= made, "an interrupt that was not counted");
    assert!(rings > 4 * most, "only {rings} rings: no flood");
    let verdict = if made <= most { "held" } else { "SUCCEEDED" };
    console::line(format_args!(
        "ringer: flood-of-deliveries: {verdict}, {rings} rings, {made} deliveries, {interrupts} interrupts, \
         at most {most} in {window} ms"
    ));
    assert!(made > 0);
    wait_for_the_last();
}

/// A ring that is too early is not lost, though nobody calls.
fn wait_for_the_last() {
    while gic::take().is_none() {
        assert_eq!(call::ring(call::relay), Ok(()));
        deliveries();
    }
    deliveries();
    assert_eq!(call::ring(call::relay), Ok(()));
    let rung = milliseconds();
    while gic::take().is_none() {
        assert!(milliseconds() <= rung + LATE, "a doorbell that was lost");
        give_way();
    }
    console::line(format_args!(
        "ringer: a doorbell that waited came after {} ms",
        milliseconds() - rung
    ));
}

/// Rings that nobody acknowledges end the epoch, and the channel goes on later.
pub fn of_rings() {
    let before = call::acknowledge(call::relay).expect("an end").epoch;
    let mut rung = 0;
    let refused = loop {
        match call::ring(call::own) {
            Ok(()) => rung += 1,
            Err(error) => break error,
        }
        assert!(rung <= 2 * FLOOD, "rung without end");
    };
    assert_eq!((refused, rung), (Error::Denied, FLOOD));
    assert_eq!(call::ring(call::own), Err(Error::Denied));
    assert_eq!(call::begin(call::own), Err(Error::Busy));
    let seen = call::acknowledge(call::relay).expect("an end");
    assert!(seen.delivered && seen.epoch > before, "was not told");
    let seen = call::acknowledge(call::own).expect("an end");
    assert!(seen.denied && seen.floods == 1);
    assert!(is_recorded(), "no record of it");
    let epoch = loop {
        match call::begin(call::relay) {
            Ok(epoch) => break epoch,
            Err(error) => assert_eq!(error, Error::Busy),
        }
        give_way();
    };
    assert_eq!(
        (call::begin(call::own), call::ring(call::own)),
        (Ok(epoch), Ok(()))
    );
    console::line(format_args!("ringer: flood-of-rings: held"));
}

/// Whether the last record says so.
fn is_recorded() -> bool {
    let record = |number| call::own(Call::Event, number).unwrap_or_default();
    let [_, next, ..] = record(u64::MAX);
    let [_, _, _, what, ..] = record(next - 1);
    what & 0xff == What::Flooded as u64
}
