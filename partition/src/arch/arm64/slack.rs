//! Switches between the main loop and the work of its slack (see [`crate::slack`]).
//!
//! One of the two has the core; the other's callee-saved registers and return address lie on its own stack, whose
//! pointer is kept here. A switch is made with every interrupt masked, and each side unmasks for itself.

use core::arch::{asm, naked_asm};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::interrupt::{mask, unmask};

/// Stack pointer of the side that does not have the core; 0 before there is any work.
static OTHER: AtomicUsize = AtomicUsize::new(0);
/// Whether the work has the core.
static WORKS: AtomicBool = AtomicBool::new(false);
/// Whether the work went on until an interrupt, and not until it had nothing to do.
static BUSY: AtomicBool = AtomicBool::new(false);

/// Bytes of what [`switch`] saves.
const SAVED: usize = 96;

/// Prepares the work's stack as [`switch`] would have left it.
///
/// # Safety
/// `end` is the aligned end of a stack that nothing uses; called once.
pub unsafe fn begin(end: usize, work: fn() -> !) {
    let frame: *mut [usize; 12] = core::ptr::with_exposed_provenance_mut(end - SAVED);
    let mut saved = [0; 12];
    // x19: what `first` calls; x30: where the switch returns to.
    saved[0] = work as usize;
    saved[11] = first as *const () as usize;
    // SAFETY: the topmost bytes of the stack, as the caller promises.
    unsafe { frame.write(saved) };
    OTHER.store(end - SAVED, Ordering::Relaxed);
}

/// Begins the work. Live on entry: x19, the work.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!("mov x29, xzr", "msr daifclr, #0xf", "br x19")
}

/// Saves what a function keeps, changes the stack, and goes on where the other side was.
///
/// # Safety
/// `to` is where [`begin`] or this function left the other side, and interrupts are masked.
#[unsafe(naked)]
unsafe extern "C" fn switch(to: usize, from: *mut usize) {
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

/// To the other side; returns when that comes back. Interrupts are masked.
fn over(works: bool, busy: bool) {
    WORKS.store(works, Ordering::Relaxed);
    BUSY.store(busy, Ordering::Relaxed);
    let to = OTHER.load(Ordering::Relaxed);
    // SAFETY: interrupts are masked, and nothing else writes it: the two sides are never there at once.
    unsafe { switch(to, OTHER.as_ptr()) }
}

/// Lets the work go on until the next interrupt, or until it pauses, unless `ready` says that there is something else to do.
/// Says whether it has more to do. `ready` is asked with interrupts masked, so that none falls between answer and work.
pub fn resume_unless(ready: impl FnOnce() -> bool) -> bool {
    mask();
    let goes_on = OTHER.load(Ordering::Relaxed) != 0 && !ready();
    if goes_on {
        // As before a wait: an emulator that runs cores in turns lets the others go on here, or may never do so.
        // SAFETY: a hint.
        unsafe { asm!("yield", options(nomem, nostack, preserves_flags)) }
        over(true, false);
    }
    unmask();
    goes_on && BUSY.load(Ordering::Relaxed)
}

/// The work has nothing to do until it is resumed.
pub fn pause() {
    mask();
    over(false, false);
    unmask();
}

/// At the end of each interrupt, with all masked: back to the main loop, if the work was interrupted. It goes on here.
pub fn interrupted() {
    if !WORKS.load(Ordering::Relaxed) {
        return;
    }
    let (elr, spsr): (u64, u64);
    // SAFETY: only reads.
    unsafe {
        asm!("mrs {}, elr_el1", "mrs {}, spsr_el1", out(reg) elr, out(reg) spsr, options(nomem, nostack, preserves_flags));
    }
    over(false, true);
    // SAFETY: where the work was; the vector returns there.
    unsafe {
        asm!("msr elr_el1, {}", "msr spsr_el1, {}", in(reg) elr, in(reg) spsr, options(nomem, nostack, preserves_flags));
    }
}
