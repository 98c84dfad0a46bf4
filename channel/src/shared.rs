//! Shared memory itself: the only module that touches it, and the only one with `unsafe`.
//!
//! The other side runs outside of this program, and perhaps in the same instant. So accesses are volatile, of
//! a whole aligned word, through a raw pointer: the compiler can neither repeat one nor make one up. No
//! reference to this memory is ever made: it would promise that nobody else writes. Order comes from fences:
//! on arm64 `dmb` in the inner shareable domain, which is why both sides must map the memory
//! inner shareable, Normal and write-back (Arm ARM, Mismatched memory attributes: they lose coherence).
//!
//! On arm64 with CRC32C by instruction, frames of private buffers that are aligned to 8 are copied and summed in one pass by
//! assembly (`shared/copy.S`), with the same promises: raw pointers, each byte read once.

use crate::crc32c::Engine;
use crate::memory::{Fence, Header, Memory, Section, summed};
use cofferdam_abi::virtualnet::{Geometry, section, slot};
use core::ptr::NonNull;
use core::sync::atomic::{Ordering, fence};

#[cfg_attr(
    all(target_arch = "aarch64", target_endian = "little"),
    path = "shared/arm64.rs"
)]
#[cfg_attr(
    not(all(target_arch = "aarch64", target_endian = "little")),
    path = "shared/portable.rs"
)]
mod copy;

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
    /// As long as this, a copy of it or a [`Place`] in it is used, `bytes` bytes from `base` on are mapped, readable and writable,
    /// and nothing in this program has a reference into them or accesses them from another
    /// thread except through those.
    pub unsafe fn new(base: NonNull<u64>, bytes: usize) -> Option<Self> {
        base.is_aligned().then_some(Self { base, bytes })
    }

    /// The word of four bytes at `at`, if it lies inside.
    fn word(&self, at: usize) -> Option<*mut u32> {
        // Of an offset that is no multiple of 4, the lower bits become the highest: far outside.
        let inside = at.rotate_right(2) < self.bytes / size_of::<u32>();
        inside.then(|| self.base.as_ptr().wrapping_byte_add(at).cast())
    }

    /// The words of eight bytes that hold `length` bytes at `at`, if all of them lie inside.
    fn words(&self, at: usize, length: usize) -> Option<*mut u64> {
        // As above.
        let number = at.rotate_right(3);
        let last = (self.bytes / WORD).checked_sub(length.div_ceil(WORD))?;
        (number <= last).then(|| self.base.as_ptr().wrapping_byte_add(at))
    }
}

/// A section that lies inside.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// As long as the fixed part of a section at least, and aligned to [`WORD`].
    base: NonNull<u64>,
    /// Where the last slot can begin, in [`WORD`]s.
    last: usize,
    /// Bytes behind a slot's header, a multiple of [`WORD`].
    room: usize,
}

impl Place {
    /// A word of the fixed part: where the compiler knows the offset, this is an addition.
    #[inline(always)]
    fn word(self, at: usize) -> Option<*mut u32> {
        let inside = at.rotate_right(2) < section::FIRST_SLOT / size_of::<u32>();
        inside.then(|| self.base.as_ptr().wrapping_byte_add(at).cast())
    }

    /// The slot at this offset, if there can be one with a frame of so many bytes.
    #[inline(always)]
    fn slot(self, at: usize, frame: usize) -> Option<*mut u64> {
        // Of an offset that is no multiple of 8, the lower bits become the highest: far outside.
        let inside = at.rotate_right(3) <= self.last && frame <= self.room;
        inside.then(|| self.base.as_ptr().wrapping_byte_add(at))
    }
}

impl Memory for Shared {
    type Place = Place;

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
        let aligned = to.as_ptr().cast::<u64>().is_aligned();
        let (whole, rest) = to.as_chunks_mut::<WORD>();
        let mut next = || {
            // SAFETY: `words` found all words of the frame aligned and within the memory that `new` was promised.
            let word = unsafe { from.read_volatile() };
            from = from.wrapping_add(1);
            word
        };
        if aligned {
            for to in whole {
                // SAFETY: a word of the caller's own, aligned as the first one is. Told to the compiler, which would write each byte.
                unsafe { to.as_mut_ptr().cast::<u64>().write(next()) }
            }
        } else {
            for to in whole {
                *to = next().to_ne_bytes();
            }
        }
        if !rest.is_empty() {
            for (to, from) in rest.iter_mut().zip(next().to_ne_bytes()) {
                *to = from;
            }
        }
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        let Some(mut to) = self.words(at, from.len()) else {
            return;
        };
        let aligned = from.as_ptr().cast::<u64>().is_aligned();
        let (whole, rest) = from.as_chunks::<WORD>();
        let mut put = |word| {
            // SAFETY: `words` found all words of the frame aligned and within the memory that `new` was promised.
            unsafe { to.write_volatile(word) }
            to = to.wrapping_add(1);
        };
        if aligned {
            for from in whole {
                // SAFETY: a word of the caller's own, aligned as the first one is.
                put(unsafe { from.as_ptr().cast::<u64>().read() });
            }
        } else {
            for from in whole {
                put(u64::from_ne_bytes(*from));
            }
        }
        if !rest.is_empty() {
            let mut last = [0; WORD];
            for (to, from) in last.iter_mut().zip(rest) {
                *to = *from;
            }
            put(u64::from_ne_bytes(last));
        }
    }

    #[inline(always)]
    fn fence(&self, order: Fence) {
        fence(match order {
            Fence::Acquire => Ordering::Acquire,
            Fence::Release => Ordering::Release,
            Fence::Full => Ordering::SeqCst,
        });
    }

    fn place(&self, start: usize, geometry: Geometry) -> Option<Place> {
        let (bytes, stride) = (geometry.section(), geometry.stride());
        let base = NonNull::new(self.words(start, bytes)?)?;
        let last = bytes.checked_sub(stride)? / WORD;
        let room = stride.checked_sub(slot::FRAME)?;
        let whole = bytes >= section::FIRST_SLOT && room.is_multiple_of(WORD);
        whole.then_some(Place { base, last, room })
    }

    #[inline(always)]
    fn load_in(&self, Section { place, .. }: Section<Place>, at: usize) -> u32 {
        place.word(at).map_or(0, |word| {
            // SAFETY: within the fixed part, which `place` found within the memory that `new` was promised.
            u32::from_le(unsafe { word.read_volatile() })
        })
    }

    #[inline(always)]
    fn store_in(&self, Section { place, .. }: Section<Place>, at: usize, value: u32) {
        if let Some(word) = place.word(at) {
            // SAFETY: within the fixed part, which `place` found within the memory that `new` was promised.
            unsafe { word.write_volatile(value.to_le()) }
        }
    }

    #[inline(always)]
    fn load_header(&self, Section { place, .. }: Section<Place>, at: usize) -> [u32; 5] {
        place.slot(at, 0).map_or([0; 5], |slot| {
            let word = |n| {
                let from = slot.cast::<u32>().wrapping_add(n);
                // SAFETY: of a slot, which lies within a section that `place` found within the memory that `new` was promised.
                u32::from_le(unsafe { from.read_volatile() })
            };
            // No loop, which would take three times the instructions.
            [word(0), word(1), word(2), word(3), word(4)]
        })
    }

    #[inline(always)]
    fn load_frame(
        &self,
        section: Section<Place>,
        at: usize,
        header: Header,
        frame: &mut [u8],
        engine: Option<Engine>,
    ) -> u32 {
        let header = summed(header);
        if let Some(Engine::Instructions(present)) = engine
            && let Some(slot) = section.place.slot(at, frame.len())
            && frame.as_ptr().cast::<u64>().is_aligned()
        {
            let from = slot.wrapping_byte_add(slot::FRAME).cast();
            let (to, bytes) = (frame.as_mut_ptr(), frame.len());
            // SAFETY: the frame of a slot, which lies within a section that `place` found within the memory that `new` was
            // promised; `frame` is the caller's own; both are aligned.
            let summed = unsafe { copy::copy_summed(present, to, from, bytes, header) };
            if let Some(crc) = summed {
                return crc;
            }
        }
        self.load_frame_in_turn(section.start.wrapping_add(at), header, frame, engine)
    }

    #[inline(always)]
    fn store_slot(
        &self,
        section: Section<Place>,
        at: usize,
        header: Header,
        frame: &[u8],
        engine: Option<Engine>,
    ) {
        let Some(slot) = section.place.slot(at, frame.len()) else {
            return;
        };
        let crc = self.store_frame(section, (at, slot), summed(header), frame, engine);
        let store = |n: usize, word: u32| {
            let to = slot.cast::<u32>().wrapping_add(n);
            // SAFETY: of a slot, which lies within a section that `place` found within the memory that `new` was promised.
            unsafe { to.write_volatile(word.to_le()) }
        };
        // No loop, as above.
        let [length, flags, seq, epoch] = header;
        store(0, length);
        store(1, flags);
        store(2, seq);
        store(3, epoch);
        store(4, crc);
    }
}

impl Shared {
    /// Writes the frame of a slot that was found at `at`, and answers what goes into its header as the checksum.
    #[inline(always)]
    fn store_frame(
        &self,
        section: Section<Place>,
        (at, slot): (usize, *mut u64),
        header: (u64, u64),
        frame: &[u8],
        engine: Option<Engine>,
    ) -> u32 {
        if let Some(Engine::Instructions(present)) = engine
            && frame.as_ptr().cast::<u64>().is_aligned()
        {
            let (to, bytes) = (slot.wrapping_byte_add(slot::FRAME), frame.len());
            if !bytes.is_multiple_of(WORD) {
                // The zeros behind the frame.
                let last = to.wrapping_add(bytes / WORD);
                // SAFETY: the frame's last word, which its slot has room for.
                unsafe { last.write_volatile(0) }
            }
            // SAFETY: the frame of a slot, which lies within a section that `place` found within the memory that `new` was
            // promised; `frame` is the caller's own; both are aligned.
            let summed =
                unsafe { copy::copy_summed(present, to.cast(), frame.as_ptr(), bytes, header) };
            if let Some(crc) = summed {
                return crc;
            }
        }
        self.store_frame_in_turn(section.start.wrapping_add(at), header, frame, engine)
    }

    /// A frame by whole words, and then its checksum.
    #[cold]
    #[inline(never)]
    fn load_frame_in_turn(
        &self,
        at: usize,
        header: (u64, u64),
        frame: &mut [u8],
        engine: Option<Engine>,
    ) -> u32 {
        self.copy_out(at.wrapping_add(slot::FRAME), frame);
        engine.map_or(0, |engine| engine.checksum(header, frame))
    }

    /// The same into a slot.
    #[cold]
    #[inline(never)]
    fn store_frame_in_turn(
        &self,
        at: usize,
        header: (u64, u64),
        frame: &[u8],
        engine: Option<Engine>,
    ) -> u32 {
        self.copy_in(at.wrapping_add(slot::FRAME), frame);
        engine.map_or(0, |engine| engine.checksum(header, frame))
    }
}

#[cfg(test)]
mod tests;
