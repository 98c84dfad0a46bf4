//! The incoming message controller of a hart (RISC-V AIA 1.0, chapter 3): its file of S-mode, which a partition that has the hart alone
//! reaches by its own registers and as a page.

use crate::csr;

/// siselect: priorities of S-mode's interrupts, of which RV64 has every second register.
const PRIORITIES: core::ops::Range<u64> = 0x30..0x40;
const DELIVERY: u64 = 0x70;
const THRESHOLD: u64 = 0x72;
const PENDING: u64 = 0x80;
const ENABLED: u64 = 0xc0;
/// Interrupts in a register of the last two, and how far it is to the next one.
const BITS: u64 = 64;
const STRIDE: u64 = 2;

/// Nothing of a partition is left in this hart's file, which has interrupts up to a number: none is delivered, enabled or pending.
pub fn clear(identities: u32) {
    set(DELIVERY, 0);
    set(THRESHOLD, 0);
    for n in 0..=u64::from(identities) / BITS {
        set(ENABLED + STRIDE * n, 0);
        set(PENDING + STRIDE * n, 0);
    }
    for register in PRIORITIES.step_by(2) {
        set(register, 0);
    }
    csr::select_supervisor_register(0);
}

fn set(register: u64, value: u64) {
    csr::select_supervisor_register(register);
    csr::set_supervisor_register(value);
}
