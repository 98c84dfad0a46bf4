//! What the monitor looks at before any partition runs: that the hardware is as it was set up.

use crate::digest::rounds;
use crate::gic::Controller as _;
use crate::health::digests;
use crate::monitor::Monitor;
use crate::platform::{Hardware, Platform};
use crate::register::{CPTR_TFP, MDCR, SCR_RICH};
use crate::{identify, mmu};
use arm_sysregs::el0::accessors as el0;
use arm_sysregs::el1::accessors as el1;
use arm_sysregs::el3::accessors as el3;
use cofferdam_core::digest;

/// MDCR_EL3.SDD and SPD32.
const MDCR_DEBUG: u64 = 1 << 16 | 0b11 << 14;

/// Whether this core is one that the monitor is made for. Not a test of it: nothing runs on another.
pub fn identity() -> Result<(), &'static str> {
    let id = identify::Identification {
        midr: el1::read_midr_el1().bits(),
        pfr0: el1::read_id_aa64pfr0_el1().bits(),
        pfr1: el1::read_id_aa64pfr1_el1().bits(),
        isar1: el1::read_id_aa64isar1_el1().bits(),
        mmfr1: el1::read_id_aa64mmfr1_el1().bits(),
        dfr0: el1::read_id_aa64dfr0_el1().bits(),
    };
    match identify::check(&id) {
        Ok(_) => Ok(()),
        Err(identify::Refused::Unknown) => {
            Err("nobody looked at this core: see MODELS in identify.rs")
        }
        Err(identify::Refused::TooOld(_)) => {
            Err("this core's revision has errata that are not worked around")
        }
        Err(identify::Refused::Has(what)) => Err(what),
    }
}

/// Of this core: its protection, its timer.
pub fn of_core<P: Platform>() -> Result<(), &'static str> {
    if !P::CHECKS.at_boot {
        return Ok(());
    }
    if el3::read_sctlr_el3().bits() & mmu::SCTLR_ON != mmu::SCTLR_ON {
        return Err("SCTLR_EL3: translation, caches or WXN are off");
    }
    if el3::read_mdcr_el3().bits() & MDCR_DEBUG != MDCR & MDCR_DEBUG {
        return Err("MDCR_EL3: Secure debug is open");
    }
    let routing = el3::read_scr_el3().bits() | 1;
    if routing & SCR_RICH != SCR_RICH || CPTR_TFP & el3::read_cptr_el3().bits() != 0 {
        return Err("SCR_EL3 or CPTR_EL3 did not keep what was written");
    }
    let before = el0::read_cntpct_el0().bits();
    let frequency = el0::read_cntfrq_el0().bits();
    // The counter moves within this many reads on any core: it is slower than the core by far less.
    let moved = (0..4096).any(|_| el0::read_cntpct_el0().bits() != before);
    if !moved || frequency != P::COUNTER_HZ {
        return Err("the system counter stands still or has another frequency");
    }
    Ok(())
}

/// Of what all cores share: who owns which interrupt, and with which priority; digests; what must not change.
pub fn of_system<P: Platform>(monitor: &Monitor<P>) -> Result<(), &'static str> {
    if !P::CHECKS.at_boot {
        return Ok(());
    }
    if !cfg!(any(
        feature = "weaken-priority",
        feature = "weaken-owner",
        feature = "weaken-sgi"
    )) {
        monitor.gic().check(monitor.system())?;
    }
    if !digest::self_test(rounds()) {
        return Err("SHA-256 comes out wrong");
    }
    if P::CHECKS.asked_for {
        constants(monitor.hardware())?;
    }
    Ok(())
}

/// The monitor's own text, constants and tables: no partition is loaded yet.
fn constants(hardware: &Hardware) -> Result<(), &'static str> {
    let table = digests::Table::open(hardware)?;
    let right = |n| table.check(n, |_| false).is_ok();
    if (0..table.len()).all(right) {
        Ok(())
    } else {
        Err("the monitor's text or tables have changed")
    }
}
