//! Two harts that get into each other's way: a start as the hart stops, an interrupt as it goes to sleep, and interrupts and fences
//! for a hart that another partition takes, a thousand times a second. Nothing is lost, and nothing is done twice.

use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cofferdam_partition::time::{frequency, now};

use crate::Checks;
use crate::calls::{
    FIRST, HSM, RFENCE, SECOND, SOFTWARE, TIMER, call, comes, enable, pending, send, set_timer,
    suspend, take_back,
};
use crate::second::{self, Role, STOPPED, opaque, state};
use crate::timer;

const STARTS: u64 = 1_000;
const SLEEPS: u64 = 300;
const CALLS: u64 = 1_000;
const NON_RETENTIVE: u64 = 0x8000_0000;

pub(crate) fn check(checks: &mut Checks) {
    checks.expect("starts as it stops", start_as_it_stops());
    checks.expect("interrupts as it goes to sleep", interrupt_as_it_sleeps());
    checks.expect("the timer as this hart goes to sleep", timer_as_it_sleeps());
    checks.expect("calls for a hart that another takes", answer_the_second());
}

/// Asks until it is done, again and again: each start that is answered with success is one.
fn start_as_it_stops() -> bool {
    let before = second::beginnings();
    for number in 1..=STARTS {
        let wanted = opaque(Role::Return, number);
        let answered = comes(|| second::ask_to_start(wanted) != -6);
        let begun = comes(|| second::beginnings() == before + number);
        let [_, argument, ..] = second::began();
        if !answered || !begun || argument != wanted {
            return false;
        }
    }
    comes(|| state() == STOPPED) && second::beginnings() == before + STARTS
}

/// How often the second hart was about to sleep, and how often it woke.
static DOZES: AtomicU64 = AtomicU64::new(0);
static WAKES: AtomicU64 = AtomicU64::new(0);

fn interrupt_as_it_sleeps() -> bool {
    let started = second::start(Role::Doze);
    for number in 1..=SLEEPS {
        let dozes = comes(|| DOZES.load(SeqCst) == number);
        // Each time a bit later.
        for _ in 0..number {
            core::hint::spin_loop();
        }
        let woken = send(1, SECOND) && comes(|| WAKES.load(SeqCst) == number);
        if !dozes || !woken {
            return false;
        }
    }
    started && comes(|| state() == STOPPED)
}

/// The second hart: sleeps until it is interrupted; every other time its registers are lost, and it comes here again.
pub(crate) fn doze() {
    enable(SOFTWARE);
    loop {
        if pending() & SOFTWARE != 0 {
            take_back();
            WAKES.fetch_add(1, SeqCst);
        }
        if WAKES.load(SeqCst) == SLEEPS {
            return;
        }
        let kind = DOZES.fetch_add(1, SeqCst) % 2 * NON_RETENTIVE;
        let again = opaque(Role::Rouse, 0);
        let _slept = call((HSM, 3), &[kind, second::entry(), again]);
    }
}

/// It is due within the call, before it or after it. A wake-up that is lost would end nothing any more.
fn timer_as_it_sleeps() -> bool {
    enable(TIMER);
    let woken = (0..SLEEPS).all(|ticks| {
        let due = now() + ticks % 20;
        set_timer(due) && suspend() && now() >= due && pending() & TIMER != 0
    });
    timer::go();
    woken
}

/// What the second hart asked, and what was answered.
static ASKED: AtomicU64 = AtomicU64::new(0);
static ANSWERED: AtomicU64 = AtomicU64::new(0);

/// This hart is the one that two partitions have.
fn answer_the_second() -> bool {
    let started = second::start(Role::Call);
    let mut latest = now();
    while ANSWERED.load(SeqCst) < CALLS && now() < latest + frequency() / 20 {
        if pending() & SOFTWARE != 0 {
            take_back();
            ANSWERED.fetch_add(1, SeqCst);
            latest = now();
        }
    }
    let stops = second::stops();
    started && stops && ASKED.load(SeqCst) == CALLS && ANSWERED.load(SeqCst) == CALLS
}

/// The second hart: calls the first, and waits for its answer.
pub(crate) fn call_the_first() {
    for number in 1..=CALLS {
        if !send(1, FIRST) || call((RFENCE, 0), &[1, FIRST]) != (0, 0) {
            return;
        }
        ASKED.store(number, SeqCst);
        while ANSWERED.load(SeqCst) < number {
            if second::is_to_stop() {
                return;
            }
        }
    }
}
