//! Requests: calls of services that a partition handles, from submission to answer.
//!
//! Each caller of each service has one slot, so that no caller takes another's place, and no call waits: `submit` leaves
//! the words and goes on with a ticket, the handler takes the oldest request when its deadlines leave time, the caller
//! is told or polls, and has the answer by its ticket. A ticket is of one request alone: an old one, another's, or an invented one is
//! [`Error::Gone`], and changes nothing. The caller holds a lock around every method.
//!
//! ```text
//! Free --submit--> Waiting --take--> Taken --complete--> Done --poll--> Free
//!   ^                 |                |                  ^ |
//!   '---caller ends---+----------------+-- handler ends --' '--submit--> Waiting
//! ```

use crate::ids::PartitionId;
use crate::service::{Error, Registers};

/// Words of arguments, and of results: x3 to x17 of the handler's calls.
pub const WORDS: usize = 15;
/// As they are kept.
pub type Words = [u64; WORDS];

/// Bits of a ticket that say which slot; the rest is the request's number.
const SLOT_BITS: u32 = 16;

/// Whose a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its place among all slots.
    pub slot: u16,
    /// Function identifier of the service.
    pub function: u32,
    /// Who submits.
    pub caller: PartitionId,
    /// Who works.
    pub handler: PartitionId,
    /// By which the caller is told that there is an answer; none: it asks.
    pub interrupt: Option<u32>,
}

impl Owner {
    fn is_handled_by(&self, partition: PartitionId) -> bool {
        cfg!(feature = "weaken-request") || self.handler == partition
    }
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Free,
    /// Submitted at this counter value.
    Waiting(u64),
    Taken,
    /// With this status.
    Done(Result<(), Error>),
}

/// A caller's place for one request to a service.
#[derive(Debug)]
pub struct Slot {
    stage: Stage,
    /// Requests so far, the present one with them.
    number: u64,
    words: Words,
}

/// The slot that a ticket is for.
pub const fn slot_of(ticket: u64) -> usize {
    const MASK: u64 = (1 << SLOT_BITS) - 1;
    (ticket & MASK) as usize
}

/// The arguments of a call, as they are kept.
pub fn words(registers: &Registers) -> &Words {
    let [_, words @ .., _, _] = registers;
    words
}

impl Slot {
    /// Without a request.
    pub const NEW: Self = Self {
        stage: Stage::Free,
        number: 0,
        words: [0; WORDS],
    };

    fn ticket(&self, owner: &Owner) -> u64 {
        self.number << SLOT_BITS | u64::from(owner.slot)
    }

    fn is(&self, owner: &Owner, ticket: u64) -> bool {
        cfg!(feature = "weaken-request") || self.number != 0 && self.ticket(owner) == ticket
    }

    /// Leaves a request; answers its ticket, which is never 0. An answer that nobody asked for makes room.
    ///
    /// # Errors
    /// [`Error::Busy`] while the last one is not done.
    pub fn submit(&mut self, owner: &Owner, words: &Words, now: u64) -> Result<u64, Error> {
        if let Stage::Waiting(_) | Stage::Taken = self.stage {
            return Err(Error::Busy);
        }
        self.stage = Stage::Waiting(now);
        self.number = self.number.wrapping_add(1);
        self.words = *words;
        Ok(self.ticket(owner))
    }

    /// Since when a request waits for this partition, if one does.
    pub fn waits_since(&self, owner: &Owner, handler: PartitionId) -> Option<u64> {
        match self.stage {
            Stage::Waiting(since) if owner.is_handled_by(handler) => Some(since),
            _ => None,
        }
    }

    /// Gives the request to its handler, if it waits for this one: ticket and words.
    pub fn take(&mut self, owner: &Owner, handler: PartitionId) -> Option<(u64, Words)> {
        self.waits_since(owner, handler)?;
        self.stage = Stage::Taken;
        Some((self.ticket(owner), self.words))
    }

    /// The handler is done.
    ///
    /// # Errors
    /// [`Error::Gone`] if it did not take this request, or the caller ended meanwhile.
    pub fn complete(
        &mut self,
        owner: &Owner,
        handler: PartitionId,
        ticket: u64,
        (status, words): (Result<(), Error>, &Words),
    ) -> Result<(), Error> {
        if !owner.is_handled_by(handler) || !self.is(owner, ticket) || self.stage != Stage::Taken {
            return Err(Error::Gone);
        }
        self.stage = Stage::Done(status);
        self.words = *words;
        Ok(())
    }

    /// The caller asks for the answer, and gets it once.
    ///
    /// # Errors
    /// [`Error::Busy`] while there is none; [`Error::Gone`] if there never will be one; else the handler's.
    pub fn poll(
        &mut self,
        owner: &Owner,
        caller: PartitionId,
        ticket: u64,
    ) -> Result<Words, Error> {
        if owner.caller != caller || !self.is(owner, ticket) {
            return Err(Error::Gone);
        }
        match self.stage {
            Stage::Free => Err(Error::Gone),
            Stage::Waiting(_) | Stage::Taken => Err(Error::Busy),
            Stage::Done(status) => {
                if !cfg!(feature = "weaken-request") {
                    self.stage = Stage::Free;
                }
                status.map(|()| self.words)
            }
        }
    }

    /// A partition ended, or starts anew: what it asked for is nobody's, what it was to do is not done. Says whether that
    /// is an answer.
    pub fn ended(&mut self, owner: &Owner, partition: PartitionId) -> bool {
        if owner.caller == partition {
            self.stage = Stage::Free;
        } else if owner.handler == partition
            && let Stage::Waiting(_) | Stage::Taken = self.stage
        {
            self.stage = Stage::Done(Err(Error::Gone));
            return true;
        }
        false
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
