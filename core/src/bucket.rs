//! A token bucket in integers: how often something may happen.
//!
//! One number is all of its state: the time at which the bucket will be full again. A token is taken by moving
//! that time on by one interval, and there is none left when it would be more than a full bucket ahead. So
//! it never fills by rounding, and nothing has to tick.

/// A rate: one each `interval` in the long run, `burst` at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Counter ticks for one token.
    pub interval: u64,
    /// Tokens of a full bucket, 1 at least.
    pub burst: u32,
}

/// The bucket.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    full_at: u64,
}

impl Bucket {
    /// A full one.
    pub const FULL: Self = Self { full_at: 0 };

    /// All of it in one word.
    pub const fn state(self) -> u64 {
        self.full_at
    }

    /// The one with this state.
    pub const fn from_state(full_at: u64) -> Self {
        Self { full_at }
    }

    /// Takes a token, at `now` by the counter. Without one nothing changes.
    pub const fn take(&mut self, limit: Limit, now: u64) -> bool {
        let full_at = if self.full_at > now {
            self.full_at
        } else {
            now
        };
        let ahead = (full_at - now).saturating_add(limit.interval);
        if !cfg!(feature = "weaken-limit")
            && ahead > limit.interval.saturating_mul(limit.burst as u64)
        {
            return false;
        }
        self.full_at = now.saturating_add(ahead);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Limit = Limit {
        interval: 10,
        burst: 3,
    };

    #[test]
    fn a_full_bucket_is_a_burst_and_then_the_rate() {
        let mut bucket = Bucket::FULL;
        let mut at = |now| bucket.take(LIMIT, now);
        assert_eq!(
            [at(100), at(100), at(100), at(100)],
            [true, true, true, false]
        );
        assert!(!at(109));
        assert!(at(110));
        assert!(!at(110));
        // After a long pause no more than a full bucket.
        assert_eq!(
            [at(900), at(900), at(900), at(900)],
            [true, true, true, false]
        );
    }

    #[test]
    fn the_ends_of_the_counter_are_no_exception() {
        let mut bucket = Bucket::FULL;
        assert!(bucket.take(LIMIT, 0));
        let far = Limit {
            interval: u64::MAX,
            burst: u32::MAX,
        };
        assert!(bucket.take(far, u64::MAX));
        assert!(!Bucket { full_at: u64::MAX }.take(LIMIT, 5));
    }

    proptest! {
        /// In any stretch of time there are at most its intervals and a burst.
        #[test]
        fn no_sequence_takes_more(steps in prop::collection::vec(0_u64..25, 1..200)) {
            let mut bucket = Bucket::FULL;
            let mut taken: Vec<u64> = Vec::new();
            let mut now = 0;
            for step in steps {
                now += step;
                if bucket.take(LIMIT, now) {
                    taken.push(now);
                }
            }
            for (n, from) in taken.iter().enumerate() {
                for (m, until) in taken.iter().enumerate().skip(n) {
                    let most = u64::from(LIMIT.burst) + (until - from) / LIMIT.interval;
                    prop_assert!((m - n + 1) as u64 <= most);
                }
            }
        }
    }
}
