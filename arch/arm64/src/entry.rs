//! The state in which a partition is entered, as values of registers. Nothing is written here.
//!
//! Arm ARM, SCR_EL3, SPSR_EL3, HCR_EL2, SCTLR_EL1 and SCTLR_EL2 as of Armv8.0; where the level is AArch32, the latter two are
//! SCTLR and HSCTLR. Byte order is the partition's own: EL3 stays little-endian (SCTLR_EL3.EE is 0), and calls
//! pass registers, which have none.

use cofferdam_core::table::Entry;

/// SPSR: D, A, I and F masked.
const SPSR_MASKED: u64 = 0b1111 << 6;
/// SPSR: EL2 with its own stack pointer, all masked.
pub const SPSR_EL2: u64 = SPSR_MASKED | 0b1001;
/// SPSR: EL1 with its own stack pointer, all masked.
pub const SPSR_EL1: u64 = SPSR_MASKED | 0b0101;
/// SPSR of AArch32: A, I and F masked. Bit 9 is E there: data are big-endian.
const SPSR_MASKED_32: u64 = 0b111 << 6;
/// SPSR of AArch32, M: Hyp mode.
const HYPERVISOR: u64 = 0b1_1010;
/// SPSR of AArch32, M: Supervisor mode.
const SUPERVISOR: u64 = 0b1_0011;
/// SCTLR_ELx.EE: data of this level are big-endian, and its translation tables.
const EE: u64 = 1 << 25;
/// SCTLR_EL1.E0E: data of EL0 are big-endian.
const E0E: u64 = 1 << 24;
/// SCR_EL3.RW: the level below is AArch64.
pub const SCR_RW: u64 = 1 << 10;
/// HCR_EL2.RW: EL1 is AArch64.
pub const HCR_RW: u64 = 1 << 31;

/// SCR_EL3 for a partition whose slot has `slot`. In the Non-secure world the level below is EL2, in the Secure one EL1.
pub const fn scr(slot: u64, entry: Entry) -> u64 {
    let below_is_el1 = slot & 1 == 0;
    match entry.aarch32 && (entry.hypervisor || below_is_el1) {
        true => slot & !SCR_RW,
        false => slot,
    }
}

/// SPSR_EL3.
pub const fn spsr(entry: Entry) -> u64 {
    match (entry.aarch32, entry.hypervisor) {
        (false, true) => SPSR_EL2,
        (false, false) => SPSR_EL1,
        (true, true) => SPSR_MASKED_32 | HYPERVISOR,
        (true, false) => SPSR_MASKED_32 | SUPERVISOR,
    }
}

/// HCR_EL2.
pub const fn hcr(entry: Entry) -> u64 {
    match entry.aarch32 {
        true => 0,
        false => HCR_RW,
    }
}

/// SCTLR_EL1: but for the byte order, RES1 bits only. In AArch32 also what is 1 after a reset of such a core: CP15BEN, nTWI and nTWE.
pub const fn sctlr_el1(entry: Entry) -> u64 {
    match (entry.aarch32, entry.big_endian) {
        (true, _) => 0x00c5_0838,
        (false, true) => 0x30d0_0800 | EE | E0E,
        (false, false) => 0x30d0_0800,
    }
}

/// SCTLR_EL2, likewise.
pub const fn sctlr_el2(entry: Entry) -> u64 {
    match (entry.aarch32 && entry.hypervisor, entry.big_endian) {
        (true, _) => 0x30c5_0838,
        (false, true) => 0x30c5_0830 | EE,
        (false, false) => 0x30c5_0830,
    }
}
