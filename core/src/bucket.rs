//! A token bucket in integers: how often something may happen.
//!
//! One number is all of its state: the time at which the bucket will be full again. A token is taken by moving
//! that time on by one interval, and there is none left when it would be more than a full bucket ahead (ITU-T I.371, the
//! generic cell rate algorithm, as virtual scheduling). So it never fills by rounding, and nothing has to tick.

/// A rate: one each `interval` in the long run, `burst` at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Counter ticks for one token.
    pub interval: u64,
    /// Tokens of a full bucket, 1 at least.
    pub burst: u32,
    /// How far ahead of now the time may be for another token.
    ahead: u64,
}

impl Limit {
    /// So many ticks for one token, and so many tokens in a full bucket: none is as one.
    pub const fn new(interval: u64, burst: u32) -> Self {
        let more = burst.saturating_sub(1) as u64;
        Self {
            interval,
            burst,
            ahead: interval.saturating_mul(more),
        }
    }
}

/// The bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// Takes a token, at `now` by the counter. Without one nothing changes. One subtraction, one comparison, one
    /// addition: the path of a ring has it.
    #[inline(always)]
    pub const fn take(&mut self, limit: Limit, now: u64) -> bool {
        let full_at = if self.full_at > now {
            self.full_at
        } else {
            now
        };
        if !cfg!(feature = "weaken-limit") && full_at - now > limit.ahead {
            return false;
        }
        self.full_at = full_at.saturating_add(limit.interval);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Limit = Limit::new(10, 3);

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
        let far = Limit::new(u64::MAX, u32::MAX);
        assert!(bucket.take(far, u64::MAX));
        assert!(!Bucket { full_at: u64::MAX }.take(LIMIT, 5));
    }

    /// The same in 128 bits, from the definition: ticks bring credit, a token costs an interval, and no more is kept
    /// than a burst.
    struct Model {
        credit: u128,
        last: u64,
    }

    impl Model {
        fn take(&mut self, limit: Limit, now: u64) -> bool {
            let (interval, burst) = (u128::from(limit.interval), u128::from(limit.burst));
            let more = self.credit + u128::from(now - self.last);
            self.credit = more.min(interval * burst);
            self.last = now;
            let enough = interval <= self.credit;
            self.credit -= if enough { interval } else { 0 };
            enough
        }
    }

    proptest! {
        #[test]
        fn it_gives_what_the_model_gives(
            (interval, burst) in (1..1_u64 << 40, prop_oneof![1..5_u32, Just(1 << 20)]),
            start in 0..1_u64 << 62,
            steps in prop::collection::vec(0..4_u64 << 40, 0..50),
        ) {
            let limit = Limit::new(interval, burst);
            let mut bucket = Bucket::FULL;
            let mut model = Model { credit: u128::MAX >> 1, last: start };
            let mut now = start;
            for step in steps {
                now += step % (2 * interval);
                prop_assert_eq!(bucket.take(limit, now), model.take(limit, now));
                prop_assert!(bucket.full_at - now <= interval * u64::from(burst));
            }
        }

        /// Any numbers: no overflow, and what is refused changes nothing.
        #[test]
        fn no_numbers_break_it(
            (interval, burst, full_at) in (any::<u64>(), any::<u32>(), any::<u64>()),
            times in prop::collection::vec(any::<u64>(), 0..20),
        ) {
            let mut bucket = Bucket { full_at };
            for now in times {
                let before = bucket.state();
                let taken = bucket.take(Limit::new(interval, burst), now);
                prop_assert!(taken || bucket.state() == before);
                prop_assert!(bucket.state() >= before);
            }
        }

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
