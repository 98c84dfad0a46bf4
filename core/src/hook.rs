//! What the user's own hooks are given, and what is kept about one at an interrupt.

use crate::bucket::{Bucket, Limit};
use crate::ids::{CoreId, Slot};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A switch of a core from one world to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The core.
    pub core: CoreId,
    /// What runs after it.
    pub to: Slot,
}

/// Registers of the device whose interrupt is hooked: words of 32 bits.
pub trait Device {
    /// Reads the one at this offset. `None` beyond the device, or where no word starts.
    fn read(&self, offset: u64) -> Option<u32>;

    /// Writes it. `None` beyond the device, or where no word starts.
    fn write(&mut self, offset: u64, value: u32) -> Option<()>;
}

/// How often an interrupt of the monitor's own may come.
#[derive(Debug)]
pub struct Gate {
    limit: Limit,
    bucket: AtomicU64,
    closed: AtomicBool,
}

impl Gate {
    /// An open one.
    pub const fn new(limit: Limit) -> Self {
        assert!(
            limit.interval > 0,
            "the limit of a hook is above one call in a tick of the counter: lower it"
        );
        Self {
            limit,
            bucket: AtomicU64::new(Bucket::FULL.state()),
            closed: AtomicBool::new(false),
        }
    }

    /// Whether an interrupt that came may be handled. If not, it is to be held back, and then the gate [closed](Self::close).
    /// Both for the one core that the interrupt goes to.
    pub fn pass(&self, now: u64) -> bool {
        let mut bucket = Bucket::from_state(self.bucket.load(Ordering::Relaxed));
        let pass = bucket.take(self.limit, now);
        self.bucket.store(bucket.state(), Ordering::Relaxed);
        pass
    }

    /// The interrupt is held back. Not before it is: whoever opens the gate lets it come again.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Opens it, on any core. Says whether it was closed: then the interrupt may come again.
    pub fn open(&self) -> bool {
        self.closed.load(Ordering::Acquire) && {
            self.closed.store(false, Ordering::Relaxed);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_closes_after_a_burst_and_is_opened_once() {
        let gate = Gate::new(Limit::new(100, 2));
        assert!(!gate.open());
        assert_eq!(
            [gate.pass(1), gate.pass(2), gate.pass(3)],
            [true, true, false]
        );
        assert!(!gate.open());
        gate.close();
        assert!(gate.open());
        assert!(!gate.open());
        assert!(gate.pass(200));
    }
}
