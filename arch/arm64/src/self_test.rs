//! What the monitor looks at before any partition runs: that the hardware is as it was set up.

use crate::panic::self_test_failed;
use crate::platform::{Hardware, Platform};
use crate::register::{CPTR_TFP, MDCR, SCR_RICH};
use crate::{digest, gic, identify, load, mmu};
use arm_sysregs::el0::accessors as el0;
use arm_sysregs::el1::accessors as el1;
use arm_sysregs::el3::accessors as el3;
use cofferdam_core::table::System;

/// MDCR_EL3.SDD and SPD32.
const MDCR_DEBUG: u64 = 1 << 16 | 0b11 << 14;

/// Of this core: its model and features, its protection, its timer.
pub fn of_core<P: Platform>() {
    let id = identify::Identification {
        midr: el1::read_midr_el1().bits(),
        pfr0: el1::read_id_aa64pfr0_el1().bits(),
        pfr1: el1::read_id_aa64pfr1_el1().bits(),
        isar1: el1::read_id_aa64isar1_el1().bits(),
        mmfr1: el1::read_id_aa64mmfr1_el1().bits(),
        dfr0: el1::read_id_aa64dfr0_el1().bits(),
    };
    match identify::check(&id) {
        Ok(_) => {}
        Err(identify::Refused::Unknown) => {
            self_test_failed::<P>("nobody looked at this core: see MODELS in identify.rs")
        }
        Err(identify::Refused::TooOld(_)) => {
            self_test_failed::<P>("this core's revision has errata that are not worked around")
        }
        Err(identify::Refused::Has(what)) => self_test_failed::<P>(what),
    }
    if el3::read_sctlr_el3().bits() & mmu::SCTLR_ON != mmu::SCTLR_ON {
        self_test_failed::<P>("SCTLR_EL3: translation, caches or WXN are off");
    }
    if el3::read_mdcr_el3().bits() & MDCR_DEBUG != MDCR & MDCR_DEBUG {
        self_test_failed::<P>("MDCR_EL3: Secure debug is open");
    }
    let routing = el3::read_scr_el3().bits() | 1;
    if routing & SCR_RICH != SCR_RICH || CPTR_TFP & el3::read_cptr_el3().bits() != 0 {
        self_test_failed::<P>("SCR_EL3 or CPTR_EL3 did not keep what was written");
    }
    let before = el0::read_cntpct_el0().bits();
    let frequency = el0::read_cntfrq_el0().bits();
    // The counter moves within this many reads on any core: it is slower than the core by far less.
    let moved = (0..4096).any(|_| el0::read_cntpct_el0().bits() != before);
    if !moved || frequency != P::COUNTER_HZ {
        self_test_failed::<P>("the system counter stands still or has another frequency");
    }
}

/// Of what all cores share: who owns which interrupt, and with which priority.
pub fn of_system<P: Platform>(hardware: &Hardware, system: &System) {
    if let (Err(what), false) = (
        gic::check(hardware, system),
        cfg!(any(feature = "weaken-priority", feature = "weaken-owner")),
    ) {
        self_test_failed::<P>(what);
    }
    if !digest::self_test(load::engine()) {
        self_test_failed::<P>("SHA-256 comes out wrong");
    }
}
