//! Long work in the time that the deadlines leave, on a stack of its own.
//!
//! The main loop lets it go on where it would wait; every interrupt takes the core back to the main loop, once its handler is
//! done. So what the work computes may take any time, and delays no job by more than a switch. It shares only atomics
//! with the rest, and uses no floating point: nobody saves it.
//!
//! For partitions that start with `entry!(main, HARDWARE, slack)`.

use core::cell::UnsafeCell;
use core::fmt;

pub use crate::arch::slack::{interrupted, pause, resume_unless};

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
    unsafe { crate::arch::slack::begin(end & !15, work) }
}
