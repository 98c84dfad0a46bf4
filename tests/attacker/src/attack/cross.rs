//! Calls to the critical partition's handler. What the monitor's vectors do with a call is held against what
//! `cofferdam_core::route` decides of it, for every kind of number, on the core that has a handler and on one that has none.
//!
//! The handler (examples/cockpit, `service.rs`) answers its x1 to x4 as the caller's x0 to x3, so a call that went there
//! comes back with its arguments one place further down.

use crate::attack::{calls, restart};
use crate::call::call;
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::{shared, time};
use cofferdam_abi::call::Error;
use cofferdam_core::route::{self, Handler, Taken};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Services of the handler.
mod service {
    pub const EMPTY: u32 = 0xf200_0000;
    pub const ECHO: u32 = 0xf200_0001;
    pub const WAIT: u32 = 0xf200_0002;
    pub const TAKE_TIME: u32 = 0xf200_0003;
}

const ARGUMENTS: [u64; 4] = [0x1111, 0x2222, 0x3333, 0x4444];

/// How many calls agreed.
static AGREED: AtomicU64 = AtomicU64::new(0);
/// The first call that did not.
static DIFFERS: AtomicU64 = AtomicU64::new(0);

/// One number of every owner and convention, and its neighbours at both ends, without those that end the caller or
/// start the other core.
fn numbers() -> impl Iterator<Item = u32> {
    let kinds = (0..=0xff_u32).map(|kind| kind << 24);
    kinds
        .flat_map(|kind| [0, 1, 2, 0x20, 0xffff, 0xff_ffff].map(|low| kind | low))
        .filter(|&id| !calls::ends_the_caller(id.into()))
}

/// What became of a call.
fn taken(id: u32) -> Option<Taken> {
    let [a, b, c, d] = ARGUMENTS;
    let [status, first, second, third, ..] = call(id.into(), ARGUMENTS);
    let status = status.cast_signed();
    let entered = match id {
        service::ECHO => [a, b, c, d] == [status.cast_unsigned(), first, second, third],
        service::EMPTY | service::WAIT => status == 1 && [b, c, d] == [first, second, third],
        _ => status == -1 && [b, c, d] == [first, second, third],
    };
    let refused = [a, b, c] == [first, second, third];
    match status {
        _ if entered => Some(Taken::Entered),
        _ if refused && status == Error::Busy as i64 => Some(Taken::Busy),
        _ if refused && status == Error::NotSupported as i64 => Some(Taken::Unknown),
        _ => None,
    }
}

/// Whether the monitor did with a call what is decided of it. Others than cross calls it decodes.
fn agrees(id: u32, handler: Handler) -> bool {
    match route::call(id, handler) {
        Some(expected) => taken(id) == Some(expected),
        None => taken(id) != Some(Taken::Entered),
    }
}

fn try_numbers(handler: Handler) {
    for id in numbers() {
        if agrees(id, handler) {
            AGREED.store(AGREED.load(SeqCst) + 1, SeqCst);
        } else if DIFFERS.load(SeqCst) == 0 {
            DIFFERS.store(u64::from(id) | 1 << 32, SeqCst);
        }
    }
}

/// Core 0, which has a handler.
pub fn try_all() {
    AGREED.store(0, SeqCst);
    DIFFERS.store(0, SeqCst);
    try_numbers(Handler::Ready);
    shared::rest();
}

/// Core 1: afterwards the same, without a handler.
pub fn agree(_: &mut Journal) -> Outcome {
    let all = numbers().count() as u64;
    let tried = || AGREED.load(SeqCst) >= all || DIFFERS.load(SeqCst) != 0;
    if !time::wait_until(100, tried) {
        return succeeded("calls did not come back", AGREED.load(SeqCst));
    }
    try_numbers(Handler::None);
    match DIFFERS.load(SeqCst) {
        0 => Ok(()),
        id => succeeded("a call was not taken as decided", id & 0xffff_ffff),
    }
}

/// Core 0: in a call nearly all of the time.
pub fn be_orphaned() {
    while shared::wanted() {
        take_time();
    }
}

/// Core 1: restarts the partition during the call, whose answer must reach nobody.
pub fn leave_orphan(journal: &mut Journal) -> Outcome {
    if journal.restarts < 3 {
        time::wait(3);
        journal.restart();
    }
    restart::registers_are_clear()
}

static CALLS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// A call that takes as long as the partition lets it.
fn take_time() {
    call(
        service::TAKE_TIME.into(),
        [0x7ff, u64::MAX, u64::MAX, u64::MAX],
    );
}

/// Core 0: at first long calls without a pause, which would spend the partition's budget and move its period away
/// from its releases; then short ones now and then, until the partition has spent it itself.
pub fn until_busy() {
    CALLS.iter().for_each(|count| count.store(0, SeqCst));
    let flood = time::now() + time::milliseconds(300);
    while time::now() < flood {
        take_time();
    }
    while shared::wanted() {
        let [served, busy, other] = &CALLS;
        let count = match taken(service::ECHO) {
            Some(Taken::Entered) => served,
            Some(Taken::Busy) => busy,
            _ => other,
        };
        count.store(count.load(SeqCst) + 1, SeqCst);
        let next = time::now() + time::milliseconds(1) / 20;
        while time::now() < next {
            time::relax();
        }
    }
}

/// Core 1 meanwhile, on a system whose critical partition spends its budget once a second.
pub fn busy_in_between(_: &mut Journal) -> Outcome {
    let [served, busy, other] = &CALLS;
    let seen = || [served, busy].iter().all(|count| count.load(SeqCst) != 0);
    if !time::wait_until(2_000, seen) {
        return succeeded("a partition without time was never busy", 0);
    }
    match other.load(SeqCst) {
        0 => Ok(()),
        wrong => succeeded("calls were answered wrongly", wrong),
    }
}
