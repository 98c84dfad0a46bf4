//! Receiving.

use super::{Counters, Endpoint, Link, Violation};
use crate::authentication::Authentication;
use crate::memory::{Fence, Header, Memory};
use cofferdam_abi::virtualnet::section;

/// What may still be spent on receiving. Bad slots are paid for too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Slots that may be looked at.
    pub frames: u32,
    /// Bytes that may be copied; the last frame may exceed it.
    pub bytes: u32,
}

impl Budget {
    /// Whether a slot may be looked at.
    fn is_left(self) -> bool {
        self.frames > 0 && self.bytes > 0
    }
}

/// Why nothing can be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReceived {
    /// The buffer is shorter than the longest frame: the caller's mistake.
    ShortBuffer,
    /// The link is not up.
    NotUp(Link),
}

/// What a request for a doorbell found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "frames that are there already bring no doorbell"]
pub enum Armed {
    /// Nothing to receive. A doorbell comes with the next frame.
    Asleep,
    /// Frames came in the meantime. No doorbell is asked for: receive them first.
    Awake,
}

impl<M: Memory, A: Authentication> Endpoint<M, A> {
    /// Receives the next good frame into `frame` and answers its length; none if there is none, or if `budget` is
    /// spent.
    pub fn receive(
        &mut self,
        budget: &mut Budget,
        frame: &mut [u8],
    ) -> Result<Option<usize>, NotReceived> {
        if frame.len() < self.configuration.geometry.frame_max() as usize {
            return Err(NotReceived::ShortBuffer);
        }
        // Each turn takes one slot from the budget; an empty ring costs nothing.
        while self.link() == Link::Up && budget.is_left() && self.anything_sent() {
            budget.frames = budget.frames.wrapping_sub(1);
            let slot = self.read_slot(budget, frame);
            self.taken = self.taken.wrapping_add(1);
            // Release: the slot has been read when the other end sees that it may write it again.
            self.publish(section::CONS, self.taken);
            match slot {
                Ok(length) => {
                    Counters::add(&mut self.counters.received, 1);
                    return Ok(Some(length as usize));
                }
                Err(violation) => self.counters.violation(violation),
            }
        }
        if self.link == Link::Up {
            return Ok(None);
        }
        Err(NotReceived::NotUp(self.link))
    }

    /// Asks for a doorbell at the next frame. Every request brings one doorbell at most; none is
    /// needed while this end polls.
    pub fn arm(&mut self) -> Armed {
        // The number differs from the last one and is not 0, which asks for nothing.
        self.request = self.request.checked_add(1).unwrap_or(1);
        self.write(section::WANT_IRQ, self.request);
        // Either the other end sees the request after it sent, or its frame is seen here; see `doorbell`.
        self.memory.fence(Fence::Full);
        if self.link() == Link::Up && self.anything_sent() {
            self.disarm();
            return Armed::Awake;
        }
        Armed::Asleep
    }

    /// Takes a request for a doorbell back. One that was rung already may still come.
    pub fn disarm(&mut self) {
        self.write(section::WANT_IRQ, 0);
    }

    /// Whether a frame is there that was not taken. Looks at the other end's word only if none is by what is known.
    fn anything_sent(&mut self) -> bool {
        if self.seen != self.taken {
            return true;
        }
        let sent = self.read_acquire(section::PROD);
        if sent.wrapping_sub(self.taken) > self.configuration.geometry.slots() {
            self.quarantine(Violation::Sent);
            return false;
        }
        if !self.still_up() {
            return false;
        }
        self.seen = sent;
        self.seen != self.taken
    }

    /// Reads the next slot: header first, and the frame only if the header can be one. Answers the frame's length.
    fn read_slot(&self, budget: &mut Budget, frame: &mut [u8]) -> Result<u32, Violation> {
        let (peer, at) = (self.peer, self.configuration.geometry.slot(self.taken));
        let [length, flags, seq, epoch, crc] = self.memory.load_header(peer, at);
        let header = [length, flags, seq, epoch];
        if let Some(violation) = self.violation_in(header) {
            return Err(violation);
        }
        budget.bytes = budget.bytes.saturating_sub(length);
        let Some(frame) = frame.get_mut(..length as usize) else {
            return Err(Violation::Length);
        };
        let engine = self.configuration.checksum.engine();
        let sum = self.memory.load_frame(peer, at, header, frame, engine);
        if sum != crc && engine.is_some() {
            return Err(Violation::Checksum);
        }
        if self.authentication.is_on() && !self.is_authentic(at, header, frame) {
            return Err(Violation::Tag);
        }
        Ok(length)
    }

    /// Whether the slot at `at` has the tag of this header and frame, which were read before. Takes as long for each wrong one.
    #[inline(never)]
    fn is_authentic(&self, at: usize, header: Header, frame: &[u8]) -> bool {
        let from = self.configuration.side.other();
        let words = self.authentication.tag(from, header, frame);
        let mut difference = 0;
        for (at, word) in self.tag_words(self.peer, at).zip(words) {
            difference |= self.memory.load(at) ^ word;
        }
        difference == 0
    }

    /// What is wrong with a header.
    fn violation_in(&self, [length, flags, seq, epoch]: [u32; 4]) -> Option<Violation> {
        if epoch != self.epoch.get() {
            Some(Violation::Epoch)
        } else if seq != self.taken {
            Some(Violation::Sequence)
        } else if length == 0 || length > self.configuration.geometry.frame_max() {
            Some(Violation::Length)
        } else if flags != self.flags() {
            Some(Violation::Flags)
        } else {
            None
        }
    }
}
