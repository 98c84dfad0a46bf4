//! From the monitor's entry to the partition's `main`.
//!
//! On entry: Secure EL1 with SP_EL1, everything masked, MMU and caches off, x0 the argument, the
//! image copied, all other memory of the partition in any state, none of its interrupts pending or
//! active at the distributor. A restart enters here again, so the timer may be running.

use core::arch::{asm, naked_asm};

use super::{console, interrupt, mmu, timer};
use crate::hardware::Hardware;

unsafe extern "C" {
    /// Defined by [`entry!`](crate::entry).
    fn partition_main(argument: u64) -> !;
}

/// First instruction of the partition.
///
/// # Safety
///
/// For the monitor alone.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.start")]
unsafe extern "C" fn partition_start() -> ! {
    // Live on entry: x0, the argument, which stays there. Clobbered: x1 to x3.
    naked_asm!(
        // Vectors first: from here on a fault is reported.
        "adrp x1, partition_vectors",
        "add x1, x1, :lo12:partition_vectors",
        "msr vbar_el1, x1",
        "msr cpacr_el1, xzr",
        "isb",
        // What is written from now until the caches are on goes past them. Lines that are cached of
        // it would hide or overwrite it later, so clean and invalidate them. 16 bytes is the
        // smallest line there can be; CTR_EL0.DminLine says the real one, in words as a power of
        // two.
        "mrs x3, ctr_el0",
        "ubfx x3, x3, #16, #4",
        "mov x2, #4",
        "lsl x3, x2, x3",
        "adrp x1, __data_start",
        "adrp x2, __stack_end",
        "0: dc civac, x1",
        "add x1, x1, x3",
        "cmp x1, x2",
        "b.lo 0b",
        "dsb sy",
        // Zero .bss and the translation tables.
        "adrp x1, __bss_start",
        "add x1, x1, :lo12:__bss_start",
        "adrp x2, __bss_end",
        "1: cmp x1, x2",
        "b.hs 2f",
        "stp xzr, xzr, [x1], #16",
        "b 1b",
        "2: adrp x1, __stack_end",
        "mov sp, x1",
        "mov x29, xzr",
        "mov x30, xzr",
        "b {main}",
        main = sym partition_main,
    )
}

/// Brings up everything that `main` relies on. Called once by [`entry!`](crate::entry), before
/// `main`.
pub fn start(hardware: &'static Hardware) {
    timer::stop();
    mmu::enable(hardware);
    console::set_panic_console(hardware.console.start);
    if hardware.floating_point {
        allow_floating_point();
    }
    interrupt::enable(hardware);
    interrupt::unmask();
}

/// CPACR_EL1.FPEN (bits 21:20) = 0b11: no FP/SIMD instruction traps to this level.
fn allow_floating_point() {
    // SAFETY: changes what traps, nothing else; the code of this crate has no such instruction.
    unsafe {
        asm!(
            "msr cpacr_el1, {}",
            "isb",
            in(reg) 0b11_u64 << 20,
            options(nomem, nostack, preserves_flags),
        );
    }
}
