//! Memory that a caller passes to a service: an address and a length that it claims to be its own.
//!
//! A [`Readable`] or [`Writable`] is the proof that all of it is. They are made by `claim` alone, which refuses what is
//! empty, too long, unaligned, wraps, or has a single byte outside of one piece of the caller's memory, and so
//! also what is the monitor's or another partition's: the validator keeps those apart. After that a caller may
//! still change the *contents* at any time: each look at a word is one load into the handler's own copy, and two
//! looks may differ.

use crate::region::{PhysAddr, Region};
use crate::service::Error;
use crate::table::Partition;
use core::fmt::Debug;

/// Bytes of a word.
const WORD: u64 = 8;

/// Address of a whole word in a caller's own memory. Only what was claimed has such addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordAddress(u64);

impl WordAddress {
    /// A multiple of 8.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// How the monitor reaches callers' memory.
pub trait Memory: Debug {
    /// One load of the word, whatever else happens to it.
    fn load(&self, at: WordAddress) -> u64;
    /// One store.
    fn store(&self, at: WordAddress, value: u64);
}

/// What a region must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes at most.
    pub most: u64,
    /// What it starts at a multiple of: a power of two, 8 at least.
    pub align: u64,
}

fn claim(owner: &Partition, start: u64, len: u64, bounds: Bounds) -> Result<Region, Error> {
    let region = Region::from_raw(start, len).map_err(|_| Error::InvalidParameter)?;
    let fits = len <= bounds.most && PhysAddr::new(start).is_aligned(bounds.align);
    let owned = cfg!(feature = "weaken-region") || owner.owns(start, len);
    if (fits || cfg!(feature = "weaken-argument")) && owned {
        Ok(region)
    } else {
        Err(Error::InvalidParameter)
    }
}

/// The word with this number, if any of its bytes are in the region. Memory is owned in whole pages, so that the
/// word is the owner's when one byte is.
fn word(region: Region, number: u64) -> Option<WordAddress> {
    let offset = number.checked_mul(WORD)?;
    let inside = offset < region.len().get();
    inside.then(|| WordAddress(region.start().get().saturating_add(offset)))
}

/// Memory of the caller that a handler may read.
#[derive(Clone, Copy, Debug)]
pub struct Readable<'a> {
    region: Region,
    memory: &'a dyn Memory,
}

impl<'a> Readable<'a> {
    /// Checks a claim.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the region is not as it must be, or not the caller's.
    pub fn claim(
        owner: &Partition,
        start: u64,
        len: u64,
        bounds: Bounds,
        memory: &'a dyn Memory,
    ) -> Result<Self, Error> {
        let region = claim(owner, start, len, bounds)?;
        Ok(Self { region, memory })
    }

    /// Where it starts, for handlers in C.
    pub const fn start(&self) -> u64 {
        self.region.start().get()
    }

    /// Bytes. Never 0.
    pub const fn len(&self) -> u64 {
        self.region.len().get()
    }

    /// Never.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Bytes `8 * number` to `8 * number + 7`, the first in the low bits. What lies behind the region is 0.
    pub fn word(&self, number: u64) -> Option<u64> {
        let at = word(self.region, number)?;
        let left = self.region.end().get().saturating_sub(at.get());
        let value = self.memory.load(at);
        Some(match left {
            WORD.. => value,
            bytes => value & ((1 << (8 * bytes)) - 1),
        })
    }
}

/// Memory of the caller that a handler may write.
#[derive(Debug)]
pub struct Writable<'a> {
    region: Region,
    memory: &'a dyn Memory,
}

impl<'a> Writable<'a> {
    /// Checks a claim.
    ///
    /// # Errors
    /// As [`Readable::claim`].
    pub fn claim(
        owner: &Partition,
        start: u64,
        len: u64,
        bounds: Bounds,
        memory: &'a dyn Memory,
    ) -> Result<Self, Error> {
        let region = claim(owner, start, len, bounds)?;
        Ok(Self { region, memory })
    }

    /// Where it starts, for handlers in C.
    pub const fn start(&self) -> u64 {
        self.region.start().get()
    }

    /// Bytes. Never 0.
    pub const fn len(&self) -> u64 {
        self.region.len().get()
    }

    /// Never.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Writes bytes `8 * number` to `8 * number + 7`, if all of them are in the region; says whether.
    pub fn set_word(&mut self, number: u64, value: u64) -> bool {
        let last = number
            .checked_add(1)
            .and_then(|next| next.checked_mul(WORD));
        let whole = last.is_some_and(|end| end <= self.len());
        match word(self.region, number) {
            Some(at) if whole => {
                self.memory.store(at, value);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;
