//! Services that a partition handles: carries out what `cofferdam_core::request` decides.
//!
//! A system without such services has none of this: the slice is empty at compile time.

use crate::gic::Controller as _;
use crate::lock::Lock;
use crate::monitor::Monitor;
use crate::platform::Platform;
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::{self, Call, Error};
use cofferdam_core::ids::PartitionId;
use cofferdam_core::life::Run;
use cofferdam_core::request::{Owner, Slot, Words, slot_of, words};
use cofferdam_core::service::{Caller, Registers};

/// A caller's place for requests to a service. The lock orders its two ends, and is held for a few instructions.
#[derive(Debug)]
pub struct Request {
    owner: Owner,
    slot: Lock<Slot>,
}

impl Request {
    /// Nothing asked for yet.
    pub const fn new(owner: Owner) -> Self {
        Self {
            owner,
            slot: Lock::new(Slot::NEW),
        }
    }
}

/// Leaves a checked call in its caller's slot, which is one of these; the ticket becomes its first result.
///
/// # Errors
/// [`Error::Busy`] while the caller's last one is not done.
pub fn submit(
    requests: &'static [Request],
    caller: Caller,
    registers: &mut Registers,
) -> Result<(), Error> {
    let mut requests = requests.iter();
    let request = requests.find(|it| it.owner.caller == caller.partition);
    let request = request.ok_or(Error::Denied)?;
    let (words, now) = (words(registers), el0::read_cntpct_el0().bits());
    let ticket = request
        .slot
        .with(|slot| slot.submit(&request.owner, words, now))?;
    registers[1] = ticket;
    Ok(())
}

fn by_ticket<P: Platform>(ticket: u64) -> Result<&'static Request, Error> {
    P::requests().get(slot_of(ticket)).ok_or(Error::Gone)
}

impl<P: Platform> Monitor<P> {
    /// Answers a call about requests in the registers of its caller.
    pub fn request_call(
        &self,
        call: Call,
        by: PartitionId,
        registers: &mut Registers,
    ) -> Result<(), Error> {
        let ticket = registers[1];
        match call {
            Call::ServiceTake => {
                let (owner, ticket, words) = take::<P>(by).ok_or(Error::Busy)?;
                registers[1] = ticket;
                registers[2] = u64::from(owner.function) | u64::from(owner.caller.0) << 32;
                registers[3..].copy_from_slice(&words);
                Ok(())
            }
            Call::ServiceComplete => {
                let request = by_ticket::<P>(ticket)?;
                let mut words: Words = [0; _];
                words.copy_from_slice(&registers[3..]);
                let done = (call::check(registers[2]), &words);
                request
                    .slot
                    .with(|slot| slot.complete(&request.owner, by, ticket, done))?;
                self.tell_caller(&request.owner);
                Ok(())
            }
            Call::ServicePoll => {
                let request = by_ticket::<P>(ticket)?;
                let handler = request.owner.handler;
                // One that never was started ends nothing either.
                let stopped = self.life(|life| life.run(handler)) == Run::Stopped;
                let words = request.slot.with(|slot| {
                    if stopped {
                        slot.ended(&request.owner, handler);
                    }
                    slot.poll(&request.owner, by, ticket)
                })?;
                registers[1..=words.len()].copy_from_slice(&words);
                Ok(())
            }
            _ => Err(Error::NotSupported),
        }
    }

    /// A partition ended, or starts anew.
    pub fn drop_requests(&self, partition: PartitionId) {
        for request in P::requests() {
            let answered = request
                .slot
                .with(|slot| slot.ended(&request.owner, partition));
            if answered {
                self.tell_caller(&request.owner);
            }
        }
    }

    /// Once for each request at most: a caller has no more interrupts than it asks for, under the limit of the service.
    fn tell_caller(&self, owner: &Owner) {
        if let Some(id) = owner.interrupt {
            self.gic().make_pending(id);
        }
    }
}

/// The request that waits the longest for this partition.
fn take<P: Platform>(by: PartitionId) -> Option<(&'static Owner, u64, Words)> {
    let since = |it: &&Request| it.slot.with(|slot| slot.waits_since(&it.owner, by));
    let waiting = P::requests().iter().filter(|it| since(it).is_some());
    let request = waiting.min_by_key(since)?;
    // Its caller may have ended meanwhile.
    let (ticket, words) = request.slot.with(|slot| slot.take(&request.owner, by))?;
    Some((&request.owner, ticket, words))
}
