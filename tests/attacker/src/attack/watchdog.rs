//! The watchdog calls (`arm,smc-wdt`) with hostile arguments: none may lift the limit of the description, and a refused
//! one changes nothing.

use crate::call::call;
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::{shared, time};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

const FUNCTION: u64 = 0x8200_3d06;
const INVALID: i64 = -2;
/// The system's `on_hang: after`, in seconds.
const LIMIT: u64 = 30;

/// Request, argument, status, first result; in this order.
const CASES: [(u64, u64, i64, u64); 19] = [
    (0, 0, 0, 1),
    (1, 5, 0, 0),
    // Refused: the five seconds stay.
    (1, 0, INVALID, 1),
    (1, LIMIT + 1, INVALID, 1),
    (1, 0xffff_ffff, INVALID, 1),
    (1, u64::MAX, INVALID, 1),
    // Calls of the 32-bit convention: no seconds at all.
    (1, 1 << 32, INVALID, 1),
    (5, 1, INVALID, 5),
    (u64::MAX, u64::MAX, INVALID, u64::MAX),
    (0x8000_0000, 0, INVALID, 0x8000_0000),
    (2, u64::MAX, 0, 0),
    (4, 0, 0, 4),
    (1, LIMIT + 1, INVALID, 1),
    (1, LIMIT, 0, 0),
    (4, 0, 0, LIMIT - 1),
    (3, u64::MAX, 0, 0),
    // A one and a zero in the halves: off.
    (2, 1 << 32, 0, 0),
    (4, u64::MAX, 0, 0),
    (3, 0, 0, 0),
];

/// The first case that was answered otherwise, by each core.
static WRONG: AtomicU64 = AtomicU64::new(0);
static ASKED: AtomicU64 = AtomicU64::new(0);

fn ask_all() {
    for (number, (request, argument, status, first)) in (1..).zip(CASES) {
        let [answered, result, ..] = call(FUNCTION, [request, argument, u64::MAX, u64::MAX]);
        if (answered.cast_signed(), result) != (status, first) && WRONG.load(SeqCst) == 0 {
            WRONG.store(number, SeqCst);
        }
    }
}

/// Core 0.
pub fn ask() {
    ASKED.store(0, SeqCst);
    WRONG.store(0, SeqCst);
    ask_all();
    ASKED.store(1, SeqCst);
    shared::rest();
}

/// Core 1, after core 0: they have one watchdog.
pub fn answers(_: &mut Journal) -> Outcome {
    if !time::wait_until(50, || ASKED.load(SeqCst) != 0) {
        return succeeded("core 0 does not come back from a call", 0);
    }
    ask_all();
    match WRONG.load(SeqCst) {
        0 => Ok(()),
        case => succeeded("the watchdog answered wrongly", case),
    }
}
