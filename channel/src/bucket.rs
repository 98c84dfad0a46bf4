//! A limit on a rate, in integers: a bucket that fills steadily and never above its burst.
//!
//! The unit of credit is one token divided by the counter's frequency, so that a tick of the counter
//! brings `rate` units exactly: nothing is rounded, nothing divided where time matters. In any stretch of `t` ticks
//! at most `burst + rate * t / frequency` tokens are given. A counter value earlier than the last one is
//! another core's and brings nothing.

/// A token bucket. Times are values of a counter that does not go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Units a tick: tokens a second.
    rate: u32,
    /// Units of a token: ticks a second.
    frequency: u32,
    /// Most units.
    capacity: u64,
    credit: u64,
    last: u64,
}

impl Bucket {
    /// A full bucket of `burst` tokens that gets `rate` tokens a second, of a counter with `frequency` ticks a second.
    pub fn new(rate: u32, burst: u32, frequency: u32, now: u64) -> Self {
        let capacity = u64::from(burst) * u64::from(frequency);
        Self {
            rate,
            frequency,
            capacity,
            credit: capacity,
            last: now,
        }
    }

    /// Takes `tokens`, all or none. A bucket whose frequency is 0 gives any number, one whose burst is less
    /// than `tokens` never gives them.
    pub fn take(&mut self, tokens: u32, now: u64) -> bool {
        self.fill(now);
        let cost = self.cost(tokens);
        let enough = cost <= self.credit;
        if enough {
            self.credit = self.credit.saturating_sub(cost);
        }
        enough
    }

    /// When [`Self::take`] will give `tokens`; none if it never will.
    pub fn ready(&self, tokens: u32, now: u64) -> Option<u64> {
        let cost = self.cost(tokens);
        if cost > self.capacity {
            return None;
        }
        let missing = cost.saturating_sub(self.credit);
        if missing == 0 {
            return Some(now);
        }
        let wait = missing.checked_next_multiple_of(u64::from(self.rate))?;
        let at = self.last.checked_add(wait / u64::from(self.rate))?;
        Some(at.max(now))
    }

    /// Units of so many tokens. Two factors of 32 bits cannot overflow.
    fn cost(&self, tokens: u32) -> u64 {
        u64::from(tokens) * u64::from(self.frequency)
    }

    /// Adds what came in since the last time.
    fn fill(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.last);
        let more = elapsed.saturating_mul(u64::from(self.rate));
        self.credit = self.credit.saturating_add(more).min(self.capacity);
        self.last = self.last.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same in 128 bits, from the definition: all that ever came in, capped after each step.
    struct Model {
        credit: u128,
        last: u64,
    }

    impl Model {
        fn take(&mut self, bucket: &Bucket, tokens: u32, now: u64) -> bool {
            let ticks = u128::from(now.max(self.last) - self.last);
            let more = self.credit + ticks * u128::from(bucket.rate);
            self.credit = more.min(u128::from(bucket.capacity));
            self.last = self.last.max(now);
            let cost = u128::from(tokens) * u128::from(bucket.frequency);
            let enough = cost <= self.credit;
            self.credit -= if enough { cost } else { 0 };
            enough
        }
    }

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![Just(0), Just(u32::MAX), 1..100u32, any::<u32>()]
    }

    fn time() -> impl Strategy<Value = u64> {
        prop_oneof![Just(u64::MAX), 0..1000u64, any::<u64>()]
    }

    proptest! {
        #[test]
        fn it_gives_what_the_model_gives(
            (rate, burst, frequency) in (number(), number(), number()),
            start in time(),
            steps in prop::collection::vec((0..4u32, time()), 0..50),
        ) {
            let mut bucket = Bucket::new(rate, burst, frequency, start);
            let mut model = Model { credit: u128::from(bucket.capacity), last: start };
            for (tokens, now) in steps {
                let ready = bucket.ready(tokens, now);
                let given = bucket.take(tokens, now);
                prop_assert_eq!(given, model.take(&bucket, tokens, now));
                prop_assert_eq!(u128::from(bucket.credit), model.credit);
                prop_assert!(bucket.credit <= bucket.capacity);
                prop_assert_eq!(given, ready.is_some_and(|at| at <= now.max(bucket.last)));
            }
        }

        /// Greedy, at random times: the bound that `docs/virtualnet.md` promises, for every window.
        #[test]
        fn in_no_window_more_than_the_burst_and_the_rate(
            (rate, burst, frequency) in (1..5000u32, 1..10u32, 1..5000u32),
            waits in prop::collection::vec(0..50u64, 1..60),
        ) {
            let mut bucket = Bucket::new(rate, burst, frequency, 0);
            let mut now = 0;
            let mut given: Vec<u64> = vec![];
            for wait in waits {
                now += wait;
                while bucket.take(1, now) && given.len() < 200 {
                    given.push(now);
                }
            }
            for (first, start) in given.iter().enumerate() {
                for (last, end) in given.iter().enumerate().skip(first) {
                    let tokens = (last - first + 1) as u64;
                    let most = u64::from(burst) * u64::from(frequency)
                        + (end - start) * u64::from(rate);
                    prop_assert!(tokens * u64::from(frequency) <= most);
                }
            }
        }

        #[test]
        fn it_is_ready_when_it_says_and_not_before(
            (rate, burst, frequency) in (1..5000u32, 1..10u32, 1..5000u32),
            tokens in 1..10u32,
        ) {
            let mut bucket = Bucket::new(rate, burst, frequency, 7);
            while bucket.take(1, 7) {}
            match bucket.ready(tokens, 7) {
                None => prop_assert!(tokens > burst),
                Some(at) => {
                    prop_assert!(!bucket.take(tokens, at - 1));
                    prop_assert!(bucket.take(tokens, at));
                }
            }
        }
    }
}
