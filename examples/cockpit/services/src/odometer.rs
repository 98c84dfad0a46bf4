//! A counter that only goes up.

use crate::Error;
use core::sync::atomic::{AtomicU64, Ordering};

/// Metres driven.
#[derive(Debug)]
pub(crate) struct Odometer(AtomicU64);

impl Odometer {
    /// A new car.
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// At the end it stays: it never starts over. `Busy` if another core advances it at the same time.
    pub(crate) fn advance(&self, metres: u32) -> Result<u64, Error> {
        let before = self.total();
        let total = before
            .checked_add(u64::from(metres))
            .ok_or(Error::InvalidParameter)?;
        self.0
            .compare_exchange(before, total, Ordering::Relaxed, Ordering::Relaxed)
            .map_or(Err(Error::Busy), |_| Ok(total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_goes_up() {
        let odometer = Odometer(AtomicU64::new(u64::MAX - 10));
        assert_eq!(odometer.advance(10), Ok(u64::MAX));
        assert_eq!(odometer.advance(1), Err(Error::InvalidParameter));
        assert_eq!(odometer.total(), u64::MAX);
    }
}
