//! HSM: the second hart starts, stops and sleeps, and both know its state.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

use cofferdam_partition::time::{frequency, now};

use crate::calls::{
    ALL, FIRST, HSM, SECOND, SOFTWARE, TIMER, call, comes, enable, pending, send, set_timer,
    suspend, take_back,
};
use crate::kept::marks_changed;
use crate::second::{self, Role, STARTED, STOPPED, SUSPENDED, opaque, state};
use crate::{Checks, fences, timer};

const ALREADY_AVAILABLE: i64 = -6;
const NON_RETENTIVE: u64 = 0x8000_0000;
/// sstatus.SIE
const SIE: u64 = 1 << 1;

/// Enables of the second hart's context, for the UART.
const ENABLES: *mut u32 = 0x0c00_2180 as *mut u32;
const UART: u32 = 1 << 10;

/// What the second hart found behind its sleeps.
static FOUND: AtomicU64 = AtomicU64::new(0);
const TIMER_CAME: u64 = 1;
const ENABLE_STAYED: u64 = 2;
const SLEPT_AGAIN: u64 = 4;

pub(crate) fn check(checks: &mut Checks) {
    let own = call((HSM, 2), &[FIRST]);
    checks.expect("state of the hart that asks", own == STARTED);
    checks.expect("state of a hart that stopped", state() == STOPPED);
    start_and_stop(checks);
    sleep_here(checks);
    sleep_there(checks);
}

fn start_and_stop(checks: &mut Checks) {
    let before = second::beginnings();
    let started = second::start(Role::Linger);
    let again = second::ask_to_start(opaque(Role::Linger, 2)) == ALREADY_AVAILABLE;
    checks.expect("start of a hart that is on its way", again);
    let (error, early) = state();
    checks.expect(
        "state of a hart on its way",
        error == 0 && [0, 2].contains(&early),
    );
    let begun = comes(|| second::beginnings() > before) && state() == STARTED;
    checks.expect("hart that starts", started && begun);
    let [hart, argument, satp, sstatus, _] = second::began();
    let as_specified = hart == SECOND && argument == opaque(Role::Linger, 0);
    checks.expect("a0 and a1 of a start", as_specified);
    // It had page tables before it was stopped.
    checks.expect("satp and SIE of a start", satp == 0 && sstatus & SIE == 0);
    let again = second::ask_to_start(opaque(Role::Linger, 3)) == ALREADY_AVAILABLE;
    checks.expect("start of a hart that runs", again);
    checks.expect("hart that stops", second::stops());
    checks.expect("one start", second::beginnings() == before + 1);
}

fn sleep_here(checks: &mut Checks) {
    let due = now() + frequency() / 1000;
    enable(TIMER);
    let slept = set_timer(due) && suspend() && now() >= due;
    checks.expect("sleep until the timer", slept && pending() & TIMER != 0);
    checks.expect("sleep with an interrupt pending", suspend());
    let nowhere = call((HSM, 3), &[0, ALL]);
    checks.expect("sleep that needs no address", nowhere == (0, 0));
    let later = set_timer(now() + frequency() / 1000);
    let kept = marks_changed(0, 0, 3, HSM) == 0;
    checks.expect("registers over a sleep", later && kept);
    timer::go();
}

fn sleep_there(checks: &mut Checks) {
    let before = second::beginnings();
    let started = second::start(Role::Sleep);
    let sleeps = comes(|| state() == SUSPENDED);
    checks.expect("state of a hart that sleeps", started && sleeps);
    let again = second::ask_to_start(opaque(Role::Linger, 4)) == ALREADY_AVAILABLE;
    checks.expect("start of a hart that sleeps", again);
    let woken = send(1, SECOND) && comes(|| second::beginnings() == before + 2);
    checks.expect("interrupt that wakes, though it is disabled", woken);
    let [hart, argument, satp, sstatus, sip] = second::began();
    let as_specified = hart == SECOND && argument == opaque(Role::Wake, 7);
    checks.expect("a0 and a1 of a hart that wakes", as_specified);
    checks.expect("satp and SIE of it", satp == 0 && sstatus & SIE == 0);
    checks.expect("the interrupt that woke it", sip & SOFTWARE != 0);
    let sleeps = comes(|| state() == SUSPENDED);
    checks.expect("second sleep, which registers survive", sleeps);
    let woken = send(1, SECOND) && comes(|| state() == STOPPED);
    let found = FOUND.load(SeqCst);
    checks.expect("its end", woken && found & SLEPT_AGAIN != 0);
    checks.expect("timer set before it", found & TIMER_CAME != 0);
    checks.expect("enables of the PLIC before it", found & ENABLE_STAYED != 0);
}

/// The second hart: with an enable, a timer and page tables of which the last alone is lost.
pub(crate) fn sleep() {
    // SAFETY: a word of this hart's own context; interrupts are off in sie.
    unsafe { ENABLES.write_volatile(UART) };
    let _set = set_timer(now() + frequency() / 500);
    fences::translate();
    // SAFETY: nothing is enabled in sie.
    unsafe { asm!("csrsi sstatus, 2", options(nostack)) };
    let _never = call(
        (HSM, 3),
        &[NON_RETENTIVE, second::entry(), opaque(Role::Wake, 7)],
    );
}

/// And behind that.
pub(crate) fn wake() {
    let end = now() + frequency() / 20;
    while pending() & TIMER == 0 && now() < end {}
    let came = if pending() & TIMER != 0 {
        TIMER_CAME
    } else {
        0
    };
    // SAFETY: as above.
    let enables = unsafe { ENABLES.read_volatile() };
    let stayed = if enables == UART { ENABLE_STAYED } else { 0 };
    take_back();
    let _set = set_timer(ALL);
    let slept = if suspend() { SLEPT_AGAIN } else { 0 };
    FOUND.store(came | stayed | slept, SeqCst);
    // SAFETY: as above.
    unsafe { ENABLES.write_volatile(0) };
}
