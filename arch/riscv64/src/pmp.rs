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
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Access {
        Read,
        Write,
        Execute,
    }

    /// The specification's own words: the lowest entry that matches any byte of an access decides, and fails it if
    /// it does not match all of them.
    fn allows(image: &Image, address: u64, bytes: u64, access: Access) -> bool {
        let mut below = 0;
        for n in 0..ENTRIES {
            let config = (image.configs[n / 8] >> (8 * (n % 8))) as u8;
            let top = image.addresses[n];
            let (start, end) = match config & NAPOT {
                NAPOT => {
                    let ones = top.trailing_ones();
                    let start = u128::from(top >> (ones + 1) << (ones + 1)) << 2;
                    (start, start + (8_u128 << ones))
                }
                TOR => (u128::from(below) << 2, u128::from(top) << 2),
                _ => (0, 0),
            };
            below = top;
            let (first, behind) = (u128::from(address), u128::from(address) + u128::from(bytes));
            if first < end && behind > start {
                let bit = match access {
                    Access::Read => READ,
                    Access::Write => WRITE,
                    Access::Execute => EXECUTE,
                };
                return first >= start && behind <= end && config & bit != 0;
            }
        }
        false
    }

    fn region(start: u64, len: u64) -> Region {
        Region::from_raw(start, len).unwrap()
    }

    #[test]
    fn a_power_of_two_takes_one_entry_and_any_other_two() {
        let one = Image::EMPTY
            .with(region(0x8000_0000, 0x20_0000), Rule::Memory)
            .unwrap();
        assert_eq!((one.used, one.configs[0]), (1, 0x1f));
        assert_eq!(one.addresses[0], 0x2000_0000 | 0x3_ffff);
        let two = one
            .with(region(0x0c00_0000, 0x60_0000), Rule::Device)
            .unwrap();
        assert_eq!((two.used, two.configs[0]), (3, 0x0b_00_1f));
        assert_eq!(two.addresses[1..3], [0x0300_0000, 0x0318_0000]);
    }

    #[test]
    fn an_image_clears_what_the_other_of_its_hart_fills() {
        let few = Image::EMPTY.with_all(&[region(0x8000_0000, 0x1000)], Rule::Memory);
        let many: Vec<_> = (0..9).map(|n| region(n << 16, 0x1000)).collect();
        let many = Image::EMPTY.with_all(&many, Rule::Memory);
        let [first, second] = few.together(many);
        assert_eq!((first.used, second.used), (9, 9));
        assert_eq!(
            (first.configs, first.addresses),
            (few.configs, few.addresses)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut image = Image::EMPTY;
        for n in 0..ENTRIES as u64 {
            image = image.with(region(n << 12, 0x1000), Rule::Device).unwrap();
        }
        assert_eq!(image.with(region(1 << 20, 0x1000), Rule::Device), None);
    }

    #[test]
    fn the_monitor_s_rules_bind_the_monitor() {
        let image = Image::EMPTY
            .with(region(0x2000_0000, 0x8_0000), Rule::Text)
            .unwrap();
        assert_eq!(image.configs[0], 0x9d);
        let image = Image::EMPTY
            .with(region(0x8000_0000, 0x1000), Rule::Guard)
            .unwrap();
        assert_eq!(image.configs[0], 0x98);
    }

    /// Regions of whole pages that do not touch.
    fn regions() -> impl Strategy<Value = Vec<Region>> {
        prop::collection::vec((1_u64..64, 1_u64..64), 1..7).prop_map(|sizes| {
            let mut at = 0x8000_0000;
            let place = |(gap, pages)| {
                let start = at + gap * 0x1000;
                at = start + pages * 0x1000;
                region(start, pages * 0x1000)
            };
            sizes.into_iter().map(place).collect()
        })
    }

    proptest! {
        #[test]
        fn exactly_the_regions_can_be_reached(
            regions in regions(),
            near in any::<prop::sample::Index>(),
            offset in -16_i64..16,
            from_end in any::<bool>(),
            bytes in prop::sample::select(vec![1_u64, 2, 4, 8]),
        ) {
            let image = Image::EMPTY.with_all(&regions, Rule::Device);
            let edge = near.get(&regions);
            let edge = if from_end { edge.end() } else { edge.start() };
            let address = edge.get().wrapping_add_signed(offset);
            let inside = regions.iter().any(|it| it.contains(region(address, bytes)));
            prop_assert_eq!(allows(&image, address, bytes, Access::Read), inside);
            prop_assert_eq!(allows(&image, address, bytes, Access::Write), inside);
            prop_assert!(!allows(&image, address, bytes, Access::Execute));
        }
    }
}
