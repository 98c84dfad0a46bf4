//! The switch between the main loop and the work of its slack (see [`crate::slack`]).

use core::arch::{asm, naked_asm};

/// Bytes of what [`switch`] saves.
const SAVED: usize = 96;

/// Prepares the work's stack as [`switch`] would have left it, and answers its pointer.
///
/// # Safety
/// `end` is the aligned end of a stack that nothing uses.
pub unsafe fn prepare(end: usize, work: fn() -> !) -> usize {
    let frame: *mut [usize; 12] = core::ptr::with_exposed_provenance_mut(end - SAVED);
    let mut saved = [0; 12];
    // x19: what `first` calls; x30: where the switch returns to.
    saved[0] = work as usize;
    saved[11] = first as *const () as usize;
    // SAFETY: the topmost bytes of the stack, as the caller promises.
    unsafe { frame.write(saved) };
    end - SAVED
}

/// Begins the work. Live on entry: x19, the work.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!("mov x29, xzr", "msr daifclr, #0xf", "br x19")
}

/// Saves what a function keeps, changes the stack, and goes on where the other side was.
///
/// # Safety
/// `to` is what [`prepare`] answered or this function left of the other side, and interrupts are masked.
#[unsafe(naked)]
pub unsafe extern "C" fn switch(to: usize, from: *mut usize) {
    // Live on entry: x0, x1. All that the procedure call standard lets a function change, changes.
    naked_asm!(
        "stp x19, x20, [sp, #-{saved}]!",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "stp x29, x30, [sp, #80]",
        "mov x2, sp",
        "str x2, [x1]",
        "mov sp, x0",
        "ldp x29, x30, [sp, #80]",
        "ldp x27, x28, [sp, #64]",
        "ldp x25, x26, [sp, #48]",
        "ldp x23, x24, [sp, #32]",
        "ldp x21, x22, [sp, #16]",
        "ldp x19, x20, [sp], #{saved}",
        "ret",
        saved = const SAVED,
    )
}

/// A hint that this core may wait.
pub fn give_way() {
    // SAFETY: a hint (Arm ARM, YIELD).
    unsafe { asm!("yield", options(nomem, nostack, preserves_flags)) }
}

/// Where an interrupt was taken, for the vector to return there: ELR_EL1, SPSR_EL1.
#[derive(Clone, Copy, Debug)]
pub struct Interrupted([u64; 2]);

impl Interrupted {
    /// Of the interrupt that is handled.
    pub fn save() -> Self {
        let (elr, spsr): (u64, u64);
        // SAFETY: only reads.
        unsafe {
            asm!("mrs {}, elr_el1", "mrs {}, spsr_el1", out(reg) elr, out(reg) spsr, options(nomem, nostack, preserves_flags));
        }
        Self([elr, spsr])
    }

    /// Has the vector return there.
    ///
    /// # Safety
    /// On the stack that had it when it was saved, with interrupts masked.
    pub unsafe fn restore(self) {
        let [elr, spsr] = self.0;
        // SAFETY: the caller's promise.
        unsafe {
            asm!("msr elr_el1, {}", "msr spsr_el1, {}", in(reg) elr, in(reg) spsr, options(nomem, nostack, preserves_flags));
        }
    }
}
