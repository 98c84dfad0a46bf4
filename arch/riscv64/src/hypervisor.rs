//! The registers of the H extension, all of which S-mode can write on a hart that has it: put aside and loaded, so that neither partition
//! finds the other's, nor an interrupt that it made (privileged specification, Hypervisor Extension).
//!
//! Registers of VS-mode's interrupts, and hip, are other names for parts of hie and hvip.

use core::arch::asm;

/// They, in the order of [`each`].
pub type Registers = [u64; 19];

/// What a partition begins with.
pub const ZERO: Registers = [0; 19];

/// Does something to each register at its place: hstatus, hedeleg, hideleg, hie, htimedelta, hcounteren, hgeie, henvcfg, htval, hvip,
/// htinst, hgatp; vsstatus, vstvec, vsscratch, vsepc, vscause, vstval, vsatp. By number, for not every assembler knows them.
macro_rules! each {
    ($first:literal, $second:literal) => {
        concat!(
            ".irp n, 0x600,0x602,0x603,0x604,0x605,0x606,0x607,0x60a,0x643,0x645,0x64a,0x680,",
            "0x200,0x205,0x240,0x241,0x242,0x243,0x280\n",
            $first,
            "\n",
            $second,
            "\naddi {at}, {at}, 8\n.endr",
        )
    };
}

/// Puts them aside.
pub fn save(registers: &mut Registers) {
    let at = registers.as_mut_ptr();
    // SAFETY: 19 words at `at`.
    unsafe {
        asm!(
            each!("csrr {value}, \\n", "sd {value}, 0({at})"),
            at = inout(reg) at => _, value = out(reg) _,
            options(nostack),
        );
    }
}

/// Loads them. Translations of guests go by it: those of both stages are fenced.
pub fn load(registers: &Registers) {
    let at = registers.as_ptr();
    // SAFETY: as above; what these registers do, they do below M-mode. HFENCE.GVMA and HFENCE.VVMA, by their encodings.
    unsafe {
        asm!(
            each!("ld {value}, 0({at})", "csrw \\n, {value}"),
            ".word 0x62000073",
            ".word 0x22000073",
            at = inout(reg) at => _, value = out(reg) _,
            options(nostack),
        );
    }
}
