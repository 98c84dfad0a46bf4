//! The health monitor: what is looked at and when, and what a fault does.
//!
//! A round looks at everything once, in pieces, one piece a step. A step can only be made when the monitor has a
//! core of the right kind (a tick, or a critical partition's sign of life), so the times of steps are a grid with
//! room for the longest wait between two such opportunities: then every piece is looked at within every period.

use crate::ids::{CoreSet, PartitionId};

/// What a system asks for. Constant: what is off is not compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// The self-tests before any partition starts.
    pub at_boot: bool,
    /// Whether the description asks for any of this in so many words. If not, the tests at boot are those without
    /// which the monitor has never started: no digests, and a core that fails stops alone.
    pub asked_for: bool,
    /// The self-tests that the health monitor's rounds repeat.
    pub periodic: bool,
    /// What a failed self-test does, and a fault that cannot be repaired.
    pub on_failure: Failure,
    /// The health monitor.
    pub health: Option<Health>,
}

impl Checks {
    /// Those at boot alone.
    pub const AT_BOOT: Self = Self {
        at_boot: true,
        asked_for: false,
        periodic: false,
        on_failure: Failure::SafeState,
        health: None,
    };
}

/// The health monitor of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Counter ticks within which each fault is found.
    pub period: u64,
    /// What a fault does.
    pub on_fault: OnFault,
    /// The core whose steps these are; of a critical partition that moves, all that it may be on, of which it has one at a time. It
    /// calls the others to look at themselves.
    pub driver: CoreSet,
    /// Counter ticks between two opportunities for a step at most, where they are a critical partition's; none
    /// where they are the monitor's own ticks, which come as often as steps are due.
    pub gap: Option<u64>,
}

/// How the monitor ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The outputs go to their safe state, and all cores stop.
    SafeState,
    /// All cores stop.
    Stop,
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFault {
    /// It is repaired; the monitor ends only where nothing can be.
    Repair,
    /// The monitor ends.
    End(Failure),
}

/// What is wrong. Its number stands in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A register of the monitor, by its place in the list of them.
    Register = 1,
    /// What the monitor keeps of its registers for a slot of this core: 0 critical, 1 rich.
    Context = 2,
    /// Group, modifier, priority, access control or enable of this core's private interrupts.
    Private = 3,
    /// The distributor's control register.
    Distributor = 4,
    /// Group, modifier, priority or access control of 32 shared interrupts, by the number of their word.
    Shared = 5,
    /// The target of a critical partition's shared interrupt, by the number of its word.
    Routing = 6,
    /// The read-only image of a partition in its memory, by the partition.
    Image = 7,
    /// The monitor's text or constants, or the table of images.
    Constants = 8,
    /// The digests themselves.
    Digests = 9,
    /// The word at the bottom of one of this core's stacks.
    Canary = 10,
    /// The counter or a timer.
    Timer = 11,
    /// A core that does not answer.
    Silent = 12,
}

/// A fault: what is wrong, and which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// Which, as the kind says; 0 where there is one.
    pub which: u8,
}

/// What is done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is written anew from the tables.
    Repair,
    /// The partition is loaded anew.
    Restart(PartitionId),
    /// The monitor ends.
    End(Failure),
}

impl Kind {
    /// The only one of its kind.
    pub const fn fault(self) -> Fault {
        self.number(0)
    }

    /// The one with this number.
    pub const fn number(self, which: u8) -> Fault {
        Fault { kind: self, which }
    }

    /// Whether it is a self-test's to find.
    pub const fn is_self_test(self) -> bool {
        matches!(self, Self::Canary | Self::Timer)
    }
}

impl Fault {
    /// Its number in a record: the kind, then which one.
    pub const fn code(self) -> u64 {
        self.kind as u64 | (self.which as u64) << 8
    }
}

impl Checks {
    /// What is done about a fault.
    pub const fn answer(&self, fault: Fault) -> Answer {
        if let (Some(health), false) = (self.health, fault.kind.is_self_test())
            && let OnFault::End(end) = health.on_fault
        {
            return Answer::End(end);
        }
        match fault.kind {
            Kind::Register
            | Kind::Context
            | Kind::Private
            | Kind::Distributor
            | Kind::Shared
            | Kind::Routing => Answer::Repair,
            Kind::Image => Answer::Restart(PartitionId(fault.which)),
            // Flash cannot be written, what lay above a stack is lost, and who does not answer cannot be told.
            Kind::Constants | Kind::Digests | Kind::Canary | Kind::Timer | Kind::Silent => {
                Answer::End(self.on_failure)
            }
        }
    }
}

/// A piece of a round. In the order of the pieces' numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Every core looks at its own registers, private interrupts and stacks.
    Cores,
    /// The distributor's control register and the table of digests.
    Tables,
    /// 32 shared interrupts, by the number of their word.
    Shared(u8),
    /// What has this place in the table of digests.
    Digest(usize),
}

/// How many pieces a round has besides the digests, with so many shared interrupts.
pub const fn others(shared: u32) -> usize {
    2 + shared.div_ceil(32) as usize
}

impl Piece {
    /// The piece with this number, with so many shared interrupts.
    pub const fn of(number: usize, shared: u32) -> Self {
        match number {
            0 => Self::Cores,
            1 => Self::Tables,
            // At most 31 words (IHI 0069, INTIDs), so that these fit.
            _ if number < others(shared) => Self::Shared(number.to_le_bytes()[0] - 1),
            _ => Self::Digest(number - others(shared)),
        }
    }
}

/// Ticks from step to step such that each of `pieces` is looked at within every `period`, if an opportunity comes
/// within every `gap`. None if that cannot be.
///
/// A step is late by less than a gap, and does not make the next one late. So a piece is looked at again after
/// `pieces` steps and a gap at most.
pub const fn interval(period: u64, gap: Option<u64>, pieces: usize) -> Option<u64> {
    if pieces == 0 {
        return None;
    }
    let pieces = pieces as u64;
    let interval = match gap {
        // The monitor's own ticks come once an interval.
        None => period / (pieces + 1),
        Some(gap) => period.saturating_sub(gap) / pieces,
    };
    match gap {
        Some(gap) if gap > interval => None,
        _ if interval == 0 => None,
        _ => Some(interval),
    }
}

/// When which piece is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    interval: u64,
    pieces: usize,
    piece: usize,
    due: u64,
}

impl Schedule {
    /// Nothing to look at.
    pub const OFF: Self = Self {
        interval: 0,
        pieces: 0,
        piece: 0,
        due: u64::MAX,
    };

    /// So many pieces, one each interval, from `now` on.
    pub const fn new(interval: u64, pieces: usize, now: u64) -> Self {
        Self {
            interval,
            pieces,
            piece: 0,
            due: now,
        }
    }

    /// When the next step is due.
    pub const fn due(&self) -> u64 {
        self.due
    }

    /// The piece to look at now, if one is due.
    pub const fn step(&mut self, now: u64) -> Option<usize> {
        if now < self.due || self.pieces == 0 {
            return None;
        }
        let next = self.due.saturating_add(self.interval);
        // Where opportunities stayed away for long, what was missed is not made up for in a burst.
        let behind = self.interval.saturating_mul(self.pieces as u64);
        self.due = if now - self.due > behind { now } else { next };
        let piece = self.piece;
        self.piece = if piece + 1 < self.pieces {
            piece + 1
        } else {
            0
        };
        Some(piece)
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
