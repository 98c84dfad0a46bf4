//! What an endpoint may do to shared memory: read and write whole words, and order them.
//!
//! A trait, so that tests can put in its place a memory that an attacker writes between any two reads, or
//! one whose every interleaving is tried.

use crate::crc32c::Engine;
use cofferdam_abi::virtualnet::{Geometry, slot};
use core::fmt::Debug;

/// Bytes of a word.
const WORD: usize = size_of::<u32>();

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

/// A private frame, aligned so that it is copied by whole words: what is not takes more instructions.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct Frame<const N: usize>(pub [u8; N]);

/// What a slot's checksum is over, besides the frame: length, flags, number and epoch.
pub type Header = [u32; 4];

/// The same as checksums take it.
#[inline(always)]
pub fn summed([length, flags, seq, epoch]: Header) -> (u64, u64) {
    let both = |low, high| u64::from(low) | u64::from(high) << 32;
    (both(length, flags), both(seq, epoch))
}

/// A section of a memory.
#[derive(Clone, Copy, Debug)]
pub struct Section<P> {
    /// Where it begins, from the memory's beginning.
    pub start: usize,
    /// What [`Memory::place`] found.
    pub place: P,
}

/// Memory that somebody else may write at any moment. Two reads of the same word can differ.
///
/// Offsets are in bytes: of words a multiple of 4, of frames a multiple of 8. Whatever the offset, nothing
/// outside of the memory is touched: a read there gives 0, a write there is dropped.
pub trait Memory {
    /// What is known of a section that lies inside: of real memory, its address.
    type Place: Copy + Debug;

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
    /// Looks for a section of this geometry, once and for all.
    fn place(&self, start: usize, geometry: Geometry) -> Option<Self::Place>;

    // What follows is made of the above. `Shared` does it in fewer instructions, and no otherwise.

    /// Reads a word before a section's slots, once.
    fn load_in(&self, section: Section<Self::Place>, at: usize) -> u32 {
        self.load(section.start.wrapping_add(at))
    }
    /// Writes a word before a section's slots.
    fn store_in(&self, section: Section<Self::Place>, at: usize, value: u32) {
        self.store(section.start.wrapping_add(at), value);
    }
    /// Reads the header of a section's slot: five words that lie one behind the other, each once.
    fn load_header(&self, section: Section<Self::Place>, at: usize) -> [u32; 5] {
        let at = section.start.wrapping_add(at);
        [0, 1, 2, 3, 4].map(|n: usize| self.load(at.wrapping_add(n.wrapping_mul(WORD))))
    }
    /// Copies the frame of a section's slot into private memory, each word once; answers the checksum of the header, read before,
    /// and the copy, or 0 without an engine.
    fn load_frame(
        &self,
        section: Section<Self::Place>,
        at: usize,
        header: Header,
        frame: &mut [u8],
        engine: Option<Engine>,
    ) -> u32 {
        let at = section.start.wrapping_add(at);
        self.copy_out(at.wrapping_add(slot::FRAME), frame);
        engine.map_or(0, |engine| engine.checksum(summed(header), frame))
    }
    /// Writes a section's slot: header, checksum, which is 0 without an engine, and frame.
    fn store_slot(
        &self,
        section: Section<Self::Place>,
        at: usize,
        header: Header,
        frame: &[u8],
        engine: Option<Engine>,
    ) {
        let at = section.start.wrapping_add(at);
        let crc = engine.map_or(0, |engine| engine.checksum(summed(header), frame));
        for (n, word) in header.into_iter().chain([crc]).enumerate() {
            self.store(at.wrapping_add(n.wrapping_mul(WORD)), word);
        }
        self.copy_in(at.wrapping_add(slot::FRAME), frame);
    }
}

impl<M: Memory> Memory for &M {
    type Place = M::Place;

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

    fn place(&self, start: usize, geometry: Geometry) -> Option<Self::Place> {
        (**self).place(start, geometry)
    }

    fn load_in(&self, section: Section<Self::Place>, at: usize) -> u32 {
        (**self).load_in(section, at)
    }

    fn store_in(&self, section: Section<Self::Place>, at: usize, value: u32) {
        (**self).store_in(section, at, value);
    }

    fn load_header(&self, section: Section<Self::Place>, at: usize) -> [u32; 5] {
        (**self).load_header(section, at)
    }

    fn load_frame(
        &self,
        section: Section<Self::Place>,
        at: usize,
        header: Header,
        frame: &mut [u8],
        engine: Option<Engine>,
    ) -> u32 {
        (**self).load_frame(section, at, header, frame, engine)
    }

    fn store_slot(
        &self,
        section: Section<Self::Place>,
        at: usize,
        header: Header,
        frame: &[u8],
        engine: Option<Engine>,
    ) {
        (**self).store_slot(section, at, header, frame, engine);
    }
}
