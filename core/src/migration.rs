//! Moving a critical partition from one of its cores to another, of which it has one at a time.
//!
//! A move is asked for on the core that the partition is on, by itself or for it, and made there a moment later, when all of the
//! partition's state is in memory ([`Mover::leave`]); the other core takes it over when it is signalled ([`Life::signalled`]). What ends the
//! partition meanwhile wins: the move is then not made, or what arrives is not started.
//!
//! Invariants:
//! - the partition has one core, from its start to its end, and its memory is loaded only when it has none;
//! - a rich partition cannot move it more than once for each job that it reports.

use crate::ids::{CoreId, PartitionId, Slot};
use crate::life::{Life, Outcome, Power, Run};
use crate::table::System;

/// What a system says of it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Who may be moved.
    pub partition: PartitionId,
    /// By its own call.
    pub call: bool,
    /// When the rich partition turns its core off.
    pub power_down: bool,
}

/// Why a partition stays where it is. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// Its description does not allow it, or it is another partition.
    NotAllowed,
    /// That is not another core of the partition's.
    NoSuchCore,
    /// It is being moved or ended already.
    Underway,
}

/// A move that was asked for and is not made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    from: CoreId,
    to: CoreId,
}

/// The moves of one partition.
#[derive(Debug)]
pub struct Mover {
    rule: Rule,
    asked: Option<Asked>,
    /// It was moved by others since it reported a job.
    spent: bool,
}

impl Mover {
    /// No move yet.
    pub const fn new(rule: Rule) -> Self {
        Self {
            rule,
            asked: None,
            spent: false,
        }
    }

    /// Who may be moved.
    pub const fn partition(&self) -> PartitionId {
        self.rule.partition
    }

    /// The partition asks for it.
    pub fn ask(
        &mut self,
        life: &Life,
        caller: PartitionId,
        from: CoreId,
        to: CoreId,
    ) -> Result<(), Stays> {
        if !self.rule.call || caller != self.rule.partition {
            return Err(Stays::NotAllowed);
        }
        if from == to || life.power(caller, to).is_none() {
            return Err(Stays::NoSuchCore);
        }
        self.plan(life, from, to)
    }

    /// The rich partition turns a core off: the critical one moves to the first core where a rich one runs, or none may, if it
    /// is allowed to and was not moved so since it last reported. Says whether it does.
    pub fn power_down(&mut self, life: &Life, system: &System, from: CoreId) -> bool {
        if !self.rule.power_down || self.spent {
            return false;
        }
        let cores = (0..).zip(system.cores).map(|(n, _)| CoreId(n));
        let mut others = cores.filter(|&core| {
            let rich = system.occupant(core, Slot::Rich);
            let serves = rich.is_none_or(|rich| life.power(rich, core) == Some(Power::On));
            core != from && serves && life.power(self.rule.partition, core) == Some(Power::Off)
        });
        let to = others.next();
        self.spent = to.is_some_and(|to| self.plan(life, from, to).is_ok());
        self.spent
    }

    fn plan(&mut self, life: &Life, from: CoreId, to: CoreId) -> Result<(), Stays> {
        let power = |core| life.power(self.rule.partition, core);
        let running = life.run(self.rule.partition) == Run::Running;
        // One that was asked for on another core is over: the partition would be there.
        let asked = self.asked.is_some_and(|asked| asked.from == from);
        if asked || !running || power(from) != Some(Power::On) || power(to) != Some(Power::Off) {
            return Err(Stays::Underway);
        }
        self.asked = Some(Asked { from, to });
        Ok(())
    }

    /// Where the partition goes from this core, if it is to leave it; [`Self::leave`] follows. What was asked for is over where
    /// another core ended the partition since.
    pub fn destination(&mut self, life: &Life, from: CoreId) -> Option<CoreId> {
        let asked = self.asked.filter(|asked| asked.from == from)?;
        let partition = self.rule.partition;
        let runs = life.run(partition) == Run::Running;
        if runs && life.power(partition, from) == Some(Power::On) {
            return Some(asked.to);
        }
        self.asked = None;
        None
    }

    /// All of the partition's state is in memory: it leaves this core, unless it is being ended.
    pub fn leave(&mut self, life: &mut Life, from: CoreId) -> Option<Outcome> {
        let to = self.asked.take_if(|asked| asked.from == from)?.to;
        life.hand_over(self.rule.partition, from, to)
    }

    /// A partition is loaded afresh: what it asked for before is over.
    pub fn forget(&mut self, partition: PartitionId) {
        if partition == self.rule.partition {
            self.asked = None;
        }
    }

    /// A partition reported a job, and was believed.
    pub fn job_done(&mut self, partition: PartitionId) {
        if partition == self.rule.partition {
            self.spent = false;
        }
    }
}

/// The core that a partition with one is on, or comes to; its first one while it is on none.
pub fn place(life: &Life, system: &System, partition: PartitionId) -> Option<CoreId> {
    let table = system.partition(partition)?;
    let on = |core: &CoreId| life.power(partition, *core) != Some(Power::Off);
    Some(table.cores.iter().find(on).unwrap_or(table.boot))
}

#[cfg(test)]
#[path = "migration_tests.rs"]
mod tests;
