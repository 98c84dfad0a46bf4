//! Every timer that Non-secure code can reach, and those that it should not.

use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::register::{self, at_el2, read, try_write, write};
use crate::{gic, probe, shared, time};

/// Interrupt numbers of the timers: EL1 physical 30, virtual 27, EL2 physical 26.
const PRIVATE_INTERRUPTS: u32 = 1 << 30 | 1 << 27 | 1 << 26;

/// Turns all timers off that can be.
pub fn off() {
    write!("cntp_ctl_el0", 0);
    write!("cntv_ctl_el0", 0);
    if at_el2() {
        write!("cnthp_ctl_el2", 0);
    }
}

/// Core 0: fires the timers of EL1 as often as it can take their interrupts. (Microseconds ahead: timers that are
/// always due keep this emulator from running the other core at all.)
pub fn storm() {
    probe::write(gic::private(0) + gic::offset::ISENABLER, PRIVATE_INTERRUPTS);
    while shared::wanted() {
        write!("cntp_tval_el0", 100);
        write!("cntp_ctl_el0", 1);
        write!("cntv_tval_el0", 150);
        write!("cntv_ctl_el0", 1);
        register::unmask_interrupts();
        time::relax();
        register::mask_interrupts();
    }
    off();
}

/// Core 0: leaves the timers of EL1 asserted, their interrupts masked: pending whenever the critical partition
/// waits.
pub fn assert_for_ever() {
    probe::write(gic::private(0) + gic::offset::ISENABLER, PRIVATE_INTERRUPTS);
    write!("cntp_cval_el0", 0);
    write!("cntp_ctl_el0", 1);
    write!("cntv_cval_el0", 0);
    write!("cntv_ctl_el0", 1);
    shared::rest();
    off();
}

/// Core 0: fires the EL2 timer, whose interrupt is the monitor's, far and near, always.
pub fn monitor_storm() {
    while shared::wanted() {
        for ahead in [50, 20_000, 200] {
            write!("cnthp_tval_el2", ahead);
            write!("cnthp_ctl_el2", 1);
            // Until it has fired: one that is set anew before never does.
            let fired = time::now() + 2 * ahead;
            while time::now() < fired {
                time::relax();
            }
        }
    }
    off();
}

/// The Secure timer is out of reach.
pub fn secure(_: &mut Journal) -> Outcome {
    if let Some(control) = read!("cntps_ctl_el1") {
        return succeeded("the secure timer was read", control);
    }
    if try_write!("cntps_cval_el1", u64::MAX) {
        return succeeded("the secure timer was set", 0);
    }
    if try_write!("cntps_ctl_el1", 0) {
        return succeeded("the secure timer was turned off", 0);
    }
    Ok(())
}
