//! What the pulse says of itself: on its console once a second, and to who asks by network. The main loop enters each job; the
//! station, which it interrupts anywhere, only reads.

use core::fmt::{self, Display, Formatter, Write};
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use cofferdam_abi::stats::Page;
use cofferdam_partition::deadline::{Deadlines, Releases};
use cofferdam_partition::monitor;
use cofferdam_partition::time::nanoseconds;

use crate::digest::Verdict;
use crate::task::generated;
use crate::task::generated::partition::{LINUX, PULSE};

/// Jobs a second.
pub const RATE: u64 = 1_000;
/// The hart that both have.
const SHARED_CORE: u64 = generated::BOOT_CORE;

/// The account.
pub struct Account {
    /// What the timer's handler records.
    pub releases: Releases,
    jobs: AtomicU64,
    missed: AtomicU64,
    verdict: AtomicU8,
}

impl Account {
    /// Nothing done yet.
    pub const fn new() -> Self {
        Self {
            releases: Releases::new(),
            jobs: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            verdict: AtomicU8::new(Verdict::None as u8),
        }
    }

    /// Enters a job that is done. For the main loop alone.
    pub fn enter(&self, deadlines: &Deadlines, verdict: Verdict) {
        self.missed.store(deadlines.missed(), Ordering::Relaxed);
        self.verdict.store(verdict as u8, Ordering::Relaxed);
        self.jobs.store(deadlines.next_job(), Ordering::Relaxed);
    }

    /// Jobs that are done.
    pub fn jobs(&self) -> u64 {
        self.jobs.load(Ordering::Relaxed)
    }

    fn digest(&self) -> &'static str {
        const AGREES: u8 = Verdict::Agrees as u8;
        const DIFFERS: u8 = Verdict::Differs as u8;
        match self.verdict.load(Ordering::Relaxed) {
            AGREES => "ok",
            DIFFERS => "BAD",
            _ => "-",
        }
    }
}

/// The line of every second, as all critical partitions write it. What the monitor counts for itself is in it.
impl Display for Account {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let jobs = self.jobs();
        let missed = self.missed.load(Ordering::Relaxed);
        let (seconds, met) = (jobs / RATE, jobs.saturating_sub(missed));
        let worst = nanoseconds(self.releases.worst_latency());
        write!(
            to,
            "pulse: t={seconds} met={met} missed={missed} worst_latency_ns={worst}"
        )?;
        if let Ok([jobs, missed, ..]) = monitor::stats(PULSE, SHARED_CORE, Page::Deadlines) {
            write!(to, " monitor_jobs={jobs} monitor_missed={missed}")?;
        }
        if let Ok([_, _, held, of, ..]) = monitor::stats(PULSE, SHARED_CORE, Page::Time) {
            write!(to, " held_ticks={held} of={of}")?;
        }
        if let Ok([state, _, _, _, starts, ..]) = monitor::stats(LINUX, SHARED_CORE, Page::Time) {
            write!(to, " linux_starts={starts} linux_state={state}")?;
        }
        writeln!(to, " digest={}", self.digest())
    }
}

/// The last records that are told of.
const RECORDS: u64 = 8;

/// Where it was started before: what the monitor recorded since (`cofferdam_abi::call::Call::Event`).
pub fn tell_of_restart(to: &mut dyn Write) -> fmt::Result {
    let time = monitor::stats(PULSE, SHARED_CORE, Page::Time);
    let starts = time.map_or(0, |[_, _, _, _, starts, ..]| starts);
    if starts < 2 {
        return Ok(());
    }
    let next = monitor::event(0).map_or(0, |[_, next, ..]| next);
    writeln!(to, "pulse: start {starts}, behind these records:")?;
    for number in next.saturating_sub(RECORDS)..next {
        if let Ok([_, _, time, what, partition, data, _]) = monitor::event(number) {
            let (what, core) = (what & 0xff, what >> 8);
            writeln!(
                to,
                "pulse: at {time}: {what} of {partition} on {core}, {data:#x}"
            )?;
        }
    }
    Ok(())
}
