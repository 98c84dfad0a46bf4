//! Self-hosted debug: a watchpoint that matches in Secure EL1 only, the OS lock open. Its exceptions would end the
//! critical partition, or tell what it does.
//!
//! Targets MDCR_EL3.SDD, and MDSCR_EL1, which is switched; both are breakpoints' too. Trace registers are no part of
//! this: a core that has some is refused (`identify.rs`).

use crate::register::write;
use crate::shared;

/// DBGWCR (Arm ARM): enabled, in EL1, of the Secure state.
const SECURE_EL1: u64 = 0b10 << 14 | 0b01 << 1 | 1;
/// DBGWCR: loads and stores, of any byte of 2 GiB.
const ANY_DATA: u64 = 31 << 24 | 0xff << 5 | 0b11 << 3;
/// MDSCR_EL1: MDE and KDE.
const ON: u64 = 1 << 15 | 1 << 13;

/// Core 0: every access to data.
pub fn watch() {
    open();
    write!("S2_0_C0_C0_6", 0); // DBGWVR0_EL1
    write!("S2_0_C0_C0_7", SECURE_EL1 | ANY_DATA); // DBGWCR0_EL1
    shared::rest();
    write!("S2_0_C0_C0_7", 0);
    write!("mdscr_el1", 0);
}

fn open() {
    write!("S2_0_C1_C0_4", 0); // OSLAR_EL1
    write!("S2_0_C1_C3_4", 0); // OSDLR_EL1
    write!("mdscr_el1", ON);
}
