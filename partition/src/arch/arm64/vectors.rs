//! Exception vectors of Secure EL1.
//!
//! One exception is expected: the IRQ. Every other is a crash of the partition and goes to the
//! monitor with its syndrome, without a word written to the stack, which may be what is broken.
//!
//! A partition with an operating system of its own replaces these vectors once that starts; it sends
//! what it does not handle to the symbol `partition_crash`.

use core::arch::global_asm;

use cofferdam_abi::call::Call;

global_asm!(
    ".macro crash_vector",
    ".balign 0x80",
    "b partition_crash",
    ".endm",

    // Live on entry and on exit: every register of what was interrupted. The callee-saved ones
    // (x19..x28) are kept by the handler itself. ELR and SPSR stay where they are: handlers run
    // with every exception masked, and a synchronous one is a crash that does not come back.
    ".macro interrupt_vector",
    ".balign 0x80",
    "stp x0, x1, [sp, #-176]!",
    "stp x2, x3, [sp, #16]",
    "stp x4, x5, [sp, #32]",
    "stp x6, x7, [sp, #48]",
    "stp x8, x9, [sp, #64]",
    "stp x10, x11, [sp, #80]",
    "stp x12, x13, [sp, #96]",
    "stp x14, x15, [sp, #112]",
    "stp x16, x17, [sp, #128]",
    "stp x18, x29, [sp, #144]",
    "str x30, [sp, #160]",
    "bl partition_interrupt",
    "ldr x30, [sp, #160]",
    "ldp x18, x29, [sp, #144]",
    "ldp x16, x17, [sp, #128]",
    "ldp x14, x15, [sp, #112]",
    "ldp x12, x13, [sp, #96]",
    "ldp x10, x11, [sp, #80]",
    "ldp x8, x9, [sp, #64]",
    "ldp x6, x7, [sp, #48]",
    "ldp x4, x5, [sp, #32]",
    "ldp x2, x3, [sp, #16]",
    "ldp x0, x1, [sp], #176",
    "eret",
    ".endm",

    ".section .text.vectors, \"ax\"",
    ".balign 0x800",
    ".global partition_vectors",
    "partition_vectors:",
    // Current level with SP_EL0, which is not used: synchronous, IRQ, FIQ, SError.
    ".rept 4",
    "crash_vector",
    ".endr",
    // Current level with SP_EL1.
    "crash_vector",
    "interrupt_vector",
    "crash_vector",
    "crash_vector",
    // Lower levels, AArch64 and AArch32: nothing runs there.
    ".rept 8",
    "crash_vector",
    ".endr",

    // Where the vectors of this run-time, and those that an operating system brings instead, send
    // what they do not handle.
    // Live on entry: nothing but the syndrome registers. Does not return. The loop is for a monitor
    // that refuses the call: the core is left to others.
    ".global partition_crash",
    "partition_crash:",
    "ldr w0, ={crash}",
    "mrs x1, esr_el1",
    "mrs x2, elr_el1",
    "mrs x3, far_el1",
    "smc #0",
    "0: wfi",
    "b 0b",
    ".ltorg",
    crash = const Call::Crash.function_id(),
);
