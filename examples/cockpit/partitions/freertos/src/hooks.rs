//! What the kernel calls. The names are its own, or those of `kernel/FreeRTOSConfig.h`.

use core::arch::asm;
use core::ffi::{CStr, c_char, c_void};

use cofferdam_partition::interrupts;

use crate::tick;

/// From this INTID on an acknowledged interrupt is none of this partition's: 1020 to 1023 are none at all
/// (Arm IHI 0069, Special INTIDs), and LPIs and the extended ranges are beyond.
const SPECIAL: u32 = 1020;

/// Handles an interrupt that the port's IRQ handler acknowledged; it ends it, too.
#[unsafe(no_mangle)]
extern "C" fn vApplicationIRQHandler(intid: u32) {
    if intid < SPECIAL {
        interrupts::handle(intid);
    }
}

/// `configSETUP_TICK_INTERRUPT`: called with interrupts masked, just before the first task starts.
#[unsafe(no_mangle)]
extern "C" fn freertos_set_up_tick() {
    tick::start();
}

/// Nothing is ready. The monitor traps the wait and runs the other world on this core until the
/// next interrupt.
#[unsafe(no_mangle)]
extern "C" fn vApplicationIdleHook() {
    // SAFETY: waits, nothing else. The monitor keeps all registers.
    unsafe { asm!("yield", "wfi", options(nostack, preserves_flags)) }
}

/// `configASSERT`: something that the kernel relies on does not hold.
#[unsafe(no_mangle)]
extern "C" fn freertos_assertion_failed(file: *const c_char, line: u32) -> ! {
    // SAFETY: the compiler's name of the source file.
    let file = unsafe { CStr::from_ptr(file) };
    panic!("assertion failed at line {line} of {file:?}")
}

/// A task was found beyond the end of its stack, or to have written there.
#[unsafe(no_mangle)]
extern "C" fn vApplicationStackOverflowHook(_task: *mut c_void, name: *const c_char) {
    // SAFETY: the kernel's copy of the task's name, which it ends with 0.
    let name = unsafe { CStr::from_ptr(name) };
    panic!("stack overflow of task {name:?}");
}
