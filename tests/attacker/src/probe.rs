//! Tries an address: can it be read, written, executed?

use crate::trap;
use core::arch::asm;

/// Reads a word, if that is let through.
pub fn read(address: u64) -> Option<u32> {
    let value: u32;
    trap::forget();
    // SAFETY: a load in assembly; if it faults, the handler steps over it.
    unsafe {
        asm!("ldr {0:w}, [{1}]", inout(reg) 0_u32 => value, in(reg) address, options(nostack))
    };
    (!trap::taken()).then_some(value)
}

/// Writes a word. Answers whether that was let through.
pub fn write(address: u64, value: u32) -> bool {
    trap::forget();
    // SAFETY: the attacker has nothing to lose: its own code and data are never given here.
    unsafe { asm!("str {0:w}, [{1}]", "dsb sy", in(reg) value, in(reg) address, options(nostack)) };
    !trap::taken()
}

/// Calls an address. Answers whether its instruction was fetched, whatever that did then.
pub fn execute(address: u64) -> bool {
    /// Instruction abort from the same level (Arm ARM, ESR_EL1, EC).
    const INSTRUCTION_ABORT: u64 = 0x21;
    trap::forget();
    // SAFETY: whatever happens there, the next exception comes back to the label; the registers that a
    // call may change are given up.
    unsafe {
        asm!(
            "adr x1, 2f",
            "str x1, [x2]",
            "blr x0",
            "2:",
            in("x0") address,
            in("x2") trap::resume_at(),
            clobber_abi("C"),
        );
    }
    // SAFETY: this core's own word.
    unsafe { trap::resume_at().write_volatile(0) };
    !(trap::taken() && trap::class() == INSTRUCTION_ABORT)
}

/// Whether the probes see what can be reached: without it, nothing that they do not see counts.
pub fn works(memory: u64) -> bool {
    const RET: u32 = 0xd65f_03c0;
    let written = write(memory, RET);
    // SAFETY: makes the new instruction visible.
    unsafe { asm!("ic iallu", "dsb sy", "isb", options(nostack)) };
    written && read(memory) == Some(RET) && execute(memory)
}
