//! A doorbell of one channel in one direction: whether a ring becomes an interrupt now or later, or is one with the
//! ring before.
//!
//! Rings do not queue: from a ring on until the receiver acknowledges, the doorbell stands. It is never lost, and a receiver
//! that acknowledges *before* it drains its ring misses nothing. Deliveries are limited by a [`Bucket`], so that a flood
//! costs the one who makes it: his time in the calls, and lateness of his own doorbells. Nothing here has a
//! timer: a doorbell that waits for its limit is delivered when somebody asks [`Doorbell::due`] next.
//!
//! A sender that keeps to the protocol (`docs/virtualnet.md`) rings once for each request of the receiver, which asks anew only
//! after it acknowledged. Rings of a doorbell that stands are so none of an honest link, but for a few at a
//! restart: they are counted as excess.

use crate::bucket::{Bucket, Limit};

/// Where a doorbell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody rang since the last acknowledgement.
    Quiet,
    /// Rung, and not delivered: the bucket was empty.
    Waiting,
    /// Delivered, and not acknowledged.
    Delivered,
}

/// The doorbell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doorbell {
    state: State,
    bucket: Bucket,
    rings: u64,
    deliveries: u64,
    excess: u32,
}

impl Doorbell {
    /// A quiet one with a full bucket.
    pub const QUIET: Self = Self {
        state: State::Quiet,
        bucket: Bucket::FULL,
        rings: 0,
        deliveries: 0,
        excess: 0,
    };

    /// The other end rings. Says whether the doorbell stood already; [`Self::due`] whether it is to be delivered now.
    #[inline(always)]
    pub fn ring(&mut self) -> bool {
        self.rings = self.rings.saturating_add(1);
        let stood = self.state != State::Quiet;
        if stood {
            self.excess = self.excess.saturating_add(1);
        } else {
            self.state = State::Waiting;
        }
        stood
    }

    /// The monitor rings, because an epoch ended: nobody's excess. Says whether it is to be delivered now.
    #[must_use = "an interrupt that is not made is a lost wake-up"]
    pub fn announce(&mut self, limit: Limit, now: u64) -> bool {
        if self.state == State::Quiet {
            self.state = State::Waiting;
        }
        self.excess = 0;
        self.due(limit, now)
    }

    /// Says whether a ring that waited is to be delivered now.
    #[must_use = "an interrupt that is not made is a lost wake-up"]
    #[inline(always)]
    pub fn due(&mut self, limit: Limit, now: u64) -> bool {
        let deliver = self.state == State::Waiting && self.bucket.take(limit, now);
        if deliver {
            self.state = State::Delivered;
            self.deliveries = self.deliveries.saturating_add(1);
        }
        deliver
    }

    /// The receiver is going to drain its ring. Says whether a delivery was not acknowledged yet. A ring that still waits
    /// for its limit goes on waiting.
    pub fn acknowledge(&mut self, limit: Limit, now: u64) -> bool {
        let delivered = self.due(limit, now) || self.state == State::Delivered;
        if delivered {
            self.state = State::Quiet;
        }
        self.excess = 0;
        delivered
    }

    /// The receiver starts from nothing: what was rung is nothing to it. Its limit stays.
    pub fn forget(&mut self) {
        self.state = State::Quiet;
        self.excess = 0;
    }

    /// Rings of a standing doorbell since the receiver last acknowledged.
    pub const fn excess(&self) -> u32 {
        self.excess
    }

    /// Rings, and deliveries made of them.
    pub const fn counts(&self) -> (u64, u64) {
        (self.rings, self.deliveries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Limit = Limit::new(100, 2);

    fn ring(bell: &mut Doorbell, now: u64) -> bool {
        bell.ring();
        bell.due(LIMIT, now)
    }

    #[test]
    fn a_flood_is_one_delivery_until_acknowledged() {
        let mut bell = Doorbell::QUIET;
        assert!(ring(&mut bell, 0));
        for now in 0..1000 {
            assert!(!ring(&mut bell, now));
        }
        assert_eq!(bell.excess(), 1000);
        assert!(bell.acknowledge(LIMIT, 1000));
        assert!(!bell.acknowledge(LIMIT, 1000), "once");
        assert_eq!(bell.excess(), 0);
        assert!(ring(&mut bell, 1000));
        assert_eq!(bell.counts(), (1002, 2));
    }

    #[test]
    fn beyond_the_burst_it_comes_later() {
        let mut bell = Doorbell::QUIET;
        for now in 0..2 {
            assert!(ring(&mut bell, now));
            assert!(bell.acknowledge(LIMIT, now));
        }
        assert!(!ring(&mut bell, 2));
        assert!(!bell.due(LIMIT, 99));
        assert!(!bell.acknowledge(LIMIT, 99), "not before its time");
        assert!(bell.due(LIMIT, 100), "acknowledged early, and not lost");
        assert!(!bell.due(LIMIT, 100));
        assert!(bell.acknowledge(LIMIT, 100));
        assert!(!ring(&mut bell, 101));
        assert!(bell.acknowledge(LIMIT, 200), "who polls is told in time");
    }

    #[test]
    fn a_new_start_forgets_the_ring_and_not_the_limit() {
        let mut bell = Doorbell::QUIET;
        for _ in 0..2 {
            assert!(ring(&mut bell, 0));
            bell.forget();
        }
        assert!(!bell.acknowledge(LIMIT, 0));
        assert!(!ring(&mut bell, 0));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ring,
        Wait(u64),
        Look,
        Acknowledge,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Ring),
            2 => (0..400_u64).prop_map(Step::Wait),
            1 => Just(Step::Look),
            1 => Just(Step::Acknowledge),
        ]
    }

    proptest! {
        /// Whatever is done: what was rung is told by a delivery or an acknowledgement, and in no window are there
        /// more deliveries than its rate and a burst.
        #[test]
        fn no_ring_is_lost_and_no_window_has_too_many(steps in prop::collection::vec(step(), 1..200)) {
            let mut bell = Doorbell::QUIET;
            let (mut now, mut rung) = (0, false);
            let mut deliveries: Vec<u64> = Vec::new();
            let mut told = false;
            for step in steps {
                let delivered = match step {
                    Step::Ring => {
                        rung = true;
                        ring(&mut bell, now)
                    }
                    Step::Wait(ticks) => {
                        now += ticks;
                        false
                    }
                    Step::Look => bell.due(LIMIT, now),
                    Step::Acknowledge => {
                        let before = bell.counts().1;
                        let acknowledged = bell.acknowledge(LIMIT, now);
                        // It makes a delivery of its own, or one was made before.
                        let made = bell.counts().1 > before;
                        prop_assert_eq!(acknowledged, told || made);
                        if made {
                            deliveries.push(now);
                        }
                        if acknowledged {
                            (rung, told) = (false, false);
                        }
                        false
                    }
                };
                if delivered {
                    prop_assert!(rung && !told);
                    deliveries.push(now);
                    told = true;
                }
            }
            for (n, from) in deliveries.iter().enumerate() {
                for (m, until) in deliveries.iter().enumerate().skip(n) {
                    let most = u64::from(LIMIT.burst) + (until - from) / LIMIT.interval;
                    prop_assert!((m - n + 1) as u64 <= most);
                }
            }
            let full = now + LIMIT.interval * u64::from(LIMIT.burst);
            prop_assert_eq!(rung, bell.acknowledge(LIMIT, full), "what is left comes in the end");
        }
    }
}
