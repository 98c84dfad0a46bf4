//! Interrupt numbers (Arm IHI 0069, INTIDs).
//!
//! A device tree and a board file count shared interrupts (SPI) and per-core ones (PPI) from 0;
//! the controller's registers count INTIDs, where PPIs start at 16 and SPIs at 32. Mixing the two is
//! off by 32 and hangs at run time, so they are three types and convert here only.

/// How many PPIs there are (INTID 16 to 31).
const PPIS: u32 = 16;
/// INTID of PPI 0.
const FIRST_PPI: u32 = 16;
/// INTID of SPI 0.
const FIRST_SPI: u32 = 32;
/// SPIs that the architecture allows (INTID 32 to 1019), without the extended range.
const MAX_SPIS: u32 = 988;

/// A number in the controller's own registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntId(u32);

impl IntId {
    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A shared interrupt, counted from 0 as in device trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spi(u32);

/// A per-core interrupt, counted from 0 as in device trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppi(u32);

/// Why a number names no interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// Beyond the last one, but one if it was meant as INTID: `meant` is the right number.
    RawIntId { meant: u32 },
    /// Beyond the last one.
    Beyond { last: u32 },
}

/// `base` is the INTID of number 0, `count` how many there are.
const fn check(number: u32, base: u32, count: u32) -> Result<u32, NumberError> {
    if number < count {
        return Ok(number);
    }
    match number.checked_sub(base) {
        Some(meant) if meant < count => Err(NumberError::RawIntId { meant }),
        _ => Err(NumberError::Beyond {
            last: count.saturating_sub(1),
        }),
    }
}

impl Spi {
    /// Checks a number against the `count` of SPIs that the controller has.
    pub(crate) fn new(number: u32, count: u32) -> Result<Self, NumberError> {
        check(number, FIRST_SPI, count.min(MAX_SPIS)).map(Self)
    }

    /// The number, from 0.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number in the controller's registers. `new` holds it below 1020.
    pub const fn intid(self) -> IntId {
        IntId(self.0.saturating_add(FIRST_SPI))
    }
}

impl Ppi {
    pub(crate) fn new(number: u32) -> Result<Self, NumberError> {
        check(number, FIRST_PPI, PPIS).map(Self)
    }

    /// The number, from 0.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number in the controller's registers. `new` holds it below 32.
    pub const fn intid(self) -> IntId {
        IntId(self.0.saturating_add(FIRST_PPI))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_tree_numbers_become_intids() {
        assert_eq!(Spi::new(1, 256).map(|spi| spi.intid().get()), Ok(33));
        assert_eq!(Ppi::new(13).map(|ppi| ppi.intid().get()), Ok(29));
        assert_eq!(
            Spi::new(987, u32::MAX).map(|spi| spi.intid().get()),
            Ok(1019)
        );
    }

    #[test]
    fn an_intid_in_place_of_a_number_is_recognised() {
        assert_eq!(Ppi::new(29), Err(NumberError::RawIntId { meant: 13 }));
        assert_eq!(Ppi::new(32), Err(NumberError::Beyond { last: 15 }));
        assert_eq!(
            Spi::new(260, 256),
            Err(NumberError::RawIntId { meant: 228 })
        );
        assert_eq!(Spi::new(288, 256), Err(NumberError::Beyond { last: 255 }));
        assert_eq!(
            Spi::new(988, u32::MAX),
            Err(NumberError::RawIntId { meant: 956 })
        );
    }
}
