//! Life and power of partitions: who is started, stopped, recalled and restarted, and what each core
//! does next because of it.
//!
//! The caller holds a lock around every method, so each is atomic to the others. No method loops over
//! more than the cores or partitions of the system, and none waits: where another core has to act
//! first, it is signalled, and [`Life::signalled`] on that core goes on.
//!
//! Invariants:
//! - memory of a partition is loaded only when all of its cores are [`Power::Off`];
//! - a core is signalled only by a transition that takes a run of the signalled slot to undo, so
//!   refused or repeated calls cannot flood a core with signals.

use crate::ids::{CoreId, CoreSet, MAX_CORES, MAX_PARTITIONS, PartitionId, Slot};
use crate::table::{Partition, Policy, System};

/// Where a core of a partition starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Address of the first instruction.
    pub entry: u64,
    /// First argument.
    pub argument: u64,
}

/// One core of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Not the partition's now.
    Off,
    /// Asked for, not yet there.
    Starting(Start),
    /// Runs, or waits for an interrupt.
    On,
}

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Not started yet, or stopped for good.
    Stopped,
    /// All its cores are back; its boot core is signalled to load it.
    Recalled,
    /// Its boot core copies and checks its images.
    Loading,
    /// Started.
    Running,
    /// Its cores are called back, to do this then.
    Recalling(Then),
}

/// What follows when all cores of a partition are back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Stop,
    /// Load and start.
    Restart,
}

impl Then {
    const fn after(policy: Policy) -> Self {
        match policy {
            Policy::Restart => Self::Restart,
            Policy::Stop | Policy::SafeState => Self::Stop,
        }
    }
}

/// What the slot of a core does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// What it did before.
    Resume,
    /// Nothing, until signalled.
    Idle,
    /// Load the partition's images, then report by [`Life::loaded`].
    Load,
    /// Start the partition there.
    Start(Start),
}

/// What a transition asks of the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For the slot of the partition on the core where the transition was made.
    pub next: Next,
    /// Cores that are to call [`Life::signalled`].
    pub signal: CoreSet,
    /// The board's outputs go to their safe state now.
    pub safe_state: bool,
}

impl Outcome {
    const fn just(next: Next) -> Self {
        Self {
            next,
            signal: CoreSet::EMPTY,
            safe_state: false,
        }
    }
}

/// Why a core was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerError {
    /// The partition has no such core.
    NoSuchCore,
    /// It runs already.
    AlreadyOn,
    /// It was asked for before and is on its way.
    OnPending,
    /// The entry point is not in the partition's memory.
    BadEntry,
    /// The partition is being stopped.
    Stopping,
}

/// State of all partitions.
#[derive(Debug)]
pub struct Life {
    system: &'static System,
    run: [Run; MAX_PARTITIONS],
    power: [[Power; MAX_CORES]; MAX_PARTITIONS],
    starts: [u32; MAX_PARTITIONS],
}

impl Life {
    /// Nothing started yet.
    pub const fn new(system: &'static System) -> Self {
        Self {
            system,
            run: [Run::Stopped; MAX_PARTITIONS],
            power: [[Power::Off; MAX_CORES]; MAX_PARTITIONS],
            starts: [0; MAX_PARTITIONS],
        }
    }

    /// The state of a partition.
    pub fn run(&self, partition: PartitionId) -> Run {
        self.run
            .get(partition.index())
            .copied()
            .unwrap_or(Run::Stopped)
    }

    /// How often a partition was started.
    pub fn starts(&self, partition: PartitionId) -> u32 {
        self.starts
            .get(partition.index())
            .copied()
            .unwrap_or_default()
    }

    /// The state of a core of a partition; none if the core is not the partition's.
    pub fn power(&self, partition: PartitionId, core: CoreId) -> Option<Power> {
        let table = self.system.partition(partition)?;
        if !table.cores.contains(core) {
            return None;
        }
        self.power
            .get(partition.index())?
            .get(core.index())
            .copied()
    }

    /// A partition that was never started, or was stopped, is to run. On its boot core.
    pub fn launch(&mut self, partition: PartitionId) -> Outcome {
        self.set_run(partition, Run::Loading);
        Outcome::just(Next::Load)
    }

    /// The images of a partition are in place and checked, or could not be. On its boot core.
    pub fn loaded(&mut self, partition: PartitionId, start: Option<Start>) -> Outcome {
        let table = self.system.partition(partition);
        let inside = |start: &Start| table.is_some_and(|table| self.is_entry(table, start.entry));
        let (Some(start), Some(table), Run::Loading) =
            (start.filter(inside), table, self.run(partition))
        else {
            self.set_run(partition, Run::Stopped);
            // A critical partition that cannot be started drives its outputs no more.
            let critical = table.is_some_and(|table| table.slot == Slot::Critical);
            return Outcome {
                safe_state: critical,
                ..Outcome::just(Next::Idle)
            };
        };
        self.set_run(partition, Run::Running);
        self.set_power(partition, table.boot, Power::On);
        if let Some(starts) = self.starts.get_mut(partition.index()) {
            *starts = starts.saturating_add(1);
        }
        Outcome::just(Next::Start(start))
    }

    /// The partition asks for another of its cores.
    pub fn power_on(
        &mut self,
        partition: PartitionId,
        core: CoreId,
        start: Start,
    ) -> Result<Outcome, PowerError> {
        let table = self
            .system
            .partition(partition)
            .ok_or(PowerError::NoSuchCore)?;
        match self.power(partition, core).ok_or(PowerError::NoSuchCore)? {
            Power::On => return Err(PowerError::AlreadyOn),
            Power::Starting(_) => return Err(PowerError::OnPending),
            Power::Off => {}
        }
        if !self.is_entry(table, start.entry) {
            return Err(PowerError::BadEntry);
        }
        if self.run(partition) != Run::Running {
            return Err(PowerError::Stopping);
        }
        self.set_power(partition, core, Power::Starting(start));
        Ok(Outcome {
            next: Next::Resume,
            signal: CoreSet::one(core),
            safe_state: false,
        })
    }

    /// The partition gives up the core it runs on.
    pub fn power_off(&mut self, partition: PartitionId, core: CoreId) -> Outcome {
        self.set_power(partition, core, Power::Off);
        self.proceed(partition, core)
    }

    /// The partition leaves this core for another of its own, where it goes on when that is signalled: [`Next::Start`], with what it
    /// took along in the place of an entry. None if it does not run here, or the other core is not free.
    pub fn hand_over(
        &mut self,
        partition: PartitionId,
        from: CoreId,
        to: CoreId,
    ) -> Option<Outcome> {
        let (here, there) = (self.power(partition, from), self.power(partition, to));
        if (self.run(partition), here, there) != (Run::Running, Some(Power::On), Some(Power::Off)) {
            return None;
        }
        let nowhere = Start {
            entry: 0,
            argument: 0,
        };
        self.set_power(partition, from, Power::Off);
        self.set_power(partition, to, Power::Starting(nowhere));
        Some(Outcome {
            next: Next::Idle,
            signal: CoreSet::one(to),
            safe_state: false,
        })
    }

    /// The partition on this core is to end, as the policy says.
    pub fn end(&mut self, partition: PartitionId, core: CoreId, policy: Policy) -> Outcome {
        let Some(table) = self.system.partition(partition) else {
            return Outcome::just(Next::Resume);
        };
        match self.run(partition) {
            Run::Running => self.set_run(partition, Run::Recalling(Then::after(policy))),
            // A second reason to end does not turn a stop into a restart, or start a recall over.
            Run::Recalling(_) => {}
            // None of its cores runs.
            Run::Stopped | Run::Recalled | Run::Loading => return Outcome::just(Next::Resume),
        }
        let mut signal = CoreSet::EMPTY;
        for other in table.cores.minus(CoreSet::one(core)).iter() {
            match self.power(partition, other) {
                Some(Power::On) => signal = signal.union(CoreSet::one(other)),
                // Not there yet: it finds this when its signal arrives.
                Some(Power::Starting(_)) => self.set_power(partition, other, Power::Off),
                Some(Power::Off) | None => {}
            }
        }
        self.set_power(partition, core, Power::Off);
        let mut outcome = self.proceed(partition, core);
        outcome.signal = outcome.signal.union(signal);
        outcome.safe_state = policy == Policy::SafeState;
        outcome
    }

    /// The partition is to end, as the policy says, but not by its own doing: all of its cores are called.
    pub fn end_from_outside(&mut self, partition: PartitionId, policy: Policy) -> Outcome {
        let mut outcome = Outcome::just(Next::Resume);
        let Some(table) = self.system.partition(partition) else {
            return outcome;
        };
        if self.run(partition) == Run::Running {
            self.set_run(partition, Run::Recalling(Then::after(policy)));
            outcome.signal = table.cores;
            outcome.safe_state = policy == Policy::SafeState;
        }
        outcome
    }

    /// A signal arrived on this core: what its slot with this partition does now.
    pub fn signalled(&mut self, partition: PartitionId, core: CoreId) -> Outcome {
        match (self.run(partition), self.power(partition, core)) {
            (Run::Recalling(_), Some(power)) => {
                self.set_power(partition, core, Power::Off);
                match self.proceed(partition, core) {
                    // Nothing ran here, and nothing is to: the slot is idle already.
                    outcome if power == Power::Off && outcome.next == Next::Idle => Outcome {
                        next: Next::Resume,
                        ..outcome
                    },
                    outcome => outcome,
                }
            }
            (Run::Running, Some(Power::Starting(start))) => {
                self.set_power(partition, core, Power::On);
                Outcome::just(Next::Start(start))
            }
            (Run::Recalled, Some(Power::Off)) if self.is_boot(partition, core) => {
                self.launch(partition)
            }
            _ => Outcome::just(Next::Resume),
        }
    }

    /// This core just became free: the last one to do so carries the recall on.
    fn proceed(&mut self, partition: PartitionId, core: CoreId) -> Outcome {
        let Run::Recalling(then) = self.run(partition) else {
            return Outcome::just(Next::Idle);
        };
        let Some(table) = self.system.partition(partition) else {
            return Outcome::just(Next::Idle);
        };
        if table
            .cores
            .iter()
            .any(|other| self.power(partition, other) != Some(Power::Off))
        {
            return Outcome::just(Next::Idle);
        }
        match then {
            Then::Stop => {
                self.set_run(partition, Run::Stopped);
                Outcome::just(Next::Idle)
            }
            Then::Restart if core == table.boot => self.launch(partition),
            Then::Restart => {
                self.set_run(partition, Run::Recalled);
                Outcome {
                    next: Next::Idle,
                    signal: CoreSet::one(table.boot),
                    safe_state: false,
                }
            }
        }
    }

    /// One instruction at least fits between the entry and the end of a memory of the partition.
    fn is_entry(&self, partition: &Partition, entry: u64) -> bool {
        let bytes = self.system.instruction;
        entry.is_multiple_of(bytes) && partition.owns(entry, bytes)
    }

    fn is_boot(&self, partition: PartitionId, core: CoreId) -> bool {
        self.system
            .partition(partition)
            .is_some_and(|table| table.boot == core)
    }

    fn set_run(&mut self, partition: PartitionId, run: Run) {
        if let Some(state) = self.run.get_mut(partition.index()) {
            *state = run;
        }
    }

    fn set_power(&mut self, partition: PartitionId, core: CoreId, power: Power) {
        if let Some(state) = self
            .power
            .get_mut(partition.index())
            .and_then(|cores| cores.get_mut(core.index()))
        {
            *state = power;
        }
    }
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
