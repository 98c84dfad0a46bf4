//! Performance counters: do they count what happens in Secure state?
//!
//! Targets MDCR_EL3.SPME. The filter leaves nothing but Secure EL1 and EL3 to count (Arm ARM, `PMEVTYPER<n>_EL0`:
//! NSK other than P excludes Non-secure EL1, NSH 0 excludes EL2, M equal to P includes EL3).

use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::register::{read, write};
use crate::{shared, time};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// PMEVTYPER: NSK excludes Non-secure EL1; U excludes Secure EL0, and NSU other than U the other one.
const ONLY_SECURE_EL1: u64 = 1 << 30 | 1 << 29;
/// The event: instructions retired.
const INSTRUCTIONS: u64 = 8;

static EVENTS: AtomicU64 = AtomicU64::new(0);

/// Core 0: counts while the critical partition runs again and again.
pub fn count() {
    write!("pmevtyper0_el0", ONLY_SECURE_EL1 | INSTRUCTIONS);
    write!("pmevcntr0_el0", 0);
    write!("pmcntenset_el0", 1);
    write!("pmcr_el0", 1); // E
    shared::rest();
    EVENTS.store(read!("pmevcntr0_el0").unwrap_or(0), SeqCst);
    write!("pmcr_el0", 0);
    write!("pmcntenclr_el0", 1);
}

/// Core 1 meanwhile.
pub fn counted(_: &mut Journal) -> Outcome {
    time::wait(20);
    if !shared::end() {
        return succeeded("core 0 does not answer", 0);
    }
    match EVENTS.load(SeqCst) {
        0 => Ok(()),
        events => succeeded("instructions in Secure state were counted", events),
    }
}
