//! The switch between the main loop and the work of its slack (see [`crate::slack`]).

use core::arch::{asm, naked_asm};

/// Bytes of what [`switch`] saves: ra, s0 to s11, and what keeps the stack aligned (RISC-V calling convention).
const SAVED: usize = 112;

/// Prepares the work's stack as [`switch`] would have left it, and answers its pointer.
///
/// # Safety
/// `end` is the aligned end of a stack that nothing uses.
pub unsafe fn prepare(end: usize, work: fn() -> !) -> usize {
    let frame: *mut [usize; 14] = core::ptr::with_exposed_provenance_mut(end - SAVED);
    let mut saved = [0; 14];
    // ra: where the switch returns to; s1: what `first` calls. s0 is the frame pointer, and ends the chain.
    saved[0] = first as *const () as usize;
    saved[2] = work as usize;
    // SAFETY: the topmost bytes of the stack, as the caller promises.
    unsafe { frame.write(saved) };
    end - SAVED
}

/// Begins the work. Live on entry: s1, the work.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!("csrsi sstatus, 2", "jr s1")
}

/// Saves what a function keeps, changes the stack, and goes on where the other side was.
///
/// # Safety
/// `to` is what [`prepare`] answered or this function left of the other side, and interrupts are masked.
#[unsafe(naked)]
pub unsafe extern "C" fn switch(to: usize, from: *mut usize) {
    // Live on entry: a0, a1. All that the calling convention lets a function change, changes. gp and tp are never changed.
    naked_asm!(
        "addi sp, sp, -{saved}",
        "sd ra, 0(sp)",
        "sd s0, 8(sp)",
        "sd s1, 16(sp)",
        "sd s2, 24(sp)",
        "sd s3, 32(sp)",
        "sd s4, 40(sp)",
        "sd s5, 48(sp)",
        "sd s6, 56(sp)",
        "sd s7, 64(sp)",
        "sd s8, 72(sp)",
        "sd s9, 80(sp)",
        "sd s10, 88(sp)",
        "sd s11, 96(sp)",
        "sd sp, 0(a1)",
        "mv sp, a0",
        "ld ra, 0(sp)",
        "ld s0, 8(sp)",
        "ld s1, 16(sp)",
        "ld s2, 24(sp)",
        "ld s3, 32(sp)",
        "ld s4, 40(sp)",
        "ld s5, 48(sp)",
        "ld s6, 56(sp)",
        "ld s7, 64(sp)",
        "ld s8, 72(sp)",
        "ld s9, 80(sp)",
        "ld s10, 88(sp)",
        "ld s11, 96(sp)",
        "addi sp, sp, {saved}",
        "ret",
        saved = const SAVED,
    )
}

/// A hint that this hart may wait.
pub fn give_way() {
    core::hint::spin_loop();
}

/// Where an interrupt was taken, for the vector to return there: sepc, sstatus.
#[derive(Clone, Copy, Debug)]
pub struct Interrupted([u64; 2]);

impl Interrupted {
    /// Of the interrupt that is handled.
    pub fn save() -> Self {
        let (sepc, sstatus): (u64, u64);
        // SAFETY: only reads.
        unsafe {
            asm!("csrr {}, sepc", "csrr {}, sstatus", out(reg) sepc, out(reg) sstatus, options(nomem, nostack));
        }
        Self([sepc, sstatus])
    }

    /// Has the vector return there.
    ///
    /// # Safety
    /// On the stack that had it when it was saved, with interrupts masked.
    pub unsafe fn restore(self) {
        let [sepc, sstatus] = self.0;
        // SAFETY: the caller's promise; sstatus.SIE was 0, as in every handler.
        unsafe {
            asm!("csrw sepc, {}", "csrw sstatus, {}", in(reg) sepc, in(reg) sstatus, options(nomem, nostack));
        }
    }
}
