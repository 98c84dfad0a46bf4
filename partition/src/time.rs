//! The system counter, and the timer that releases the periodic task.

pub use crate::arch::{PeriodicTimer, frequency, now};

/// Nanoseconds in so many ticks of the counter, rounded down; the largest `u64` where it does not
/// fit.
pub fn nanoseconds(ticks: u64) -> u64 {
    let nanoseconds = u128::from(ticks) * 1_000_000_000 / u128::from(frequency().max(1));
    u64::try_from(nanoseconds).unwrap_or(u64::MAX)
}
