//! The device: an end of a channel as smoltcp wants one.

use cofferdam_channel::accept::Accept;
#[cfg(doc)]
use cofferdam_channel::accept::Refusal;
use cofferdam_channel::authentication::{Authentication, Off};
use cofferdam_channel::endpoint::{Counters, Epoch, Link, Refused};
use cofferdam_channel::memory::Memory;
use cofferdam_channel::port::{Monitor, Port};
use smoltcp::phy::{self, Checksum, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

use crate::neighbour::Announcer;
use crate::sums::{self, Sum};
use crate::{Allowance, Neighbour};

/// One frame to read into and one to write from, each as long as the longest of the link; aligned to 8
/// (`cofferdam_channel::memory::Frame`), or copying them takes more instructions.
#[derive(Debug)]
pub struct Buffers<'a> {
    /// The private copy of what was received.
    pub received: &'a mut [u8],
    /// What the stack writes, copied into the ring as a whole.
    pub sent: &'a mut [u8],
}

/// Frames that were received and did not reach the stack, by [`Refusal`], and by [`DAMAGED`]; counts do not wrap.
pub type Dropped = [u64; 10];
/// Of [`Dropped`]: those with a wrong checksum.
pub const DAMAGED: usize = 9;

/// An end of a channel, with what guards it.
#[derive(Debug)]
pub struct Device<'a, M: Memory, C, A = Off> {
    port: Port<M, C, A>,
    accept: Accept<'a>,
    announcer: Option<Announcer>,
    allowance: Allowance,
    buffers: Buffers<'a>,
    sum: Option<Sum>,
    dropped: Dropped,
}

impl<'a, M: Memory, C: Monitor, A: Authentication> Device<'a, M, C, A> {
    /// A device behind `accept`. With a neighbour, ARP is refused whatever `accept` says. None if a buffer
    /// is shorter than the longest frame.
    pub fn new(
        port: Port<M, C, A>,
        accept: Accept<'a>,
        neighbour: Option<Neighbour>,
        allowance: Allowance,
        buffers: Buffers<'a>,
    ) -> Option<Self> {
        let longest = port.frame_max();
        let fits = buffers.received.len() >= longest && buffers.sent.len() >= longest;
        let arp = accept.arp && neighbour.is_none();
        fits.then_some(Self {
            port,
            announcer: neighbour.map(|neighbour| Announcer::new(neighbour, &accept)),
            accept: Accept { arp, ..accept },
            allowance,
            buffers,
            sum: None,
            dropped: [0; 10],
        })
    }

    /// Has the device compute and check TCP's and UDP's checksums by `sum`, and the stack none. To be said before an interface
    /// is made of it.
    #[must_use]
    pub fn with_sum(self, sum: Option<Sum>) -> Self {
        Self { sum, ..self }
    }

    /// Begins a poll at this value of the allowance's counter: follows the monitor's epoch, and opens the ring for as many
    /// frames as the allowance has. Frames are then taken one by one, as long as [`Self::more`].
    pub fn poll(&mut self, now: u64) -> Link {
        self.allowance.begin(now);
        self.port.poll()
    }

    /// Whether this poll may find more frames.
    pub fn more(&self) -> bool {
        self.allowance.open()
    }

    /// The epoch of the link.
    pub fn epoch(&self) -> Epoch {
        self.port.epoch()
    }

    /// What passed the ring, and what the other end did to it.
    pub fn counters(&self) -> &Counters {
        self.port.counters()
    }

    /// What the filter refused.
    pub fn dropped(&self) -> &Dropped {
        &self.dropped
    }

    /// Reads one slot, and answers how long the frame is if there is one that may reach the stack.
    fn take(&mut self) -> Option<usize> {
        let mut budget = self.allowance.next()?;
        let received = self.port.receive(&mut budget, self.buffers.received);
        if budget.frames > 0 {
            // No slot was looked at.
            self.allowance.end();
            return None;
        }
        self.allowance.pay(budget);
        let Ok(Some(length)) = received else {
            return None;
        };
        let frame = self.buffers.received.get(..length)?;
        let refused = match self.accept.check(frame) {
            Ok(_) if self.sum.is_none_or(|sum| sums::is_right(frame, sum)) => return Some(length),
            Ok(_) => DAMAGED,
            Err(refusal) => refusal as usize,
        };
        self.count(refused);
        None
    }

    fn count(&mut self, refused: usize) {
        if let Some(counter) = self.dropped.get_mut(refused) {
            *counter = counter.saturating_add(1);
        }
    }
}

impl<M: Memory, C: Monitor, A: Authentication> phy::Device for Device<'_, M, C, A> {
    type RxToken<'t>
        = RxToken<'t>
    where
        Self: 't;
    type TxToken<'t>
        = TxToken<'t, M, C, A>
    where
        Self: 't;

    fn receive(&mut self, now: Instant) -> Option<(RxToken<'_>, TxToken<'_, M, C, A>)> {
        let announcement = self.announcer.as_mut().and_then(|it| it.announce(now));
        let length = match announcement {
            Some(frame) => {
                let to = self.buffers.received.get_mut(..frame.len())?;
                to.copy_from_slice(frame);
                to.len()
            }
            None => self.take()?,
        };
        let frame = self.buffers.received.get(..length)?;
        let to = TxToken {
            port: &mut self.port,
            announcer: self.announcer.as_mut(),
            buffer: self.buffers.sent,
            sum: self.sum,
        };
        Some((RxToken(frame), to))
    }

    fn transmit(&mut self, _: Instant) -> Option<TxToken<'_, M, C, A>> {
        // The stack keeps what finds no room.
        self.port.can_send().then_some(TxToken {
            port: &mut self.port,
            announcer: self.announcer.as_mut(),
            buffer: self.buffers.sent,
            sum: self.sum,
        })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = self.port.frame_max();
        if self.sum.is_some() {
            capabilities.checksum.tcp = Checksum::None;
            capabilities.checksum.udp = Checksum::None;
        }
        capabilities
    }
}

/// A frame that was received and accepted.
#[derive(Debug)]
pub struct RxToken<'t>(&'t [u8]);

impl phy::RxToken for RxToken<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for a frame to be sent.
#[derive(Debug)]
pub struct TxToken<'t, M: Memory, C, A = Off> {
    port: &'t mut Port<M, C, A>,
    announcer: Option<&'t mut Announcer>,
    buffer: &'t mut [u8],
    sum: Option<Sum>,
}

impl<M: Memory, C: Monitor, A: Authentication> phy::TxToken for TxToken<'_, M, C, A> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        // A stack that keeps to `capabilities` asks for no more than the buffer has.
        let length = length.min(self.buffer.len());
        let (frame, _) = self.buffer.split_at_mut(length);
        let result = f(frame);
        if let Some(sum) = self.sum {
            sums::fill(frame, sum);
        }
        let kept = self.announcer.is_some_and(|it| it.keep(frame));
        if !kept {
            // Counted by the endpoint: full or not up.
            let _gone: Result<(), Refused> = self.port.send(frame);
        }
        result
    }
}
