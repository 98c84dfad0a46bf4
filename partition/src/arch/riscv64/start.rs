//! From the monitor's entry to the partition's `main`, and the trap vector.
//!
//! On entry (SBI, hart_start): S-mode, satp and sstatus.SIE 0, a0 the hart, a1 the argument, the image copied, all
//! other memory of the partition in any state, no interrupt enabled or pending.

use core::arch::naked_asm;

use super::{call, interrupt};
use crate::hardware::Hardware;

unsafe extern "C" {
    /// Defined by [`entry!`](crate::entry).
    fn partition_main(argument: u64) -> !;
    fn partition_interrupt();
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
    // Live on entry: a1, the argument. Clobbered: t0, t1.
    naked_asm!(
        // The vector first: from here on a fault is reported.
        "la t0, {trap}",
        "csrw stvec, t0",
        "la t0, __bss_start",
        "la t1, __bss_end",
        "2: bgeu t0, t1, 3f",
        "sd zero, 0(t0)",
        "addi t0, t0, 8",
        "j 2b",
        "3: la sp, __stack_end",
        "mv a0, a1",
        "tail {main}",
        trap = sym partition_trap,
        main = sym partition_main,
    )
}

/// Interrupts go to their handlers. Every exception is a crash of the partition, reported without a word written to the
/// stack, which may be what is broken.
///
/// # Safety
///
/// For the hardware alone.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.trap")]
unsafe extern "C" fn partition_trap() -> ! {
    // Live on entry and on exit: every register. The callee-saved ones are kept by the handler itself; sepc and
    // sstatus stay where they are, for a handler runs with interrupts masked and an exception does not come back.
    naked_asm!(
        ".balign 4",
        "csrw sscratch, t0",
        "csrr t0, scause",
        "bgez t0, 2f",
        "csrr t0, sscratch",
        "addi sp, sp, -128",
        "sd ra, 0(sp)",
        "sd t0, 8(sp)",
        "sd t1, 16(sp)",
        "sd t2, 24(sp)",
        "sd t3, 32(sp)",
        "sd t4, 40(sp)",
        "sd t5, 48(sp)",
        "sd t6, 56(sp)",
        "sd a0, 64(sp)",
        "sd a1, 72(sp)",
        "sd a2, 80(sp)",
        "sd a3, 88(sp)",
        "sd a4, 96(sp)",
        "sd a5, 104(sp)",
        "sd a6, 112(sp)",
        "sd a7, 120(sp)",
        "call {interrupt}",
        "ld ra, 0(sp)",
        "ld t0, 8(sp)",
        "ld t1, 16(sp)",
        "ld t2, 24(sp)",
        "ld t3, 32(sp)",
        "ld t4, 40(sp)",
        "ld t5, 48(sp)",
        "ld t6, 56(sp)",
        "ld a0, 64(sp)",
        "ld a1, 72(sp)",
        "ld a2, 80(sp)",
        "ld a3, 88(sp)",
        "ld a4, 96(sp)",
        "ld a5, 104(sp)",
        "ld a6, 112(sp)",
        "ld a7, 120(sp)",
        "addi sp, sp, 128",
        "sret",
        "2: mv a0, t0",
        "csrr a1, sepc",
        "csrr a2, stval",
        "tail {crash}",
        interrupt = sym partition_interrupt,
        crash = sym crash,
    )
}

extern "C" fn crash(cause: u64, address: u64, fault_address: u64) -> ! {
    call::crash(cause, address, fault_address)
}

/// Brings up everything that `main` relies on. Called once by [`entry!`](crate::entry), before
/// `main`.
pub fn start(hardware: &'static Hardware) {
    interrupt::enable(hardware);
    interrupt::unmask();
}
