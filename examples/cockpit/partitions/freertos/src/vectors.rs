//! Exception vectors of Secure EL1 once the scheduler runs.
//!
//! The port runs tasks on SP_EL0 and its handlers on SP_EL1. A task yields by SVC; an interrupt comes
//! in a task, or in the handler of a less urgent one. All else is a crash of the partition and goes
//! to the monitor: the port alone would spin for ever on it.

use core::arch::global_asm;

global_asm!(
    ".macro kernel_crash_vector",
    ".balign 0x80",
    "b partition_crash",
    ".endm",
    // The table that the port installs when it starts the first task.
    ".section .text.freertos_vectors, \"ax\"",
    ".balign 0x800",
    ".global _freertos_vector_table",
    "_freertos_vector_table:",
    // Current level with SP_EL0: a task. Synchronous.
    // Live on entry, and on exit to the port: every register. The flags are in SPSR already.
    // ESR_EL1.EC (bits 31:26) is 0x15 for an SVC of AArch64 state.
    ".balign 0x80",
    "stp x0, x1, [sp, #-16]!",
    "mrs x0, esr_el1",
    "lsr x0, x0, #26",
    "cmp x0, #0x15",
    "ldp x0, x1, [sp], #16",
    "b.ne partition_crash",
    "b FreeRTOS_SWI_Handler",
    // IRQ, FIQ, SError.
    ".balign 0x80",
    "b FreeRTOS_IRQ_Handler",
    "kernel_crash_vector",
    "kernel_crash_vector",
    // Current level with SP_EL1: a handler.
    "kernel_crash_vector",
    ".balign 0x80",
    "b FreeRTOS_IRQ_Handler",
    "kernel_crash_vector",
    "kernel_crash_vector",
    // Lower levels, AArch64 and AArch32: nothing runs there.
    ".rept 8",
    "kernel_crash_vector",
    ".endr",
);
