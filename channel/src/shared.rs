//! Shared memory itself: the only module that touches it, and the only one with `unsafe`.
//!
//! The other side runs outside of this program, and perhaps in the same instant. So accesses are volatile, of
//! a whole aligned word, through a raw pointer: the compiler can neither repeat one nor make one up. No
//! reference to this memory is ever made: it would promise that nobody else writes. Order comes from fences:
//! on arm64 `dmb` in the inner shareable domain, which is why both sides must map the memory
//! inner shareable, Normal and write-back (Arm ARM, Mismatched memory attributes: they lose coherence).

use crate::memory::{Fence, Memory};
use core::ptr::NonNull;
use core::sync::atomic::{Ordering, fence};

/// Bytes of the words that frames are copied by.
const WORD: usize = size_of::<u64>();

/// A piece of shared memory. Copies of it are the same memory.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// Aligned to [`WORD`].
    base: NonNull<u64>,
    bytes: usize,
}

impl Shared {
    /// The memory at `base`; none if that is not aligned to 8.
    ///
    /// # Safety
    /// As long as this or a copy of it is used, `bytes` bytes from `base` on are mapped, readable and writable,
    /// and nothing in this program has a reference into them or accesses them from another
    /// thread except through copies of this.
    pub unsafe fn new(base: NonNull<u64>, bytes: usize) -> Option<Self> {
        base.is_aligned().then_some(Self { base, bytes })
    }

    /// The word at `at`, if it lies inside.
    fn word(&self, at: usize) -> Option<*mut u32> {
        let inside = at.is_multiple_of(size_of::<u32>())
            && at
                .checked_add(size_of::<u32>())
                .is_some_and(|end| end <= self.bytes);
        inside.then(|| self.base.as_ptr().wrapping_byte_add(at).cast())
    }

    /// The words that hold `length` bytes at `at`, if all of them lie inside.
    fn words(&self, at: usize, length: usize) -> Option<*mut u64> {
        let inside = at.is_multiple_of(WORD)
            && length
                .checked_next_multiple_of(WORD)
                .and_then(|length| length.checked_add(at))
                .is_some_and(|end| end <= self.bytes);
        inside.then(|| self.base.as_ptr().wrapping_byte_add(at))
    }
}

impl Memory for Shared {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn load(&self, at: usize) -> u32 {
        self.word(at).map_or(0, |word| {
            // SAFETY: `word` found it aligned and within the memory that `new` was promised.
            u32::from_le(unsafe { word.read_volatile() })
        })
    }

    fn store(&self, at: usize, value: u32) {
        if let Some(word) = self.word(at) {
            // SAFETY: `word` found it aligned and within the memory that `new` was promised.
            unsafe { word.write_volatile(value.to_le()) }
        }
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        let Some(mut from) = self.words(at, to.len()) else {
            return;
        };
        let (whole, rest) = to.as_chunks_mut::<WORD>();
        for to in whole {
            // SAFETY: `words` found all words of the frame aligned and within the memory that `new` was promised.
            *to = unsafe { from.read_volatile() }.to_ne_bytes();
            from = from.wrapping_add(1);
        }
        if !rest.is_empty() {
            // SAFETY: the frame's last word, which `words` counted in.
            let last = unsafe { from.read_volatile() }.to_ne_bytes();
            for (to, from) in rest.iter_mut().zip(last) {
                *to = from;
            }
        }
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        let Some(mut to) = self.words(at, from.len()) else {
            return;
        };
        let (whole, rest) = from.as_chunks::<WORD>();
        for from in whole {
            // SAFETY: `words` found all words of the frame aligned and within the memory that `new` was promised.
            unsafe { to.write_volatile(u64::from_ne_bytes(*from)) }
            to = to.wrapping_add(1);
        }
        if !rest.is_empty() {
            let mut last = [0; WORD];
            for (to, from) in last.iter_mut().zip(rest) {
                *to = *from;
            }
            // SAFETY: the frame's last word, which `words` counted in.
            unsafe { to.write_volatile(u64::from_ne_bytes(last)) }
        }
    }

    fn fence(&self, order: Fence) {
        fence(match order {
            Fence::Acquire => Ordering::Acquire,
            Fence::Release => Ordering::Release,
            Fence::Full => Ordering::SeqCst,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory with a guard of words on either side.
    fn with_guards(check: impl FnOnce(Shared)) {
        let mut words = [0x5a5a_5a5a_5a5a_5a5au64; 12];
        let inside = &raw mut words[2..10];
        let base = NonNull::new(inside.cast::<u64>()).expect("an array");
        // SAFETY: the array lives to the end, and is not used before.
        let shared = unsafe { Shared::new(base, 64) }.expect("aligned");
        check(shared);
        assert_eq!([words[0], words[1]], [0x5a5a_5a5a_5a5a_5a5a; 2]);
        assert_eq!([words[10], words[11]], [0x5a5a_5a5a_5a5a_5a5a; 2]);
    }

    #[test]
    fn frames_of_every_length_survive() {
        with_guards(|shared| {
            for length in 0..=48 {
                let frame: Vec<u8> = (1..=length).collect();
                shared.copy_in(16, &frame);
                let mut back = vec![0; frame.len()];
                shared.copy_out(16, &mut back);
                assert_eq!(back, frame);
            }
            let mut tail = [1; 8];
            shared.copy_in(16, &[7]);
            shared.copy_out(16, &mut tail);
            assert_eq!(tail, [7, 0, 0, 0, 0, 0, 0, 0], "padded with zeros");
        });
    }

    #[test]
    fn words_are_little_endian() {
        with_guards(|shared| {
            shared.store(60, 0x0403_0201);
            let mut bytes = [0; 8];
            shared.copy_out(56, &mut bytes);
            assert_eq!(bytes[4..], [1, 2, 3, 4]);
            assert_eq!(shared.load(60), 0x0403_0201);
        });
    }

    #[test]
    fn a_word_outside_is_not_touched() {
        with_guards(|shared| {
            for at in [64, 62, 1, usize::MAX, usize::MAX - 3] {
                shared.store(at, 0);
                assert_eq!(shared.load(at), 0);
            }
        });
    }

    #[test]
    fn a_frame_outside_is_not_touched() {
        with_guards(|shared| {
            for (at, length) in [(64, 1), (56, 9), (4, 8), (usize::MAX - 7, 8)] {
                shared.copy_in(at, &vec![1; length]);
                let mut to = vec![2; length];
                shared.copy_out(at, &mut to);
                assert_eq!(to, vec![2; length]);
            }
        });
    }

    #[test]
    fn memory_that_is_not_aligned_is_refused() {
        let mut words = [0u64; 2];
        let base = NonNull::from(&mut words).cast::<u64>();
        let base = NonNull::new(base.as_ptr().wrapping_byte_add(4)).expect("not null");
        // SAFETY: nothing is accessed.
        assert!(unsafe { Shared::new(base, 8) }.is_none());
    }
}
