//! A channel between two partitions as the monitor holds it: the epoch, a doorbell for each end, and what happens to
//! who rings too much. The memory of the channel is no affair of the monitor's: it never looks at it.
//!
//! The epoch moves when a partition starts anew, when an end asks for one that it has not begun, and when a channel is
//! flooded. It is never 0 and never one twice; after its last number no more are given.
//!
//! What is refused changes nothing, but that a ring is counted. All of it takes the same few steps, whoever calls and how often.

use crate::bucket::{Bucket, Limit};
use crate::doorbell::Doorbell;
use crate::ids::PartitionId;
use cofferdam_abi::call::Error;
use cofferdam_abi::virtualnet::Side;

/// Rings of a standing doorbell without an acknowledgement between them that end an epoch: see [`crate::doorbell`].
pub const FLOOD: u32 = 256;

/// One end, as the build fixed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Whose it is.
    pub partition: PartitionId,
    /// How often its doorbell is delivered.
    pub limit: Limit,
    /// By which interrupt; none: it asks.
    pub interrupt: Option<u32>,
}

/// A channel, as the build fixed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// By [`Side`].
    pub ends: [End; 2],
    /// How often each end may ask for an epoch after the current one.
    pub begins: Limit,
    /// Counter ticks for which a flooded channel is held off.
    pub hold_off: u64,
}

impl Channel {
    /// The end that is this side's.
    pub const fn end(&self, side: Side) -> &End {
        let [first, second] = &self.ends;
        match side {
            Side::First => first,
            Side::Second => second,
        }
    }

    /// Which end is this partition's.
    ///
    /// # Errors
    /// [`Error::Denied`] if none is.
    #[inline(always)]
    pub fn side(&self, caller: PartitionId) -> Result<Side, Error> {
        let [first, second] = &self.ends;
        if first.partition == caller {
            Ok(Side::First)
        } else if second.partition == caller {
            Ok(Side::Second)
        } else {
            Err(Error::Denied)
        }
    }
}

/// The channel with this number.
///
/// # Errors
/// [`Error::NotSupported`] in a system without channels, [`Error::InvalidParameter`] if it has fewer.
#[inline(always)]
pub fn find<T>(channels: &[T], number: u64) -> Result<&T, Error> {
    let index = usize::try_from(number).map_err(|_| Error::InvalidParameter)?;
    match channels {
        [] => Err(Error::NotSupported),
        [first, ..] if cfg!(feature = "weaken-caller") => Ok(channels.get(index).unwrap_or(first)),
        _ => channels.get(index).ok_or(Error::InvalidParameter),
    }
}

/// Ends whose interrupt is to be made pending: the first, the second.
pub type Due = [bool; 2];

/// What an end learns when it acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether its doorbell was delivered since the last time.
    pub delivered: bool,
    /// The current epoch.
    pub epoch: u32,
    /// Rings of the other end, and what became a delivery.
    pub counts: (u64, u64),
    /// Floods of the channel.
    pub floods: u64,
    /// Whether rings are denied.
    pub denied: bool,
}

/// What a ring is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// Rung; whether the other end's interrupt is to be made pending now.
    Rung(bool),
    /// One too many: [`Link::flood`] is to be called, before anything else is done to the link.
    Flood,
}

/// State of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    epoch: u32,
    /// Who was given the current epoch.
    given: [bool; 2],
    bells: [Doorbell; 2],
    begins: [Bucket; 2],
    /// Since a flood, until the next epoch is given: when that may be.
    held_until: Option<u64>,
    floods: u64,
}

/// The part of `both` that is this side's.
fn of<T>([first, second]: &mut [T; 2], side: Side) -> &mut T {
    match side {
        Side::First => first,
        Side::Second => second,
    }
}

impl Link {
    /// No partition has started yet.
    pub const NEW: Self = Self {
        epoch: 1,
        given: [false; 2],
        bells: [Doorbell::QUIET; 2],
        begins: [Bucket::FULL; 2],
        held_until: None,
        floods: 0,
    };

    /// An end asks for an epoch that it has not begun. Answers it, and who is to be told.
    ///
    /// # Errors
    /// [`Error::Busy`] if the channel is held off, or the end asked too often; [`Error::Denied`] if no epoch is left.
    pub fn begin(&mut self, table: &Channel, side: Side, now: u64) -> Result<(u32, Due), Error> {
        if self.epoch == u32::MAX {
            return Err(Error::Denied);
        }
        if self.held_until.is_some_and(|until| now < until) {
            return Err(Error::Busy);
        }
        let mut due = [false; 2];
        if *of(&mut self.given, side) {
            if !of(&mut self.begins, side).take(table.begins, now) {
                return Err(Error::Busy);
            }
            self.advance();
            self.tell(table, side.other(), now, &mut due);
        }
        self.held_until = None;
        *of(&mut self.given, side) = true;
        of(&mut self.bells, side).forget();
        Ok((self.epoch, due))
    }

    /// An end rings the other.
    ///
    /// # Errors
    /// [`Error::Denied`] if the channel was flooded and no epoch begun since.
    // All of a ring goes into the vectors' own entry, see the architecture's crates.
    #[inline(always)]
    pub fn ring(&mut self, table: &Channel, side: Side, now: u64) -> Result<Ring, Error> {
        if self.held_until.is_some() {
            return Err(Error::Denied);
        }
        let other = side.other();
        let bell = of(&mut self.bells, other);
        if bell.ring() && bell.excess() >= FLOOD {
            return Ok(Ring::Flood);
        }
        Ok(Ring::Rung(bell.due(table.end(other).limit, now)))
    }

    /// An end acknowledges its doorbell.
    pub fn acknowledge(&mut self, table: &Channel, side: Side, now: u64) -> Seen {
        let bell = of(&mut self.bells, side);
        Seen {
            delivered: bell.acknowledge(table.end(side).limit, now),
            epoch: self.epoch,
            counts: bell.counts(),
            floods: self.floods,
            denied: self.held_until.is_some(),
        }
    }

    /// The partition of an end started anew. Answers who is to be told.
    pub fn started(&mut self, table: &Channel, side: Side, now: u64) -> Due {
        let mut due = [false; 2];
        self.advance();
        of(&mut self.bells, side).forget();
        self.tell(table, side.other(), now, &mut due);
        due
    }

    /// Time went on: who is to be told of rings that waited.
    pub fn due(&mut self, table: &Channel, now: u64) -> Due {
        let mut due = [false; 2];
        for side in [Side::First, Side::Second] {
            *of(&mut due, side) = of(&mut self.bells, side).due(table.end(side).limit, now);
        }
        due
    }

    /// A ring was one too many, and the epoch is over. Answers who is to be told.
    pub fn flood(&mut self, table: &Channel, now: u64) -> Due {
        let mut due = [false; 2];
        self.floods = self.floods.saturating_add(1);
        self.held_until = Some(now.saturating_add(table.hold_off));
        self.advance();
        for side in [Side::First, Side::Second] {
            self.tell(table, side, now, &mut due);
        }
        due
    }

    /// The next epoch, which nobody was given yet.
    fn advance(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
        self.given = [false; 2];
    }

    /// Rings an end in the monitor's own name.
    fn tell(&mut self, table: &Channel, side: Side, now: u64, due: &mut Due) {
        let bell = of(&mut self.bells, side);
        *of(due, side) = bell.announce(table.end(side).limit, now);
    }
}

#[cfg(test)]
#[path = "channel_tests.rs"]
mod tests;
