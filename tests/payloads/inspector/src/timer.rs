//! TIME: the timer's interrupt comes when it is due, and is taken back when it is set to later, masked or not.

use cofferdam_partition::time::{frequency, now};

use crate::Checks;
use crate::calls::{ALL, TIMER, enable, pending, set_timer};

fn is_pending() -> bool {
    pending() & TIMER != 0
}

/// The timer's interrupt is pending and enabled.
pub(crate) fn come_now() {
    enable(TIMER);
    let _set = set_timer(0);
}

/// And is not any more.
pub(crate) fn go() {
    let _set = set_timer(ALL);
    enable(0);
}

pub(crate) fn check(checks: &mut Checks) {
    for (what, interrupts) in [("timer, masked", 0), ("timer", TIMER)] {
        enable(interrupts);
        let comes = set_timer(0) && is_pending();
        let goes = set_timer(ALL) && !is_pending();
        checks.expect(what, comes && goes);
    }
    enable(0);
    let due = now() + frequency() / 1000;
    let set = set_timer(due);
    let (mut seen, end) = (None, due + frequency() / 100);
    while seen.is_none() && now() < end {
        seen = is_pending().then(now);
    }
    let is_due = seen.is_some_and(|seen| seen >= due);
    checks.expect("timer in a millisecond", set && is_due);
    go();
}
