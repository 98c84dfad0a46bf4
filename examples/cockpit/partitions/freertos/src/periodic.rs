//! Periodic tasks and their deadlines.
//!
//! Job n of a task with a period of p ticks is released at kernel tick `(n + 1) * p` and must be
//! finished before the next. All tasks are released together every 20 ms: the worst case, in every
//! run.

use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_cockpit_cluster::report;
use cofferdam_partition::deadline::Deadlines;
use cofferdam_partition::time;

use crate::kernel::{self, Running};
use crate::tick;

/// A periodic task and its account, which others may read. The task is its only writer.
pub struct Periodic {
    name: &'static str,
    ticks: u64,
    met: AtomicU64,
    missed: AtomicU64,
}

impl Periodic {
    /// A task with this period in milliseconds, which are ticks.
    pub const fn new(name: &'static str, milliseconds: u64) -> Self {
        Self {
            name,
            ticks: milliseconds,
            met: AtomicU64::new(0),
            missed: AtomicU64::new(0),
        }
    }

    /// Its jobs. A job that begins more than `latency_bound` ticks of the counter after its release
    /// has missed its deadline whatever follows; `None` sets no such bound.
    pub fn jobs(&'static self, latency_bound: Option<u64>) -> Jobs {
        let period = tick::period().wrapping_mul(self.ticks);
        Jobs {
            task: self,
            previous: 0,
            latency: 0,
            worst_latency: 0,
            deadlines: Deadlines::new(
                tick::time_of(self.ticks),
                period,
                latency_bound.unwrap_or(u64::MAX),
            ),
        }
    }

    /// Its account as it is now.
    pub fn account(&self) -> report::Task {
        report::Task {
            name: self.name,
            met: self.met.load(Ordering::Relaxed),
            missed: self.missed.load(Ordering::Relaxed),
        }
    }
}

/// The jobs of a task, one after the other.
pub struct Jobs {
    task: &'static Periodic,
    previous: u64,
    latency: u64,
    worst_latency: u64,
    deadlines: Deadlines,
}

/// A job that is released.
pub struct Job {
    /// Its number, counted from 0.
    pub number: u64,
    /// Counter value at its release.
    pub release: u64,
}

impl Jobs {
    /// Waits for the release of the next job.
    pub fn next(&mut self, running: &Running) -> Job {
        kernel::delay_until(running, &mut self.previous, self.task.ticks);
        let release = self.deadlines.next_release();
        self.latency = time::now().saturating_sub(release);
        self.worst_latency = self.worst_latency.max(self.latency);
        Job {
            number: self.deadlines.next_job(),
            release,
        }
    }

    /// The job is done.
    pub fn finish(&mut self) {
        self.deadlines.finish(time::now(), self.latency);
        self.task.met.store(self.deadlines.met(), Ordering::Relaxed);
        self.task
            .missed
            .store(self.deadlines.missed(), Ordering::Relaxed);
    }

    /// The account of all jobs.
    pub const fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    /// Longest time from a release to the first instruction of its job, in ticks of the counter.
    pub const fn worst_latency(&self) -> u64 {
        self.worst_latency
    }
}
