//! Long work in the time that the deadlines leave, on a stack of its own.
//!
//! The main loop lets it go on where it would wait; every interrupt takes the core back to the main loop, once its handler is
//! done. So what the work computes may take any time, and delays no job by more than a switch. It shares only atomics
//! with the rest, and uses no floating point: nobody saves it.
//!
//! For partitions that start with `entry!(main, HARDWARE, slack)`.

use core::cell::UnsafeCell;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::arch::slack::{self, Interrupted};
use crate::arch::{mask, unmask};

/// Stack pointer of the side that does not have the core; 0 before there is any work. One of the two has the core; the other's
/// callee-saved registers and return address lie on its own stack.
static OTHER: AtomicUsize = AtomicUsize::new(0);
/// Whether the work has the core.
static WORKS: AtomicBool = AtomicBool::new(false);
/// Whether the work went on until an interrupt, and not until it had nothing to do.
static BUSY: AtomicBool = AtomicBool::new(false);

/// A stack for the work.
#[repr(C, align(16))]
pub struct Stack<const BYTES: usize>(UnsafeCell<[u8; BYTES]>);

impl<const BYTES: usize> fmt::Debug for Stack<BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stack of {BYTES} bytes")
    }
}

// SAFETY: only the work uses it, which there is one of.
unsafe impl<const BYTES: usize> Sync for Stack<BYTES> {}

impl<const BYTES: usize> Stack<BYTES> {
    /// An empty one.
    pub const fn new() -> Self {
        Self(UnsafeCell::new([0; BYTES]))
    }
}

impl<const BYTES: usize> Default for Stack<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives the partition its work, which begins when the main loop first resumes it. `work` pauses where it has nothing to do.
///
/// # Safety
/// Called once, by the main loop, before it resumes; nothing else has this stack.
pub unsafe fn begin<const BYTES: usize>(stack: &'static Stack<BYTES>, work: fn() -> !) {
    let end = stack.0.get().expose_provenance() + BYTES;
    // SAFETY: the caller's promises; it is aligned, and so is its end.
    let pointer = unsafe { slack::prepare(end & !15, work) };
    OTHER.store(pointer, Ordering::Relaxed);
}

/// To the other side; returns when that comes back. A switch is made with every interrupt masked, and each side unmasks for itself.
fn over(works: bool, busy: bool) {
    WORKS.store(works, Ordering::Relaxed);
    BUSY.store(busy, Ordering::Relaxed);
    let to = OTHER.load(Ordering::Relaxed);
    // SAFETY: interrupts are masked, and nothing else writes it: the two sides are never there at once.
    unsafe { slack::switch(to, OTHER.as_ptr()) }
}

/// Lets the work go on until the next interrupt, or until it pauses, unless `ready` says that there is something else to do.
/// Says whether it has more to do. `ready` is asked with interrupts masked, so that none falls between answer and work.
pub fn resume_unless(ready: impl FnOnce() -> bool) -> bool {
    mask();
    let goes_on = OTHER.load(Ordering::Relaxed) != 0 && !ready();
    if goes_on {
        // As before a wait: an emulator that runs cores in turns lets the others go on here, or may never do so.
        slack::give_way();
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
    let at = Interrupted::save();
    over(false, true);
    // SAFETY: where the work was; the vector returns there.
    unsafe { at.restore() }
}
