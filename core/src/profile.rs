//! What is counted about a slot of a core: how often it was entered, how late, what calls cost, what was taken from it.
//!
//! Only the core itself writes its counters, so a load and a store do for an addition; others read single words. A
//! reader may see a count without its sum.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::ids::Slot;
use cofferdam_abi::stats::BUCKETS;

/// How much is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profiling {
    /// Nothing.
    None,
    /// Numbers, sums and the worst.
    Counters,
    /// Those, and how the times are spread.
    Histograms,
}

/// Times of one kind.
#[derive(Debug, Default)]
pub struct Times {
    count: AtomicU64,
    sum: AtomicU64,
    worst: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

fn add(counter: &AtomicU64, more: u64) {
    let sum = counter.load(Ordering::Relaxed).wrapping_add(more);
    counter.store(sum, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Times {
    /// All zero.
    pub const fn new() -> Self {
        Self {
            count: AtomicU64::new(0),
            sum: AtomicU64::new(0),
            worst: AtomicU64::new(0),
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }

    /// One more. For one core at a time, or some are lost.
    pub fn add(&self, ticks: u64, how: Profiling) {
        add(&self.count, 1);
        add(&self.sum, ticks);
        if ticks > get(&self.worst) {
            self.worst.store(ticks, Ordering::Relaxed);
        }
        if how == Profiling::Histograms {
            let bucket = (u64::BITS - ticks.leading_zeros()) as usize;
            if let Some(bucket) = self.buckets.get(bucket.min(BUCKETS - 1)) {
                add(bucket, 1);
            }
        }
    }

    /// How many, and the longest.
    pub fn summary(&self) -> (u64, u64) {
        (get(&self.count), get(&self.worst))
    }

    /// Seven buckets, from the `first` on.
    pub fn buckets(&self, first: usize) -> [u64; 7] {
        core::array::from_fn(|n| self.buckets.get(first + n).map_or(0, get))
    }
}

/// Of one slot of one core.
#[derive(Debug, Default)]
pub struct Counters {
    switches: AtomicU64,
    stolen: AtomicU64,
    left: AtomicU64,
    /// How late it was entered.
    pub delays: Times,
    /// What the monitor took for its calls.
    pub calls: Times,
}

impl Counters {
    /// All zero.
    pub const fn new() -> Self {
        Self {
            switches: AtomicU64::new(0),
            stolen: AtomicU64::new(0),
            left: AtomicU64::new(0),
            delays: Times::new(),
            calls: Times::new(),
        }
    }

    /// The core leaves it for the other slot.
    pub fn left(&self, now: u64) {
        self.left.store(now, Ordering::Relaxed);
    }

    /// The core comes to it. Answers how long it was away; `None` if it was not.
    pub fn entered(&self, now: u64) -> Option<u64> {
        let left = get(&self.left);
        self.left.store(0, Ordering::Relaxed);
        if left == 0 {
            return None;
        }
        add(&self.switches, 1);
        Some(now.saturating_sub(left))
    }

    /// The core came so much later than there was something for it to do.
    pub fn delayed(&self, ticks: u64, how: Profiling) {
        self.delays.add(ticks, how);
    }

    /// Somebody else had the core.
    pub fn stole(&self, ticks: u64) {
        add(&self.stolen, ticks);
    }

    /// The monitor answered a call.
    pub fn called(&self, ticks: u64, how: Profiling) {
        self.calls.add(ticks, how);
    }

    /// As [`cofferdam_abi::stats::Page::Profile`] answers it.
    pub fn page(&self) -> [u64; 7] {
        let (delays, calls) = (&self.delays, &self.calls);
        [
            get(&self.switches),
            get(&self.stolen),
            get(&delays.count),
            get(&delays.worst),
            get(&calls.count),
            get(&calls.sum),
            get(&calls.worst),
        ]
    }
}

/// Of the two slots of a core, critical first.
#[derive(Debug, Default)]
pub struct Core([Counters; 2]);

impl Core {
    /// All zero.
    pub const fn new() -> Self {
        Self([const { Counters::new() }; 2])
    }

    /// Of one of them.
    pub const fn slot(&self, slot: Slot) -> &Counters {
        let [critical, rich] = &self.0;
        match slot {
            Slot::Critical => critical,
            Slot::Rich => rich,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_left_is_entered_by_a_switch() {
        let counters = Counters::new();
        assert_eq!(counters.entered(5), None);
        counters.left(10);
        assert_eq!(counters.entered(17), Some(7));
        assert_eq!(counters.entered(18), None);
        assert_eq!(counters.page()[0], 1);
    }

    #[test]
    fn each_time_falls_into_the_bucket_of_its_highest_bit() {
        let counters = Counters::new();
        for (ticks, bucket) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (3, 2),
            (4, 3),
            (1 << 12, 13),
            (u64::MAX, 13),
        ] {
            let buckets = |it: &Counters| [it.calls.buckets(0), it.calls.buckets(7)].concat();
            let mut expected = buckets(&counters);
            expected[bucket] += 1;
            counters.called(ticks, Profiling::Histograms);
            assert_eq!(buckets(&counters), expected, "{ticks}");
        }
        assert_eq!(counters.page()[4..], [7, 4105, u64::MAX]);
    }

    #[test]
    fn without_histograms_no_bucket_is_filled() {
        let counters = Counters::new();
        counters.delayed(3, Profiling::Counters);
        counters.stole(9);
        assert_eq!(counters.page(), [0, 9, 1, 3, 0, 0, 0]);
        assert_eq!(counters.delays.buckets(0), [0; 7]);
    }
}
