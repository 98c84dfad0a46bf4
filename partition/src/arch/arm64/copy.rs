//! `memcpy`, which compilers call by its name: a payload of the network lies at any address, and the copy that comes with the
//! language takes it apart into bytes there.

use core::arch::naked_asm;

/// Copies `bytes` from one place to another, and answers the first.
///
/// Words are read and written where they lie, aligned or not. As long as the MMU is off all memory is Device memory, where that
/// is a fault (Arm ARM, Unaligned access to Device memory): what is not aligned is copied by the byte then.
///
/// # Safety
/// As C has it: both are so long, and do not overlap.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, bytes: usize) -> *mut u8 {
    // Live on entry: x0 to x2. Live on exit: x0. Clobbered: x1 to x7.
    naked_asm!(
        "mov x3, x0",
        "orr x4, x0, x1",
        "tst x4, #7",
        "b.eq 0f",
        "mrs x4, sctlr_el1",
        "tbz x4, #0, 7f",
        "0: subs x2, x2, #32",
        "b.lo 2f",
        "1: ldp x4, x5, [x1], #16",
        "ldp x6, x7, [x1], #16",
        "stp x4, x5, [x3], #16",
        "stp x6, x7, [x3], #16",
        "subs x2, x2, #32",
        "b.hs 1b",
        // What is left, less 32: the lowest five bits are those of the rest.
        "2: tbz x2, #4, 3f",
        "ldp x4, x5, [x1], #16",
        "stp x4, x5, [x3], #16",
        "3: tbz x2, #3, 4f",
        "ldr x4, [x1], #8",
        "str x4, [x3], #8",
        "4: tbz x2, #2, 5f",
        "ldr w4, [x1], #4",
        "str w4, [x3], #4",
        "5: tbz x2, #1, 6f",
        "ldrh w4, [x1], #2",
        "strh w4, [x3], #2",
        "6: tbz x2, #0, 9f",
        "ldrb w4, [x1]",
        "strb w4, [x3]",
        "9: ret",
        "7: cbz x2, 9b",
        "8: ldrb w4, [x1], #1",
        "strb w4, [x3], #1",
        "subs x2, x2, #1",
        "b.ne 8b",
        "ret",
    )
}
