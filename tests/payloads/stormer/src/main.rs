//! A rich partition that asserts the interrupt of the real-time clock (PL031, Arm DDI 0224), which the Non-secure world
//! reaches although the monitor has it, and leaves it asserted.
#![no_std]
#![no_main]

use core::arch::global_asm;

global_asm!(
    ".section .text.start, \"ax\"",
    ".global stormer_start",
    "stormer_start:",
    "mov x0, #0x09010000",
    "mov w1, #1",
    "str w1, [x0, #0x10]", // RTCIMSC
    "ldr w1, [x0]",        // RTCDR: the alarm is now
    "str w1, [x0, #4]",    // RTCMR
    "1: yield",            // an emulator that runs cores in turns gives the next one its turn
    "wfi",
    "b 1b",
);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
