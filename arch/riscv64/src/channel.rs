//! A channel and its state, and the interrupt of its rich end, which no device holds: a source of the interrupt controller that
//! nothing is wired to. The controller keeps its priority and its enable bits; what is pending and claimed is a
//! [`Line`], for nobody can write that there.

use cofferdam_core::channel::{self, Link};
use cofferdam_core::ids::PartitionId;
use cofferdam_lock::Lock;
use core::sync::atomic::{AtomicU8, Ordering::SeqCst};

/// A channel. The lock orders calls of its two ends, and is held for a few instructions.
#[derive(Debug)]
pub struct Channel {
    /// As the build fixed it.
    pub table: channel::Channel,
    /// Epoch and doorbells.
    pub link: Lock<Link>,
    /// The interrupt of its rich end.
    pub line: Line,
}

impl Channel {
    /// One that no end has begun yet.
    pub const fn new(table: channel::Channel) -> Self {
        Self {
            table,
            link: Lock::new(Link::NEW),
            line: Line::new(),
        }
    }

    /// The source by which it calls a partition, if it does. Of its ends one is called at most, for a source has one owner.
    pub fn source_of(&self, partition: PartitionId) -> Option<u32> {
        let mut ends = self.table.ends.iter();
        ends.find(|end| end.partition == partition)?.interrupt
    }
}

const PENDING: u8 = 1;
const CLAIMED: u8 = 1 << 1;

/// What the gateway of a source would hold (PLIC specification, interrupt gateways): a request, and whether one that was claimed is
/// not completed yet. Until then no other is claimed.
///
/// Who raises it, then looks which harts it is for; who enables it for a hart, then looks whether it is raised. All of it is
/// sequentially consistent, as in `remote.rs`, with a fence for the controller's words (`csr::fence_devices`), so one of the two sees the other's.
#[derive(Debug)]
pub struct Line(AtomicU8);

impl Line {
    /// Nothing was asked.
    pub const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    /// Makes it pending.
    pub fn raise(&self) {
        self.0.fetch_or(PENDING, SeqCst);
    }

    /// Whether the controller would say that it is: not while it is claimed, for until then the gateway forwards nothing.
    pub fn is_pending(&self) -> bool {
        self.0.load(SeqCst) == PENDING
    }

    /// Claims it. Of two harts that try, one does.
    pub fn claim(&self) -> bool {
        let claimed = self.0.compare_exchange(PENDING, CLAIMED, SeqCst, SeqCst);
        claimed.is_ok()
    }

    /// What was claimed is done.
    pub fn complete(&self) {
        self.0.fetch_and(!CLAIMED, SeqCst);
    }

    /// As before its owner's first instruction.
    pub fn clear(&self) {
        self.0.store(0, SeqCst);
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raised_is_claimed_once_and_again_after_its_completion() {
        let line = Line::new();
        assert!(!line.claim());
        line.raise();
        line.raise();
        assert!(line.is_pending() && line.claim());
        assert!(!line.claim() && !line.is_pending());
        line.raise();
        assert!(!line.is_pending() && !line.claim());
        line.complete();
        assert!(line.is_pending() && line.claim());
        line.raise();
        line.clear();
        line.complete();
        assert!(!line.is_pending());
    }
}
