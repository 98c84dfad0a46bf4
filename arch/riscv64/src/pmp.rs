//! What a hart can reach below M-mode, as PMP entries (privileged specification, Physical Memory Protection).
//!
//! An [`Image`] is computed by the compiler from the regions of one partition. Each region is matched by one entry, a
//! naturally aligned power of two by itself and any other by a pair of which the first only carries the start: an
//! access may straddle no seam between entries, and inside a region there is none. What no entry matches, S- and
//! U-mode cannot reach.
//!
//! Without Smepmp a locked rule binds all modes and M-mode passes every other: so the monitor's text is readable
//! below M-mode and cannot be written by anybody, a stack's guard is out of reach of all, and the monitor's data can be
//! executed by the monitor. With it (`csr::bind_machine`; Smepmp 1.0, mseccfg.MML) a locked rule is M-mode's alone, and M-mode executes
//! its text only.

use cofferdam_core::region::Region;

/// Entries that an image fills; harts have 16 at least here.
pub const ENTRIES: usize = 16;
/// The monitor's own, which come first and are locked: two guards and the text.
pub const LOCKED: usize = 3;

const READ: u8 = 1;
const WRITE: u8 = 1 << 1;
const EXECUTE: u8 = 1 << 2;
const TOR: u8 = 1 << 3;
const NAPOT: u8 = 3 << 3;
const LOCK: u8 = 1 << 7;

/// What may be done in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A partition's memory: everything.
    Memory,
    /// A device, or the section of a channel that a partition writes: no instructions.
    Device,
    /// What another partition writes.
    Foreign,
    /// The monitor's text: nobody writes it.
    Text,
    /// A guard: nobody reaches it.
    Guard,
}

impl Rule {
    const fn bits(self) -> u8 {
        match self {
            Self::Memory => READ | WRITE | EXECUTE,
            Self::Device => READ | WRITE,
            Self::Foreign if cfg!(feature = "weaken-pmp") => READ | WRITE | EXECUTE,
            Self::Foreign => READ,
            Self::Text | Self::Guard if cfg!(feature = "weaken-locks") => 0,
            Self::Text => LOCK | READ | EXECUTE,
            Self::Guard => LOCK,
        }
    }
}

/// The values of `pmpcfg` and `pmpaddr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Image {
    /// `pmpcfg0` and `pmpcfg2`.
    pub configs: [u64; ENTRIES / 8],
    /// `pmpaddr0` and on.
    pub addresses: [u64; ENTRIES],
    /// How many are filled, or to be cleared of what another image of the hart fills.
    pub used: usize,
}

impl Image {
    /// Nothing can be reached.
    pub const EMPTY: Self = Self {
        configs: [0; _],
        addresses: [0; _],
        used: 0,
    };

    /// The same with a region more; nothing where no entry is left for it.
    ///
    /// Of two rules for one address, the earlier holds.
    #[must_use]
    pub const fn with(self, region: Region, rule: Rule) -> Option<Self> {
        let (start, len) = (region.start().get(), region.len().get());
        if len.is_power_of_two() && len >= 8 && start.is_multiple_of(len) {
            // The trailing ones say the size: 8 bytes have none.
            return self.entry(rule.bits() | NAPOT, start >> 2 | (len / 8 - 1));
        }
        match self.entry(0, start >> 2) {
            Some(image) => image.entry(rule.bits() | TOR, region.end().get() >> 2),
            None => None,
        }
    }

    /// As [`Image::with`], for each of a partition's regions.
    ///
    /// # Panics
    /// When there are too many, which fails the build: the validator refuses such a system, by the same count.
    #[must_use]
    pub const fn with_all(mut self, regions: &[Region], rule: Rule) -> Self {
        let mut n = 0;
        while n < regions.len() {
            #[expect(clippy::indexing_slicing, reason = "below its length")]
            let region = regions[n];
            match self.with(region, rule) {
                Some(image) => self = image,
                None => panic!("more regions than PMP entries"),
            }
            n += 1;
        }
        self
    }

    /// The images of the partitions of one hart, each clearing what the other fills.
    #[must_use]
    pub const fn together(mut self, mut other: Self) -> [Self; 2] {
        let used = if self.used > other.used {
            self.used
        } else {
            other.used
        };
        (self.used, other.used) = (used, used);
        [self, other]
    }

    #[expect(clippy::indexing_slicing, reason = "below ENTRIES")]
    const fn entry(mut self, config: u8, address: u64) -> Option<Self> {
        if self.used == ENTRIES {
            return None;
        }
        self.configs[self.used / 8] |= (config as u64) << (8 * (self.used % 8));
        self.addresses[self.used] = address;
        self.used += 1;
        Some(self)
    }
}

#[cfg(test)]
#[path = "pmp_tests.rs"]
mod tests;
