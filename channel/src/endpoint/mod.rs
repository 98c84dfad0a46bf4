//! One end of a link: sends into its own section, receives from the other's.
//!
//! All positions are private. Of the other side's section these words are read, each once: the epoch, how far
//! it sent, how far it received, whether it wants a doorbell, and a slot's header; what any of them
//! may do is in `docs/virtualnet.md`. Its own section is only written.
//!
//! **Epochs.** The monitor numbers the lives of a link and tells both ends; a number is used once. An end writes
//! the number into its section when the rest of the section is ready for it, and 0 before it
//! touches anything. The other end believes a position only if it finds the number *after* reading it: so
//! an end that starts anew in that moment is not mistaken for an attacker. Slots need no second look: who is
//! in another epoch than the reader does not write them.
//!
//! Nothing here waits. A full ring refuses the frame; a link that is down refuses all of them.

mod counters;
mod receive;
mod send;

pub use counters::{Counters, Violation};
pub use receive::{Armed, Budget, NotReceived};
pub use send::{Doorbell, Refused};

use crate::authentication::{Authentication, Off};
use crate::crc32c::Engine;
use crate::memory::{Fence, Memory, Section};
use cofferdam_abi::virtualnet::{Geometry, MAGIC, Side, VERSION, section, slot};
use core::num::NonZeroU32;

/// Number of a life of the link. Not 0, which a section says that holds in none.
pub type Epoch = NonZeroU32;

/// Whether frames can pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The other end is not in this epoch: not started, starting anew, or ahead.
    Down,
    /// Frames pass.
    Up,
    /// The other end was in this epoch and left it. Epochs are never used twice, so only the next one brings it back.
    Left,
    /// This end was closed.
    Closed,
    /// The other end wrote what cannot be believed in part. Nothing of it is read until the next epoch.
    Quarantined(Violation),
}

/// Why an endpoint cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The memory is smaller than the ring.
    Memory,
}

/// Whether frames carry a checksum: both ends must have it the same.
#[derive(Clone, Copy, Debug)]
pub enum Checksum {
    /// None.
    Off,
    /// CRC32C, computed by this engine.
    Crc32c(Engine),
}

impl Checksum {
    /// The flags of a frame.
    fn flags(self) -> u32 {
        match self {
            Self::Off => 0,
            Self::Crc32c(_) => slot::FLAG_CRC,
        }
    }

    /// Who computes it.
    fn engine(self) -> Option<Engine> {
        match self {
            Self::Off => None,
            Self::Crc32c(engine) => Some(engine),
        }
    }
}

/// What both ends got from the build, and which end this is.
#[derive(Clone, Copy, Debug)]
pub struct Configuration {
    /// Number and size of slots.
    pub geometry: Geometry,
    /// The section that this end writes.
    pub side: Side,
    /// Whether frames carry a checksum.
    pub checksum: Checksum,
}

/// One end of a link, whose frames have a tag or not: both ends must have it the same.
#[derive(Debug)]
pub struct Endpoint<M: Memory, A = Off> {
    memory: M,
    configuration: Configuration,
    authentication: A,
    /// The section that this end writes.
    own: Section<M::Place>,
    /// The section that the other end writes.
    peer: Section<M::Place>,
    epoch: Epoch,
    link: Link,
    /// Frames that this end sent.
    sent: u32,
    /// How many of them the other end had taken when last looked: at most `sent`, at most all slots less.
    acknowledged: u32,
    /// The other end's request that was last answered with a doorbell.
    answered: u32,
    /// Frames that this end took.
    taken: u32,
    /// How many the other end had sent when last looked: `taken` and at most all slots more.
    seen: u32,
    /// Number of this end's last request for a doorbell.
    request: u32,
    counters: Counters,
}

impl<M: Memory> Endpoint<M> {
    /// An end that begins in `epoch`, as the monitor said it.
    pub fn new(memory: M, configuration: Configuration, epoch: Epoch) -> Result<Self, Unfit> {
        let mut end = Self::closed(memory, configuration)?;
        end.restart(epoch);
        Ok(end)
    }

    /// An end that is in no epoch until [`Self::restart`].
    pub fn closed(memory: M, configuration: Configuration) -> Result<Self, Unfit> {
        Self::authenticated(memory, configuration, Off)
    }
}

impl<M: Memory, A: Authentication> Endpoint<M, A> {
    /// The same, with tags by `authentication`.
    pub fn authenticated(
        memory: M,
        configuration: Configuration,
        authentication: A,
    ) -> Result<Self, Unfit> {
        let Configuration { geometry, side, .. } = configuration;
        let section = |side| {
            let start = geometry.start(side);
            let place = memory.place(start, geometry)?;
            Some(Section { start, place })
        };
        let (Some(own), Some(peer)) = (section(side), section(side.other())) else {
            return Err(Unfit::Memory);
        };
        let mut end = Self {
            memory,
            configuration,
            authentication,
            own,
            peer,
            epoch: Epoch::MIN,
            link: Link::Closed,
            sent: 0,
            acknowledged: 0,
            answered: 0,
            taken: 0,
            seen: 0,
            request: 0,
            counters: Counters::default(),
        };
        end.close();
        Ok(end)
    }

    /// Begins anew in `epoch`, which the monitor never gave before. Frames in the ring are lost: those that this end
    /// sent and does not know to be taken are counted.
    pub fn restart(&mut self, epoch: Epoch) {
        self.close();
        let lost = self.sent.wrapping_sub(self.acknowledged);
        Counters::add(&mut self.counters.abandoned, lost);
        self.epoch = epoch;
        self.link = Link::Down;
        (self.sent, self.acknowledged, self.answered) = (0, 0, 0);
        (self.taken, self.seen, self.request) = (0, 0, 0);
        self.write(section::MAGIC, MAGIC);
        self.write(section::VERSION, VERSION);
        self.write(section::SLOTS, self.configuration.geometry.slots());
        self.write(section::FRAME_MAX, self.configuration.geometry.frame_max());
        self.write(section::PROD, 0);
        self.write(section::CONS, 0);
        self.write(section::WANT_IRQ, 0);
        self.publish(section::EPOCH, epoch.get());
    }

    /// Writes once more, and unchanged, what the other end goes by. Where no hardware keeps the other end from this
    /// section, nothing that it wrote here outlives it.
    pub fn reassert(&self) {
        if self.link != Link::Closed {
            self.publish(section::PROD, self.sent);
            self.write(section::CONS, self.taken);
            self.write(section::EPOCH, self.epoch.get());
        }
    }

    /// Tells the other end that this one is gone. Only [`Self::restart`] brings it back.
    pub fn close(&mut self) {
        self.write(section::EPOCH, 0);
        // Whoever sees anything that is written from here on sees the 0 too.
        self.memory.fence(Fence::Release);
        self.link = Link::Closed;
    }

    /// The flags of every frame.
    #[inline(always)]
    fn flags(&self) -> u32 {
        self.configuration.checksum.flags() | self.authentication.flags()
    }

    /// Looks whether frames can pass now.
    #[inline(always)]
    pub fn link(&mut self) -> Link {
        if self.link == Link::Up {
            self.still_up();
        } else if self.link == Link::Down {
            self.look_for_peer();
        }
        self.link
    }

    /// The epoch that this end is in, or was in before it was closed.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What it was made with.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// What happened since this end was made.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Believes in the other end if it says that its section holds in this epoch.
    #[cold]
    #[inline(never)]
    fn look_for_peer(&mut self) {
        if self.read_acquire(section::EPOCH) != self.epoch.get() {
            return;
        }
        let geometry = self.configuration.geometry;
        let expected = [
            (section::MAGIC, MAGIC),
            (section::VERSION, VERSION),
            (section::SLOTS, geometry.slots()),
            (section::FRAME_MAX, geometry.frame_max()),
        ];
        self.link = Link::Up;
        let same = expected.iter().all(|(at, value)| self.read(*at) == *value);
        if !same {
            // Before the epoch is looked at again: a peer that starts anew has other words here for a while.
            self.memory.fence(Fence::Acquire);
            self.quarantine(Violation::Header);
        }
    }

    /// Whether the other end is in this epoch, and so was what `read_acquire` read of it before: had that been
    /// of a later one, the 0 that was put here first would be seen now.
    #[inline(always)]
    fn still_up(&mut self) -> bool {
        let up = self.read(section::EPOCH) == self.epoch.get() && !self.is_spent();
        if !up {
            self.link = Link::Left;
        }
        up
    }

    /// Whether a frame could have the number of another one of this epoch, and so its tag.
    #[inline(always)]
    fn is_spent(&self) -> bool {
        self.authentication.is_on() && (self.sent == u32::MAX || self.taken == u32::MAX)
    }

    /// Counts a violation and stops believing, unless the other end was only starting anew.
    #[cold]
    #[inline(never)]
    fn quarantine(&mut self, violation: Violation) {
        if self.still_up() {
            self.counters.violation(violation);
            self.link = Link::Quarantined(violation);
        }
    }

    // Offsets come from the geometry and cannot wrap. The sums say so themselves, so that no check that stops the
    // program is left in the code that an attacker drives; memory looks at each offset again.

    /// Reads a word of the other end's section.
    #[inline(always)]
    fn read(&self, at: usize) -> u32 {
        self.memory.load_in(self.peer, at)
    }

    /// Reads a word of the other end's section, and after it what was written before it.
    #[inline(always)]
    fn read_acquire(&self, at: usize) -> u32 {
        let value = self.read(at);
        self.memory.fence(Fence::Acquire);
        value
    }

    /// Writes a word of the own section.
    #[inline(always)]
    fn write(&self, at: usize, value: u32) {
        self.memory.store_in(self.own, at, value);
    }

    /// Writes a word of the own section after all that was read and written before.
    #[inline(always)]
    fn publish(&self, at: usize, value: u32) {
        self.memory.fence(Fence::Release);
        self.write(at, value);
    }
}

#[cfg(test)]
mod tests;
