//! IPI: software interrupts come to the harts of the mask, and to nobody else.

use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::Checks;
use crate::calls::{
    ALL, FIRST, FOREIGN, IPI, SECOND, SOFTWARE, call, comes, pending, send, take_back,
};
use crate::second::{self, Role};

/// Interrupts that the second hart had.
static ANSWERS: AtomicU64 = AtomicU64::new(0);

fn is_pending() -> bool {
    pending() & SOFTWARE != 0
}

/// The second hart: counts them.
pub(crate) fn answer() {
    while !second::is_to_stop() {
        if is_pending() {
            take_back();
            ANSWERS.fetch_add(1, SeqCst);
        }
    }
}

/// Mask and base, and who has one then.
const MASKS: [(&str, u64, u64, bool, bool); 6] = [
    ("interrupt of itself", 1, FIRST, true, false),
    ("interrupt of nobody", 0, FIRST, false, false),
    ("interrupt of the other", 1 << SECOND, 0, false, true),
    ("interrupt of the other, from it on", 1, SECOND, false, true),
    ("interrupt of both", 0b11, FIRST, true, true),
    ("interrupt of all there are", 0, ALL, true, true),
];

pub(crate) fn check(checks: &mut Checks) {
    let started = second::start(Role::Answer);
    for (what, mask, base, own, other) in MASKS {
        let before = ANSWERS.load(SeqCst);
        let sent = send(mask, base);
        let had = is_pending();
        take_back();
        let answered = comes(|| ANSWERS.load(SeqCst) > before) == other;
        checks.expect(what, sent && had == own && answered);
    }
    let before = ANSWERS.load(SeqCst);
    let refused = call((IPI, 0), &[1 << FIRST | 1 << SECOND | 1 << FOREIGN]).0 == -3;
    let silent = !is_pending() && !comes(|| ANSWERS.load(SeqCst) > before);
    checks.expect("interrupt of all and a foreign one", refused && silent);
    checks.expect("hart that answers", started && second::stops());
}
