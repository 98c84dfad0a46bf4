//! How much of the other end's traffic may be taken: so many frames in a poll, so many bytes a second.
//!
//! The credit is in bytes, divided by the counter's frequency: a tick brings the rate exactly, and nothing is rounded.

use cofferdam_channel::endpoint::Budget;

/// Bytes that a slot costs at least: the line with its header is read whatever it holds.
const LEAST: u32 = 64;

/// What may still be taken.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Slots that a poll may look at.
    frames_a_poll: u32,
    /// Slots that this poll may still look at.
    frames: u32,
    /// Bytes a second.
    rate: u32,
    /// Ticks a second.
    frequency: u32,
    credit: u64,
    longest: u32,
    now: u64,
}

impl Allowance {
    /// `frames` at most in each poll, and `bytes` a second of a counter with `frequency` ticks. So many frames of
    /// `longest` bytes may come at once.
    pub fn new((frames, bytes): (u32, u32), longest: u32, frequency: u32) -> Self {
        let mut new = Self {
            frames_a_poll: frames,
            frames: 0,
            rate: bytes,
            frequency,
            credit: 0,
            longest,
            now: 0,
        };
        new.credit = new.capacity();
        new
    }

    /// A new poll, at this value of the counter, which does not go back.
    pub fn begin(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.now);
        let more = elapsed.saturating_mul(u64::from(self.rate));
        self.credit = self.credit.saturating_add(more).min(self.capacity());
        self.now = now;
        self.frames = self.frames_a_poll;
    }

    /// The budget of the next slot; none until a longest frame would be paid for.
    pub(crate) fn next(&mut self) -> Option<Budget> {
        if self.frames == 0 || self.credit < self.cost(self.longest) {
            // What came too early waits in the ring for the next poll.
            self.frames = 0;
            return None;
        }
        self.frames = self.frames.saturating_sub(1);
        Some(Budget {
            frames: 1,
            bytes: self.longest,
        })
    }

    /// Pays for a slot that was looked at.
    pub(crate) fn pay(&mut self, rest: Budget) {
        let used = self.longest.saturating_sub(rest.bytes).max(LEAST);
        self.credit = self.credit.saturating_sub(self.cost(used));
    }

    /// Credit of so many bytes. Two factors of 32 bits cannot overflow.
    fn cost(&self, bytes: u32) -> u64 {
        u64::from(bytes) * u64::from(self.frequency)
    }

    fn capacity(&self) -> u64 {
        let burst = self.longest.saturating_mul(self.frames_a_poll.max(1));
        self.cost(burst)
    }

    /// Nothing was there: this poll is over.
    pub(crate) fn end(&mut self) {
        self.frames = 0;
    }

    /// Whether this poll may take more.
    pub(crate) fn open(&self) -> bool {
        self.frames > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots of `length` bytes that a poll takes at `now`.
    fn poll(allowance: &mut Allowance, now: u64, length: u32) -> u32 {
        allowance.begin(now);
        let mut taken = 0;
        while let Some(mut budget) = allowance.next() {
            budget.bytes = budget.bytes.saturating_sub(length);
            allowance.pay(budget);
            taken += 1;
        }
        assert!(!allowance.open());
        taken
    }

    #[test]
    fn a_poll_takes_so_many_frames() {
        let mut allowance = Allowance::new((4, u32::MAX), 1514, 1_000);
        for now in 1..9 {
            assert_eq!(poll(&mut allowance, now, 1514), 4);
        }
    }

    #[test]
    fn a_second_takes_so_many_bytes() {
        let mut allowance = Allowance::new((4, 15_140), 1514, 1_000);
        let longest: u32 = (1..=1_000).map(|now| poll(&mut allowance, now, 1514)).sum();
        assert_eq!(
            longest,
            4 + 10 - 1,
            "the burst, and the second's, whose last begins the next"
        );
        let mut allowance = Allowance::new((4, 64_000), 1514, 1_000);
        let empty: u32 = (1..=1_000).map(|now| poll(&mut allowance, now, 0)).sum();
        assert!((1_000..1_100).contains(&empty), "{empty}");
    }
}
