//! The other end's address as the build knows it: the stack is told by an announcement that never was on the link.
//!
//! A stack keeps its neighbours in a cache that whoever answers ARP (RFC 826) can write, and forgets them after
//! a minute. With a static neighbour the filter refuses ARP, the stack's own requests stay here, and both are
//! answered with the build's address. The other end then needs a static neighbour too.

use cofferdam_channel::accept::{Accept, Ipv4, Mac};
use smoltcp::time::{Duration, Instant};

/// Bytes of ARP for IPv4 behind an Ethernet header.
const ARP: usize = 42;
const TYPE_ARP: [u8; 2] = [0x08, 0x06];
/// Half of the time that smoltcp keeps a neighbour.
const AGAIN: Duration = Duration::from_secs(30);

/// The station at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its Ethernet address.
    pub mac: Mac,
    /// Its address.
    pub address: Ipv4,
}

/// What tells the stack of the neighbour.
#[derive(Debug)]
pub(crate) struct Announcer {
    frame: [u8; ARP],
    due: Instant,
}

impl Announcer {
    /// Announces `neighbour` to the station that `own` guards, at once.
    pub fn new(neighbour: Neighbour, own: &Accept<'_>) -> Self {
        let parts: [&[u8]; 8] = [
            &own.mac,
            &neighbour.mac,
            &TYPE_ARP,
            // Ethernet, IPv4, addresses of 6 and 4 bytes, a reply.
            &[0, 1, 8, 0, 6, 4, 0, 2],
            &neighbour.mac,
            &neighbour.address,
            &own.mac,
            &own.address,
        ];
        let mut frame = [0; ARP];
        for (to, from) in frame.iter_mut().zip(parts.iter().copied().flatten()) {
            *to = *from;
        }
        let due = Instant::ZERO;
        Self { frame, due }
    }

    /// The announcement, if it is due.
    pub fn announce(&mut self, now: Instant) -> Option<&[u8]> {
        if now < self.due {
            return None;
        }
        self.due = now + AGAIN;
        Some(&self.frame)
    }

    /// Keeps what the stack asks its neighbour, and answers it soon. False: the frame is for the link.
    pub fn keep(&mut self, frame: &[u8]) -> bool {
        let asks = frame.get(12..14) == Some(&TYPE_ARP);
        if asks {
            self.due = Instant::ZERO;
        }
        asks
    }
}
