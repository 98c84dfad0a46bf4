//! Answers the cross calls of Linux. Written in assembly: the empty service is what a benchmark of
//! the call counts, so it is as short as it can be.

use core::arch::naked_asm;

use cofferdam_abi::call::Call;

/// Nothing: answers 1.
const EMPTY: u32 = 0xF200_0000;
/// Answers its arguments x1..x4 as the results x0..x3.
const ECHO: u32 = 0xF200_0001;

/// Waits for an interrupt, which a call does not do, and answers 1.
const WAIT: u32 = 0xF200_0002;
/// Takes x1 ticks of the system counter, at most [`LONGEST`], and answers x2..x5 as the results x0..x3.
const TAKE_TIME: u32 = 0xF200_0003;
/// Half of the latency that the cluster's releases are allowed.
const LONGEST: u32 = 0x7FF;

/// Handler of all cross calls.
///
/// # Safety
///
/// For the monitor alone.
#[unsafe(naked)]
pub unsafe extern "C" fn handler() -> ! {
    // Live on entry: x0..x7 of the caller; x8..x30, SP and the system registers are those of the WFI that
    // this interrupts and must be as found at the end. Live on exit: x1..x4, which become the caller's
    // x0..x3. Clobbers x0, x6 and x7; the stack is not touched.
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
        "cmp w7, #({wait} - {empty})",
        "b.eq 3f",
        "cmp w7, #({take_time} - {empty})",
        "b.eq 4f",
        // SMCCC: an unknown function answers -1.
        "mov x1, #-1",
        "2: smc #0",
        "3: wfi",
        "mov x1, #1",
        "smc #0",
        "4: and x1, x1, #{longest}",
        "mrs x6, cntpct_el0",
        // An emulator that runs one core at a time goes on to the next here.
        "5: yield",
        "isb",
        "mrs x7, cntpct_el0",
        "sub x7, x7, x6",
        "cmp x7, x1",
        "b.lo 5b",
        "mov x1, x2",
        "mov x2, x3",
        "mov x3, x4",
        "mov x4, x5",
        "smc #0",
        ".ltorg",
        empty = const EMPTY,
        echo = const ECHO,
        wait = const WAIT,
        take_time = const TAKE_TIME,
        longest = const LONGEST,
        done = const Call::HandlerDone.function_id(),
    )
}
