//! The interrupt of a channel, which no device holds: it is claimed and completed as any, it comes no more often than it may, and
//! nothing makes it come that is no ring. The other end rings with each of its jobs.

use core::arch::asm;

use cofferdam_abi::call::Error;
use cofferdam_partition::monitor::{channel_acknowledge, channel_begin, channel_ring};
use cofferdam_partition::time::{frequency, now};

use crate::Uart;
use crate::controller::{
    EXTERNAL, FIRST, NOBODYS, OWN, PENDING, SECOND, claim, enables, is_pending, priority, threshold,
};
use crate::faults::{load_word, store_word};
use crate::generated::channel::net0::NUMBER;
use crate::tally::Tally;

/// As the board and the system have it: the first source for doorbells, and how often this one comes.
const SOURCE: u64 = 88;
const RATE: u64 = 100;
const BURST: u64 = 4;
/// Rings of a doorbell that stands which end an epoch, as `cofferdam_core::channel` has it.
const FLOOD: usize = 256;
/// Of the words of 32 sources.
const WORD: u64 = 4 * (SOURCE / 32);
const BIT: u64 = 1 << (SOURCE % 32);

pub(crate) fn attack(tally: &mut Tally<Uart>) {
    // The UART's own is pending.
    store_word(enables(FIRST), 0);
    let enabled = store_word(enables(FIRST) + WORD, BIT) && store_word(priority(SOURCE), 1);
    tally.enter("own doorbell does not come", enabled && comes());
    // By and by it is preempted by some jobs.
    wait(5);
    let stays = is_pending();
    let elsewhere = load_word(claim(SECOND)) == Some(0) && store_word(claim(SECOND), SOURCE);
    tally.enter(
        "a doorbell is lost",
        stays && elsewhere && is_pending() && is_shown(),
    );
    tally.enter("a doorbell is claimed twice", is_claimed_once());
    tally.enter("a doorbell below the threshold", is_below_threshold());
    tally.enter("a doorbell of no priority", has_no_priority());
    tally.enter("a doorbell that nobody rang", is_quiet());
    let foreign = enables(NOBODYS) + WORD;
    let held = store_word(foreign, BIT) && load_word(foreign) == Some(0);
    tally.enter("doorbell for a foreign hart", held);
    tally.enter("doorbells above the limit", is_limited());
    let _epoch = channel_begin(NUMBER);
    let rung = (0..=2 * FLOOD).take_while(|_| channel_ring(NUMBER).is_ok());
    let held = rung.count() <= FLOOD && channel_ring(NUMBER) == Err(Error::Denied);
    tally.enter("flood of rings", held);
    tally.enter(
        "ring of an unknown channel",
        channel_ring(NUMBER + 1) == Err(Error::InvalidParameter),
    );
    store_word(enables(FIRST) + WORD, 0);
    store_word(enables(FIRST), 1 << OWN);
}

/// Waits for the next one.
fn comes() -> bool {
    let _delivered = channel_acknowledge(NUMBER);
    let until = now() + ticks(50);
    while !is_pending() && now() < until {
        core::hint::spin_loop();
    }
    is_pending()
}

/// Between claim and completion another ring waits, unseen.
fn is_claimed_once() -> bool {
    let once = take() && !is_pending() && !take();
    let _delivered = channel_acknowledge(NUMBER);
    wait(3 * 1000 / RATE);
    let unseen = !is_pending() && !is_shown() && !take();
    complete();
    once && unseen && is_pending() && is_shown()
}

/// It does not interrupt, but can be claimed (PLIC specification, Interrupt Claim Process).
fn is_below_threshold() -> bool {
    let set = store_word(threshold(FIRST), 7);
    // The monitor has a threshold of its own for this hart while a job runs.
    wait(3);
    let unseen = set && !is_pending() && is_shown();
    let back = store_word(threshold(FIRST), 0) && is_pending();
    let below = store_word(threshold(FIRST), 7) && take();
    complete();
    store_word(threshold(FIRST), 0) && unseen && back && below
}

fn has_no_priority() -> bool {
    let came = comes();
    let unseen = store_word(priority(SOURCE), 0) && !is_pending() && !take();
    let back = store_word(priority(SOURCE), 1) && is_pending();
    let taken = take();
    complete();
    came && unseen && back && taken
}

/// While the last one is not acknowledged nothing is to come, whatever is written.
fn is_quiet() -> bool {
    complete();
    let written = store_word(PENDING + WORD, BIT);
    // SAFETY: a bit of sip that S-mode cannot write.
    unsafe { asm!("csrs sip, {}", in(reg) EXTERNAL, options(nostack)) };
    written && !is_pending() && !is_shown() && !take()
}

/// In any stretch of t no more come than the burst and the rate times t (`docs/virtualnet.md`); here t is 100 ms.
fn is_limited() -> bool {
    const MOST: u64 = BURST + RATE / 10 + 1;
    let until = now() + ticks(100);
    let mut taken = 0;
    while now() < until {
        let _delivered = channel_acknowledge(NUMBER);
        if take() {
            complete();
            taken += 1;
        }
    }
    (2..=MOST).contains(&taken)
}

fn take() -> bool {
    load_word(claim(FIRST)) == Some(SOURCE)
}

fn complete() {
    store_word(claim(FIRST), SOURCE);
}

/// Whether the controller says that it is pending.
fn is_shown() -> bool {
    load_word(PENDING + WORD).is_some_and(|it| it & BIT != 0)
}

fn wait(milliseconds: u64) {
    let until = now() + ticks(milliseconds);
    while now() < until {
        core::hint::spin_loop();
    }
}

fn ticks(milliseconds: u64) -> u64 {
    frequency() / 1000 * milliseconds
}
