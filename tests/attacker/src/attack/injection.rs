//! An access that EL3 turns into an undefined instruction exception of the caller, whose vectors lie at the very end
//! of the address space: the monitor adds to that address.
//!
//! Only EL1 has an upper half of the address space, in which there can be something at the end. EL2 has none
//! (Armv8.0), so nothing is done there. Nor is it with a GICv2, which has no register that EL3 traps.

use crate::direct::SCRATCH;
use crate::journal::Journal;
use crate::monitor::{GICV2, Outcome, succeeded};
use crate::probe;
use crate::register::{at_el2, read, write};
use core::arch::asm;

const TABLES: u64 = SCRATCH + 0x4_0000;
const PAGE: u64 = SCRATCH + 0x5_0000;
/// As far up as the register takes it. Bits 10 to 0 are RES0; this emulator keeps bits 10 to 5.
const VECTORS: u64 = !0x1f;

/// Makes the access.
pub fn at_the_end(_: &mut Journal) -> Outcome {
    if at_el2() || GICV2 {
        return Ok(());
    }
    build_tables();
    write!("mair_el1", 0x44); // index 0: Normal, not cached
    // 39-bit halves, 4 KiB pages, tables not cached (Arm ARM, TCR_EL1).
    write!("tcr_el1", 25 | 25 << 16 | 0b10 << 30);
    write!("ttbr0_el1", TABLES);
    write!("ttbr1_el1", TABLES);
    // SAFETY: a barrier and the dropping of old translations.
    unsafe { asm!("tlbi vmalle1", "dsb sy", "isb", options(nostack)) };
    let control = read!("sctlr_el1").unwrap_or(0);
    write!("sctlr_el1", control | 1);
    let came = access();
    write!("sctlr_el1", control);
    match came {
        1 => Ok(()),
        _ => succeeded("the exception did not come where it should", came),
    }
}

/// One table for both halves: the first GiBs as they are, and the last page of all.
fn build_tables() {
    const BLOCK: u64 = 0b01;
    const TABLE: u64 = 0b11;
    const ACCESSED: u64 = 1 << 10;
    let entry = |table: u64, index: u64, value: u64| {
        let at = TABLES + 0x1000 * table + 8 * index;
        let [low, high] = [value & 0xffff_ffff, value >> 32].map(|half| half as u32);
        probe::write(at, low);
        probe::write(at + 4, high);
    };
    for gigabyte in 0..2 {
        entry(0, gigabyte, gigabyte << 30 | ACCESSED | BLOCK);
    }
    entry(0, 511, (TABLES + 0x1000) | TABLE);
    entry(1, 511, (TABLES + 0x2000) | TABLE);
    entry(2, 511, PAGE | ACCESSED | TABLE);
    // At the vector of synchronous exceptions: mrs x17, elr_el1; add x17, x17, #4; msr elr_el1, x17;
    // mov x16, #1; eret.
    let handler = [
        0xd538_4031,
        0x9100_1231,
        0xd518_4031,
        0xd280_0030,
        0xd69f_03e0,
    ];
    for (at, word) in (PAGE + 0x800 + 0x200..).step_by(4).zip(handler) {
        probe::write(at, word);
    }
}

/// 1 if the exception came to the last page.
fn access() -> u64 {
    let came: u64;
    // SAFETY: the handler there comes back behind the access; the vectors are put back.
    unsafe {
        asm!(
            "ic iallu",
            "dsb sy",
            "mrs {kept}, vbar_el1",
            "msr vbar_el1, {vectors}",
            "isb",
            "mov x16, #0",
            "mrs x17, S3_0_C12_C8_0", // ICC_IAR0_EL1
            "msr vbar_el1, {kept}",
            "isb",
            kept = out(reg) _,
            vectors = in(reg) VECTORS,
            out("x16") came,
            out("x17") _,
            options(nostack),
        );
    }
    came
}
