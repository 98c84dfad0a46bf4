//! Book-keeping of a periodic task: releases, latencies, deadlines.
//!
//! Job n is released at `first_release + n * period`, exactly: a late interrupt does not move the
//! releases after it. A job meets its deadline when it is finished before the next release and its
//! release was seen within the latency bound. All times are in ticks of the system counter.
//!
//! The interrupt handler writes [`Releases`], the main loop reads it and keeps [`Deadlines`]; they
//! share nothing else, and neither ever waits for the other.

use core::sync::atomic::{AtomicU64, Ordering};

/// What the interrupt handler of the timer records. It is the only writer, so plain loads and
/// stores are enough: no read-modify-write that the handler could lose.
#[derive(Debug, Default)]
pub struct Releases {
    count: AtomicU64,
    latency: AtomicU64,
    worst_latency: AtomicU64,
}

impl Releases {
    /// Nothing released yet.
    pub const fn new() -> Self {
        Self {
            count: AtomicU64::new(0),
            latency: AtomicU64::new(0),
            worst_latency: AtomicU64::new(0),
        }
    }

    /// Records one release that was seen `latency` ticks late. For the interrupt handler only.
    pub fn record(&self, latency: u64) {
        self.latency.store(latency, Ordering::Relaxed);
        if latency > self.worst_latency.load(Ordering::Relaxed) {
            self.worst_latency.store(latency, Ordering::Relaxed);
        }
        let count = self.count.load(Ordering::Relaxed);
        // Last: who sees the count sees the latency too.
        self.count.store(count.wrapping_add(1), Ordering::Release);
    }

    /// Releases so far.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Latency of the last release.
    pub fn latency(&self) -> u64 {
        self.latency.load(Ordering::Relaxed)
    }

    /// Worst latency of all releases.
    pub fn worst_latency(&self) -> u64 {
        self.worst_latency.load(Ordering::Relaxed)
    }
}

/// Whether a job met its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In time.
    Met,
    /// Released too late, or finished after the next release.
    Missed,
}

/// The account of finished jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    first_release: u64,
    period: u64,
    latency_bound: u64,
    finished: u64,
    missed: u64,
    worst_completion: u64,
}

impl Deadlines {
    /// The account of a task whose first job is released at `first_release`.
    pub const fn new(first_release: u64, period: u64, latency_bound: u64) -> Self {
        Self {
            first_release,
            period,
            latency_bound,
            finished: 0,
            missed: 0,
            worst_completion: 0,
        }
    }

    /// Number of the job that is to run next, counted from 0.
    pub const fn next_job(&self) -> u64 {
        self.finished
    }

    /// When the next job to finish is, or was, released.
    pub const fn next_release(&self) -> u64 {
        let after_first = self.period.wrapping_mul(self.finished);
        self.first_release.wrapping_add(after_first)
    }

    /// Enters the next job as finished at `now`. `latency` is that of its release; where a later
    /// release has overwritten it, the job is late by `now` anyway.
    pub fn finish(&mut self, now: u64, latency: u64) -> Verdict {
        let completion = now.saturating_sub(self.next_release());
        self.worst_completion = self.worst_completion.max(completion);
        self.finished = self.finished.wrapping_add(1);
        if completion <= self.period && latency <= self.latency_bound {
            return Verdict::Met;
        }
        self.missed = self.missed.wrapping_add(1);
        Verdict::Missed
    }

    /// Jobs that met their deadline.
    pub const fn met(&self) -> u64 {
        self.finished.wrapping_sub(self.missed)
    }

    /// Jobs that missed it.
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Longest time from a release to the end of its job.
    pub const fn worst_completion(&self) -> u64 {
        self.worst_completion
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 5_000;
    const PERIOD: u64 = 1_000;
    const BOUND: u64 = 100;

    fn account() -> Deadlines {
        Deadlines::new(START, PERIOD, BOUND)
    }

    #[test]
    fn a_job_in_time_is_met() {
        let mut deadlines = account();
        assert_eq!(deadlines.next_job(), 0);
        assert_eq!(deadlines.finish(START + 300, 10), Verdict::Met);
        assert_eq!(deadlines.finish(START + PERIOD + 400, BOUND), Verdict::Met);
        assert_eq!((deadlines.met(), deadlines.missed()), (2, 0));
        assert_eq!(deadlines.worst_completion(), 400);
        assert_eq!(deadlines.next_job(), 2);
    }

    #[test]
    fn the_next_release_is_the_deadline() {
        assert_eq!(account().finish(START + PERIOD, 0), Verdict::Met);
        assert_eq!(account().finish(START + PERIOD + 1, 0), Verdict::Missed);
    }

    #[test]
    fn a_late_release_is_a_miss_however_fast_the_job() {
        assert_eq!(account().finish(START + 200, BOUND + 1), Verdict::Missed);
    }

    #[test]
    fn one_overrun_does_not_move_later_releases() {
        let mut deadlines = account();
        assert_eq!(deadlines.finish(START + 1_600, 0), Verdict::Missed);
        assert_eq!(deadlines.finish(START + 1_900, 0), Verdict::Met);
        assert_eq!(deadlines.finish(START + 2_100, 0), Verdict::Met);
        assert_eq!((deadlines.met(), deadlines.missed()), (2, 1));
        assert_eq!(deadlines.worst_completion(), 1_600);
    }

    #[test]
    fn an_account_a_long_time_after_the_start_stays_exact() {
        let mut deadlines = account();
        for job in 0..1_000_000 {
            deadlines.finish(START + job * PERIOD + 250, 20);
        }
        assert_eq!((deadlines.met(), deadlines.missed()), (1_000_000, 0));
        assert_eq!(deadlines.worst_completion(), 250);
    }

    #[test]
    fn releases_keep_the_last_and_the_worst_latency() {
        let releases = Releases::new();
        for latency in [30, 70, 20] {
            releases.record(latency);
        }
        assert_eq!(releases.count(), 3);
        assert_eq!(releases.latency(), 20);
        assert_eq!(releases.worst_latency(), 70);
    }
}
