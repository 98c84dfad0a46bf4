//! The monitor's part of a doorbell: whether a ring becomes an interrupt now, later, or is one with the ring before.
//!
//! One pending bit for each channel and direction: rings do not queue. From a ring on until the receiver
//! acknowledges, the doorbell stands; it is never lost, and a receiver that acknowledges *before* it
//! drains its ring misses nothing. Interrupts are limited by a [`Bucket`], so that a flood costs the one who
//! makes it: his time in the calls, and lateness of his own doorbells.

use crate::bucket::Bucket;

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

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an interrupt that is not made is a lost wake-up"]
pub enum Action {
    /// Nothing.
    Nothing,
    /// Make the receiver's interrupt pending.
    Interrupt,
    /// Call [`Doorbell::due`] at this time; `u64::MAX`: never.
    At(u64),
}

/// A doorbell of one channel in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Doorbell {
    state: State,
    bucket: Bucket,
    /// Rings.
    rings: u64,
    /// Interrupts made.
    interrupts: u64,
}

impl Doorbell {
    /// A quiet doorbell, limited by `bucket`, a token each interrupt.
    pub fn new(bucket: Bucket) -> Self {
        Self {
            state: State::Quiet,
            bucket,
            rings: 0,
            interrupts: 0,
        }
    }

    /// The sender rang.
    pub fn ring(&mut self, now: u64) -> Action {
        self.rings = self.rings.saturating_add(1);
        if self.state != State::Quiet {
            return Action::Nothing;
        }
        self.state = State::Waiting;
        self.due(now)
    }

    /// It is time to look again.
    pub fn due(&mut self, now: u64) -> Action {
        if self.state != State::Waiting {
            return Action::Nothing;
        }
        if !self.bucket.take(1, now) {
            return Action::At(self.bucket.ready(1, now).unwrap_or(u64::MAX));
        }
        self.state = State::Delivered;
        self.interrupts = self.interrupts.saturating_add(1);
        Action::Interrupt
    }

    /// The receiver is going to drain its ring.
    ///
    /// A ring that waits goes with it: what it was rung for is drained now.
    pub fn acknowledge(&mut self) {
        self.state = State::Quiet;
    }

    /// Rings, and interrupts made of them.
    pub fn counts(&self) -> (u64, u64) {
        (self.rings, self.interrupts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_flood_is_one_interrupt_until_acknowledged() {
        let mut bell = Doorbell::new(Bucket::new(10, 2, 1000, 0));
        assert_eq!(bell.ring(0), Action::Interrupt);
        for now in 0..1000 {
            assert_eq!(bell.ring(now), Action::Nothing);
        }
        bell.acknowledge();
        assert_eq!(bell.ring(1000), Action::Interrupt);
        assert_eq!(bell.counts(), (1002, 2));
    }

    #[test]
    fn beyond_the_burst_it_comes_later() {
        let mut bell = Doorbell::new(Bucket::new(10, 1, 1000, 0));
        assert_eq!(bell.ring(0), Action::Interrupt);
        bell.acknowledge();
        assert_eq!(bell.ring(1), Action::At(100));
        assert_eq!(bell.ring(2), Action::Nothing, "it stands already");
        assert_eq!(bell.due(99), Action::At(100));
        assert_eq!(bell.due(100), Action::Interrupt);
        assert_eq!(bell.due(100), Action::Nothing);
    }

    #[test]
    fn without_a_rate_it_never_comes() {
        let mut bell = Doorbell::new(Bucket::new(0, 0, 1000, 0));
        assert_eq!(bell.ring(u64::MAX), Action::At(u64::MAX));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ring,
        Wait(u64),
        Acknowledge,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Ring),
            2 => (0..400u64).prop_map(Step::Wait),
            1 => Just(Step::Acknowledge),
        ]
    }

    proptest! {
        /// A timer that keeps to [`Action::At`] brings every ring that nobody drained.
        #[test]
        fn no_ring_is_lost(steps in prop::collection::vec(step(), 0..80)) {
            let mut bell = Doorbell::new(Bucket::new(10, 2, 1000, 0));
            let (mut now, mut timer, mut undrained, mut interrupted) = (0, None, false, false);
            for step in steps {
                let action = match step {
                    Step::Ring => {
                        undrained = true;
                        bell.ring(now)
                    }
                    Step::Wait(ticks) => {
                        now += ticks;
                        match timer.take_if(|at| *at <= now) {
                            Some(_) => bell.due(now),
                            None => Action::Nothing,
                        }
                    }
                    Step::Acknowledge => {
                        bell.acknowledge();
                        (undrained, interrupted) = (false, false);
                        Action::Nothing
                    }
                };
                match action {
                    Action::Interrupt => {
                        prop_assert!(undrained && !interrupted);
                        interrupted = true;
                    }
                    Action::At(at) => timer = Some(at),
                    Action::Nothing => {}
                }
                prop_assert!(!undrained || interrupted || timer.is_some_and(|at| at <= now + 100));
            }
        }
    }
}
