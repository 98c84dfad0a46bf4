//! Sending.

use super::{Counters, Endpoint, Link, Violation};
use crate::authentication::Authentication;
use crate::memory::{Fence, Header, Memory, Section};
use cofferdam_abi::virtualnet::{TAG_WORDS, section, slot};

/// Whether the other end asked to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an end that asked for a doorbell may be asleep"]
pub enum Doorbell {
    /// It is awake, or was rung for already.
    Silent,
    /// Call the monitor.
    Ring,
}

/// Why a frame was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is empty or longer than a slot: the caller's mistake.
    Length,
    /// The other end has not taken enough yet.
    Full,
    /// The link is not up.
    NotUp(Link),
}

impl<M: Memory, A: Authentication> Endpoint<M, A> {
    /// Sends a frame. What is refused is counted and gone.
    pub fn send(&mut self, frame: &[u8]) -> Result<Doorbell, Refused> {
        let geometry = self.configuration.geometry;
        let length = u32::try_from(frame.len()).map_err(|_| Refused::Length)?;
        if length == 0 || length > geometry.frame_max() {
            return Err(Refused::Length);
        }
        if self.link() != Link::Up || !self.has_room() {
            return Err(self.refuse());
        }
        self.fill_slot(length, frame);
        self.sent = self.sent.wrapping_add(1);
        self.publish(section::PROD, self.sent);
        Counters::add(&mut self.counters.sent, 1);
        Ok(self.doorbell())
    }

    /// Whether a frame would be sent now.
    pub fn can_send(&mut self) -> bool {
        self.link() == Link::Up && self.has_room()
    }

    /// Counts a frame that is not sent: the link is not up, or else the ring is full.
    fn refuse(&mut self) -> Refused {
        if self.link == Link::Up {
            Counters::add(&mut self.counters.full, 1);
            return Refused::Full;
        }
        Counters::add(&mut self.counters.down, 1);
        Refused::NotUp(self.link)
    }

    /// Whether a slot is free. Looks at the other end's word only if none is by what is known.
    fn has_room(&mut self) -> bool {
        let slots = self.configuration.geometry.slots();
        let open = self.sent.wrapping_sub(self.acknowledged);
        if open < slots {
            return true;
        }
        // Acquire: it has read the slot before we write it again.
        let taken = self.read_acquire(section::CONS);
        let newly = taken.wrapping_sub(self.acknowledged);
        if newly > open {
            self.quarantine(Violation::Taken);
            return false;
        }
        if !self.still_up() {
            return false;
        }
        self.acknowledged = taken;
        newly > 0
    }

    /// Writes the next slot, of which the other end does not know yet.
    fn fill_slot(&self, length: u32, frame: &[u8]) {
        let engine = self.configuration.checksum.engine();
        let header = [length, self.flags(), self.sent, self.epoch.get()];
        let at = self.configuration.geometry.slot(self.sent);
        self.memory.store_slot(self.own, at, header, frame, engine);
        if self.authentication.is_on() {
            self.write_tag(at, header, frame);
        }
    }

    /// Writes the tag of the slot at `at`.
    #[inline(never)]
    fn write_tag(&self, at: usize, header: Header, frame: &[u8]) {
        let from = self.configuration.side;
        let words = self.authentication.tag(from, header, frame);
        for (at, word) in self.tag_words(self.own, at).zip(words) {
            self.memory.store(at, word);
        }
    }

    /// Where the words of a slot's tag are.
    pub(super) fn tag_words(
        &self,
        section: Section<M::Place>,
        at: usize,
    ) -> impl Iterator<Item = usize> + use<M, A> {
        let first = section.start.wrapping_add(at).wrapping_add(slot::TAG);
        (0..TAG_WORDS).map(move |n| first.wrapping_add(n.wrapping_mul(size_of::<u32>())))
    }

    /// Whether the other end asked for a doorbell since it was last rung for.
    fn doorbell(&mut self) -> Doorbell {
        // Either it sees the frame after it asked, or its request is seen here; see `arm`.
        self.memory.fence(Fence::Full);
        let request = self.read(section::WANT_IRQ);
        if request == 0 || request == self.answered {
            return Doorbell::Silent;
        }
        self.answered = request;
        Counters::add(&mut self.counters.doorbells, 1);
        Doorbell::Ring
    }
}
