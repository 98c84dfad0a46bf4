//! An end of a link together with what it asks of the monitor: what a driver for any IP stack is written over.
//!
//! It follows the epochs: where the monitor's number is another than its own, the other end left or is in quarantine, it
//! asks for one to begin in. Two that ask for the same reason get the same. The monitor limits how often either end gets a
//! new one, so nothing is counted here.

use crate::authentication::{Authentication, Off};
use crate::endpoint::{
    Armed, Budget, Configuration, Counters, Doorbell, Endpoint, Epoch, Link, NotReceived, Refused,
    Unfit,
};
use crate::memory::Memory;

/// What an end asks of the monitor (`cofferdam_abi::call`: `ChannelBegin`, `ChannelRing`, `ChannelAcknowledge`).
pub trait Monitor {
    /// An epoch that this end has not begun yet; none: not now.
    fn begin(&mut self) -> Option<Epoch>;
    /// Rings the other end.
    fn ring(&mut self);
    /// Takes the doorbell that was rung for this end, and answers the current epoch; none: the monitor does not say.
    fn acknowledge(&mut self) -> Option<Epoch>;
}

/// An end of a link that follows the monitor's epochs.
#[derive(Debug)]
pub struct Port<M: Memory, C, A = Off> {
    end: Endpoint<M, A>,
    monitor: C,
}

impl<M: Memory, C: Monitor> Port<M, C> {
    /// An end that begins at its first [`Self::poll`].
    pub fn new(memory: M, configuration: Configuration, monitor: C) -> Result<Self, Unfit> {
        Self::authenticated(memory, configuration, Off, monitor)
    }
}

impl<M: Memory, C: Monitor, A: Authentication> Port<M, C, A> {
    /// The same, with tags by `authentication`.
    pub fn authenticated(
        memory: M,
        configuration: Configuration,
        authentication: A,
        monitor: C,
    ) -> Result<Self, Unfit> {
        let end = Endpoint::authenticated(memory, configuration, authentication)?;
        Ok(Self { end, monitor })
    }

    /// Takes a doorbell, and begins anew where that is due. To be called before frames are received, and at
    /// a steady pace where no doorbell wakes this end.
    pub fn poll(&mut self) -> Link {
        // First: a doorbell that comes after it is for frames that are received after it.
        let current = self.monitor.acknowledge();
        let due = match self.end.link() {
            Link::Closed | Link::Left | Link::Quarantined(_) => true,
            Link::Down | Link::Up => current.is_some_and(|current| current != self.end.epoch()),
        };
        if due && let Some(epoch) = self.monitor.begin() {
            self.end.restart(epoch);
        } else {
            self.end.reassert();
        }
        self.end.link()
    }

    /// Receives the next good frame, as [`Endpoint::receive`].
    pub fn receive(
        &mut self,
        budget: &mut Budget,
        frame: &mut [u8],
    ) -> Result<Option<usize>, NotReceived> {
        self.end.receive(budget, frame)
    }

    /// Asks for a doorbell at the next frame, for an end that sleeps instead of polling; see [`Endpoint::arm`].
    pub fn arm(&mut self) -> Armed {
        self.end.arm()
    }

    /// Whether a frame would be sent now.
    pub fn can_send(&mut self) -> bool {
        self.end.can_send()
    }

    /// Sends a frame, and rings if the other end asked for it. What is refused is counted and gone.
    pub fn send(&mut self, frame: &[u8]) -> Result<(), Refused> {
        if self.end.send(frame)? == Doorbell::Ring {
            self.monitor.ring();
        }
        Ok(())
    }

    /// Longest frame.
    pub fn frame_max(&self) -> usize {
        self.end.configuration().geometry.frame_max() as usize
    }

    /// The epoch that this end is in, or was in last.
    pub fn epoch(&self) -> Epoch {
        self.end.epoch()
    }

    /// What happened since this end was made.
    pub fn counters(&self) -> &Counters {
        self.end.counters()
    }
}
