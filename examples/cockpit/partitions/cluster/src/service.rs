//! Answers the cross calls of Linux. Written in assembly: the empty service is what a benchmark of
//! the call counts, so it is as short as it can be.

use core::arch::naked_asm;

use cofferdam_abi::call::Call;

/// Nothing: answers 1.
const EMPTY: u32 = 0xF200_0000;
/// Answers its arguments x1..x4 as the results x0..x3.
const ECHO: u32 = 0xF200_0001;

/// Handler of all cross calls.
///
/// # Safety
///
/// For the monitor alone.
#[unsafe(naked)]
pub unsafe extern "C" fn handler() -> ! {
    // Live on entry: x0..x7 of the caller; x8..x30, SP and the system registers are those of the WFI that
    // this interrupts and must be as found at the end. Live on exit: x1..x4, which become the caller's
    // x0..x3. Clobbers x0 and x7; the stack is not touched.
    naked_asm!(
        "mov w7, {empty}",
        "subs w7, w0, w7",
        "b.ne 1f",
        "mov x1, #1",
        "ldr w0, ={done}",
        "smc #0",
        "1: cmp w7, #({echo} - {empty})",
        "ldr w0, ={done}",
        "b.eq 2f",
        // SMCCC: an unknown function answers -1.
        "mov x1, #-1",
        "2: smc #0",
        ".ltorg",
        empty = const EMPTY,
        echo = const ECHO,
        done = const Call::HandlerDone.function_id(),
    )
}
