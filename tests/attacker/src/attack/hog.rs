//! Keeping the shared core from the critical partition: by masks, by sleep, by switching it off.
//!
//! Targets SCR_EL3.FIQ, which takes Secure interrupts to EL3 whatever the rich side masks, and the idle
//! thread with FIQ open that keeps a core which the rich side has given up.

use crate::call::{self, psci};
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::{gic, register, shared, time};

/// Core 0: everything masked, a loop that gives nothing up. Its end is its own: this emulator runs the other core
/// only when this one pauses.
pub fn spin() {
    register::mask_all();
    let end = time::now() + time::milliseconds(20);
    while time::now() < end {}
    shared::rest();
}

/// Core 0: everything masked, asleep until an interrupt of the attacker's own is pending.
pub fn sleep() {
    register::mask_all();
    while shared::wanted() {
        // SAFETY: waits.
        unsafe { core::arch::asm!("wfi", options(nostack)) };
    }
    gic::quiet();
}

/// Core 1 meanwhile: lets it sleep, then wakes it.
pub fn let_sleep(_: &mut Journal) -> Outcome {
    time::wait(20);
    shared::leave();
    gic::send(0, 3);
    Ok(())
}

/// Core 0: CPU_SUSPEND into standby with everything masked, again and again.
pub fn stand_by() {
    register::mask_all();
    while shared::wanted() {
        call::status(psci::CPU_SUSPEND, [0; 4]);
        time::relax();
    }
    gic::quiet();
}

/// Core 1: core 0 has been switched off; the critical partition still needs it.
pub fn switched_off(journal: &mut Journal) -> Outcome {
    time::wait(20);
    if !call::is_off(0) {
        return succeeded("core 0 cannot be turned off, so that nothing is shown", 0);
    }
    journal.before().verdict()?;
    if shared::revive() {
        Ok(())
    } else {
        succeeded("core 0 does not come back", 0)
    }
}

/// Core 1: core 0 on and off, with starts asked for twice and three times.
pub fn race(_: &mut Journal) -> Outcome {
    for round in 0..200 {
        if !time::wait_until(50, || call::is_off(0)) {
            return succeeded("core 0 hangs", round);
        }
        let first = call::cpu_on(0, shared::off_entry(), shared::stack());
        let again = call::cpu_on(0, shared::off_entry(), shared::stack());
        if first != 0 || !matches!(again, 0 | -4 | -5) {
            return succeeded("CPU_ON answered nonsense", again.cast_unsigned());
        }
    }
    if !time::wait_until(50, || call::is_off(0)) || !shared::revive() {
        return succeeded("core 0 does not come back", 0);
    }
    Ok(())
}
