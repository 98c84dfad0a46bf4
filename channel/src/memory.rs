//! What an endpoint may do to shared memory: read and write whole words, and order them.
//!
//! A trait, so that tests can put in its place a memory that an attacker writes between any two reads, or
//! one whose every interleaving is tried.

/// An order between the accesses before and those after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// Reads before it come before everything after it.
    Acquire,
    /// Everything before it comes before the writes after it.
    Release,
    /// Everything before it comes before everything after it, in one order for both sides.
    Full,
}

/// Memory that somebody else may write at any moment. Two reads of the same word can differ.
///
/// Offsets are in bytes: of words a multiple of 4, of frames a multiple of 8. Whatever the offset, nothing
/// outside of the memory is touched: a read there gives 0, a write there is dropped.
pub trait Memory {
    /// Its size.
    fn bytes(&self) -> usize;
    /// Reads a word, once.
    fn load(&self, at: usize) -> u32;
    /// Writes a word.
    fn store(&self, at: usize, value: u32);
    /// Copies a frame into private memory, each word once.
    fn copy_out(&self, at: usize, to: &mut [u8]);
    /// Copies a frame from private memory, with zeros up to a multiple of 8 bytes.
    fn copy_in(&self, at: usize, from: &[u8]);
    /// Orders accesses.
    fn fence(&self, fence: Fence);
}

impl<M: Memory> Memory for &M {
    fn bytes(&self) -> usize {
        (**self).bytes()
    }

    fn load(&self, at: usize) -> u32 {
        (**self).load(at)
    }

    fn store(&self, at: usize, value: u32) {
        (**self).store(at, value);
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        (**self).copy_out(at, to);
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        (**self).copy_in(at, from);
    }

    fn fence(&self, fence: Fence) {
        (**self).fence(fence);
    }
}
