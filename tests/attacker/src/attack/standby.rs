//! CPU_SUSPEND (DEN0022, CPU_SUSPEND): the core waits until an interrupt of its own is due, no less and not much more, and comes
//! back behind the call with its registers.

use crate::call::{self, psci};
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::register::write;
use crate::{gic, probe, shared, time};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

const TIMER: u32 = 1 << 30;
/// Type bit of the power state: power-down, which is downgraded.
const POWER_DOWN: u64 = 1 << 16;
/// Ticks until the timer is due.
const AHEAD: u64 = 20_000;

/// 0: not back yet; 1: all well; otherwise what was not.
static RESULT: AtomicU64 = AtomicU64::new(0);

/// Core 0.
pub fn sleep() {
    RESULT.store(0, SeqCst);
    probe::write(gic::private(0) + gic::offset::ISENABLER, TIMER);
    RESULT.store(sleeps(), SeqCst);
    shared::rest();
    gic::quiet();
}

fn sleeps() -> u64 {
    for (at, state) in [(0x10, 0), (0x20, POWER_DOWN)] {
        write!("cntp_tval_el0", AHEAD);
        write!("cntp_ctl_el0", 1);
        let began = time::now();
        if suspend(state) != 0 {
            return at + 2;
        }
        let slept = time::now() - began;
        gic::take();
        if slept < AHEAD {
            return at + 3;
        }
        // The critical partition may have the core then, for less than a period.
        if slept > AHEAD + time::milliseconds(1) {
            return at + 4;
        }
    }
    // One that is pending already.
    gic::send(0, 6);
    let began = time::now();
    let status = suspend(0);
    gic::take();
    match (status, time::now() - began > time::milliseconds(1)) {
        (0, false) => 1,
        _ => 0x30,
    }
}

fn suspend(state: u64) -> i64 {
    call::status(psci::CPU_SUSPEND, [state, shared::entry(), 0, 0])
}

/// Core 1 meanwhile.
pub fn wakes(_: &mut Journal) -> Outcome {
    time::wait_until(50, || RESULT.load(SeqCst) != 0);
    match RESULT.load(SeqCst) {
        1 => Ok(()),
        0 => succeeded("core 0 does not wake", 0),
        what => succeeded("core 0 was woken wrongly", what),
    }
}
