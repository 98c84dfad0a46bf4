//! What the monitor itself counts of the critical partition: the judge of every attack.

use crate::{call, time};
use cofferdam_abi::call::Call;
use cofferdam_abi::stats::Page;
use cofferdam_core::record::What;

/// Numbers of the partitions, from the system description.
mod generated {
    #![expect(dead_code, reason = "all numbers are generated, used or not")]
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::partition::{CLUSTER, LINUX};

/// Whether the interrupt controller is a GICv2.
pub const GICV2: bool = generated::interrupt_controller::VERSION == 2;

/// Why an attack counts as successful.
#[derive(Clone, Copy, Debug)]
pub struct Success {
    /// What it reached.
    pub what: &'static str,
    /// Where, or how much.
    pub number: u64,
}

/// What came of an attack: `Err` if it succeeded.
pub type Outcome = Result<(), Success>;

/// An attack that succeeded.
pub const fn succeeded(what: &'static str, number: u64) -> Outcome {
    Err(Success { what, number })
}

/// A look at the monitor's counters.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Jobs that the critical partition reported.
    pub jobs: u64,
    /// Those that came late or not at all.
    pub missed: u64,
    /// Counter now.
    pub at: u64,
}

fn stats(partition: u64, page: Page) -> [u64; 8] {
    let id = u64::from(Call::Stats.function_id());
    call::call(id, [partition, 0, page as u64, 0])
}

impl Look {
    /// Looks.
    pub fn now() -> Self {
        let [_, jobs, missed, ..] = stats(CLUSTER, Page::Deadlines);
        let at = time::now();
        Self { jobs, missed, at }
    }

    /// Whether the critical partition did its job, every millisecond, since this look.
    pub fn verdict(&self) -> Outcome {
        // The judgement takes as long as it needs to tell silence from a job under way.
        let least = self.at + time::milliseconds(5);
        while time::now() < least {
            time::relax();
        }
        let now = Self::now();
        let periods = (now.at - self.at) / time::milliseconds(1);
        let jobs = now.jobs.saturating_sub(self.jobs);
        // The first and the last period are cut.
        if jobs + 2 < periods {
            return succeeded("jobs of the critical partition are missing", periods - jobs);
        }
        match now.missed - self.missed {
            0 => Ok(()),
            missed => succeeded("the critical partition missed deadlines", missed),
        }
    }
}

/// How many loads failed, by the monitor's records.
pub fn failed_loads() -> usize {
    let id = u64::from(Call::Event.function_id());
    let [_, oldest, next, ..] = call::call(id, [0; 4]);
    let what = |number| {
        let [_, _, _, _, what, ..] = call::call(id, [number, 0, 0, 0]);
        what & 0xff
    };
    (oldest..next)
        .filter(|&number| what(number) == What::LoadFailed as u64)
        .count()
}

/// How often this partition was started.
pub fn starts() -> u64 {
    let [_, _, _, _, _, starts, ..] = stats(LINUX, Page::Time);
    starts
}
