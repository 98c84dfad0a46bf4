//! The region algebra: pieces of physical memory that cannot wrap, be empty or lie about their end.
//!
//! One implementation for both who need it: the host's validator (does anything overlap?) and the
//! monitor at run time (does this pointer of a partition lie in its own memory?). A [`Region`] is
//! the checked form of an address and a length that somebody claimed; only [`Region::new`] makes one.
//!
//! Invariant: `len > 0` and `start + len <= u64::MAX`, so that the end is an address too. The
//! very last byte of a 64-bit address space is therefore in no region, which costs nothing:
//! architectures implement 52 bits at most.

/// A physical address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhysAddr(u64);

impl PhysAddr {
    /// Any 64-bit number is an address; whether something is there is another question.
    pub const fn new(address: u64) -> Self {
        Self(address)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether it is a multiple of `alignment`, which is a power of two. Nothing is a multiple of
    /// what is not a power of two.
    pub const fn is_aligned(self, alignment: u64) -> bool {
        is_multiple(self.0, alignment)
    }

    /// The next multiple of `alignment` (a power of two) at or above, if there is one.
    pub const fn align_up(self, alignment: u64) -> Option<Self> {
        if !alignment.is_power_of_two() {
            return None;
        }
        let mask = alignment - 1;
        match self.0.checked_add(mask) {
            Some(above) => Some(Self(above & !mask)),
            None => None,
        }
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteLen(u64);

impl ByteLen {
    /// So many bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether it is a multiple of `alignment`, a power of two.
    pub const fn is_aligned(self, alignment: u64) -> bool {
        is_multiple(self.0, alignment)
    }
}

const fn is_multiple(number: u64, alignment: u64) -> bool {
    alignment.is_power_of_two() && number & (alignment - 1) == 0
}

/// Why an address and a length are no region. The caller is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionError {
    /// No bytes.
    Empty,
    /// It goes past the end of the address space.
    Wraps,
}

/// A piece of memory of at least one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    start: PhysAddr,
    len: ByteLen,
}

impl Region {
    /// Checks what somebody claims to be a region.
    ///
    /// # Errors
    /// [`RegionError::Empty`] without bytes, [`RegionError::Wraps`] if its end is no address.
    pub const fn new(start: PhysAddr, len: ByteLen) -> Result<Self, RegionError> {
        if len.0 == 0 {
            return Err(RegionError::Empty);
        }
        match start.0.checked_add(len.0) {
            Some(_) => Ok(Self { start, len }),
            None => Err(RegionError::Wraps),
        }
    }

    /// The same, from plain numbers.
    ///
    /// # Errors
    /// As [`Region::new`].
    pub const fn from_raw(start: u64, len: u64) -> Result<Self, RegionError> {
        Self::new(PhysAddr(start), ByteLen(len))
    }

    /// The first byte.
    pub const fn start(self) -> PhysAddr {
        self.start
    }

    /// How many bytes. Never 0.
    pub const fn len(self) -> ByteLen {
        self.len
    }

    /// Never: a region has at least one byte.
    pub const fn is_empty(self) -> bool {
        false
    }

    /// The first byte behind it.
    pub const fn end(self) -> PhysAddr {
        // `new` made sure that the sum is an address; saturating keeps this free of a panic path.
        PhysAddr(self.start.0.saturating_add(self.len.0))
    }

    /// Whether this byte is in it.
    pub const fn contains_address(self, address: PhysAddr) -> bool {
        self.start.0 <= address.0 && address.0 < self.end().0
    }

    /// Whether all of `inner` is in it.
    pub const fn contains(self, inner: Self) -> bool {
        self.start.0 <= inner.start.0 && inner.end().0 <= self.end().0
    }

    /// Whether they share a byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start.0 < other.end().0 && other.start.0 < self.end().0
    }

    /// The bytes that both have.
    pub const fn intersection(self, other: Self) -> Option<Self> {
        if !self.overlaps(other) {
            return None;
        }
        let start = if self.start.0 > other.start.0 {
            self.start.0
        } else {
            other.start.0
        };
        let end = if self.end().0 < other.end().0 {
            self.end().0
        } else {
            other.end().0
        };
        match Self::from_raw(start, end.saturating_sub(start)) {
            Ok(shared) => Some(shared),
            Err(_) => None,
        }
    }

    /// Whether start and length are multiples of `alignment`, a power of two.
    pub const fn is_aligned(self, alignment: u64) -> bool {
        self.start.is_aligned(alignment) && self.len.is_aligned(alignment)
    }
}

/// Two members of a set that share bytes, by their indices, the lower first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The lower index.
    pub first: usize,
    /// The higher index.
    pub second: usize,
}

/// Whether no two of these regions share a byte; else the first pair in index order.
///
/// Compares every pair: sets are small (tens), and sorting would need memory that the monitor has not.
///
/// # Errors
/// The pair.
pub fn check_disjoint(regions: &[Region]) -> Result<(), Overlap> {
    for (second, region) in regions.iter().enumerate() {
        let earlier = regions.iter().take(second);
        if let Some(first) = earlier
            .into_iter()
            .position(|other| other.overlaps(*region))
        {
            return Err(Overlap { first, second });
        }
    }
    Ok(())
}

/// The member of `regions` that has all of `inner`.
pub fn containing(regions: &[Region], inner: Region) -> Option<&Region> {
    regions.iter().find(|region| region.contains(inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn region(start: u64, len: u64) -> Region {
        Region::from_raw(start, len).expect("a region")
    }

    #[test]
    fn the_end_of_the_address_space() {
        assert_eq!(Region::from_raw(0, 0), Err(RegionError::Empty));
        assert_eq!(Region::from_raw(u64::MAX, 0), Err(RegionError::Empty));
        assert_eq!(Region::from_raw(u64::MAX, 1), Err(RegionError::Wraps));
        assert_eq!(Region::from_raw(1, u64::MAX), Err(RegionError::Wraps));
        assert_eq!(region(0, u64::MAX).end().get(), u64::MAX);
        assert!(region(0, u64::MAX).contains(region(u64::MAX - 1, 1)));
    }

    #[test]
    fn neighbours_do_not_overlap() {
        let low = region(0x1000, 0x1000);
        let high = region(0x2000, 0x1000);
        assert!(!low.overlaps(high) && !high.overlaps(low));
        assert_eq!(low.intersection(high), None);
        assert!(low.overlaps(region(0x1FFF, 1)));
        assert!(!low.contains_address(PhysAddr::new(0x2000)));
        assert!(low.contains_address(PhysAddr::new(0x1FFF)));
    }

    #[test]
    fn alignment() {
        assert_eq!(
            PhysAddr::new(1).align_up(0x1000),
            Some(PhysAddr::new(0x1000))
        );
        assert_eq!(
            PhysAddr::new(0x1000).align_up(0x1000),
            Some(PhysAddr::new(0x1000))
        );
        assert_eq!(PhysAddr::new(u64::MAX).align_up(2), None);
        assert_eq!(PhysAddr::new(0).align_up(0), None);
        assert_eq!(PhysAddr::new(0).align_up(3), None);
        assert!(!PhysAddr::new(0).is_aligned(0) && !PhysAddr::new(3).is_aligned(3));
        assert!(region(0x2000, 0x1000).is_aligned(0x1000));
        assert!(!region(0x2000, 0x1001).is_aligned(0x1000));
    }

    #[test]
    fn the_first_overlapping_pair_is_named() {
        let set = [region(0, 16), region(32, 16), region(47, 2), region(8, 4)];
        assert_eq!(check_disjoint(&set[..2]), Ok(()));
        assert_eq!(
            check_disjoint(&set),
            Err(Overlap {
                first: 1,
                second: 2
            })
        );
        assert_eq!(containing(&set, region(40, 8)), Some(&set[1]));
        assert_eq!(containing(&set, region(40, 9)), None);
    }

    /// Regions near each other and near both ends of the address space, where sums could wrap.
    fn near() -> impl Strategy<Value = (u64, u64)> {
        let edge = prop_oneof![0u64..64, (u64::MAX - 64)..=u64::MAX, any::<u64>()];
        (edge.clone(), prop_oneof![0u64..64, edge])
    }

    proptest! {
        /// Against the definition, in wider arithmetic that cannot wrap.
        #[test]
        fn relations_agree_with_u128(a in near(), b in near(), byte in near().prop_map(|(byte, _)| byte)) {
            let wide = |(start, len): (u64, u64)| (u128::from(start), u128::from(start) + u128::from(len));
            for (start, len) in [a, b] {
                let valid = len > 0 && wide((start, len)).1 <= u128::from(u64::MAX);
                prop_assert_eq!(Region::from_raw(start, len).is_ok(), valid);
            }
            if let (Ok(ra), Ok(rb)) = (Region::from_raw(a.0, a.1), Region::from_raw(b.0, b.1)) {
                let ((a0, a1), (b0, b1)) = (wide(a), wide(b));
                prop_assert_eq!(ra.overlaps(rb), a0.max(b0) < a1.min(b1));
                prop_assert_eq!(ra.overlaps(rb), rb.overlaps(ra));
                prop_assert_eq!(ra.contains(rb), a0 <= b0 && b1 <= a1);
                let wide_byte = u128::from(byte);
                prop_assert_eq!(ra.contains_address(PhysAddr::new(byte)), a0 <= wide_byte && wide_byte < a1);
                match ra.intersection(rb) {
                    Some(shared) => prop_assert!(ra.contains(shared) && rb.contains(shared)),
                    None => prop_assert!(!ra.overlaps(rb)),
                }
            }
        }

        #[test]
        fn a_set_is_disjoint_when_no_pair_overlaps(starts in prop::collection::vec((0u64..200, 1u64..24), 0..8)) {
            let set: Vec<Region> = starts.iter().map(|&(start, len)| region(start, len)).collect();
            let clash = (0..set.len()).any(|j| (0..j).any(|i| set[i].overlaps(set[j])));
            match check_disjoint(&set) {
                Ok(()) => prop_assert!(!clash),
                Err(pair) => {
                    prop_assert!(pair.first < pair.second);
                    prop_assert!(set[pair.first].overlaps(set[pair.second]));
                }
            }
        }

        #[test]
        fn align_up_is_the_least_multiple(address in any::<u64>(), power in 0u32..64) {
            let alignment = 1u64 << power;
            if let Some(up) = PhysAddr::new(address).align_up(alignment) {
                prop_assert!(up.is_aligned(alignment) && up.get() >= address);
                prop_assert!(up.get() - address < alignment);
            }
        }
    }
}
