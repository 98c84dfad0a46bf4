//! What harts ask of each other. Each slot of a hart is asked by a word of its own; a hart that has the slot loaded is then
//! called by its software interrupt, and one that has not finds it when it loads the slot.
//!
//! So nobody waits for a slot that is not loaded, and who floods the rich slot does not interrupt the critical one. The race
//! is that of two flags: who asks writes the word, then reads [`Loaded`]; who switches writes `Loaded`, then reads the words.
//! All of it is sequentially consistent, so one of the two sees the other's.

use cofferdam_core::ids::{MAX_CORES, Slot};
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};

/// S-mode's software interrupt.
pub const INTERRUPT: u8 = 1;
/// `Life::signalled` is to be called.
pub const LIFE: u8 = 1 << 1;
/// The monitor has failed.
pub const HALT: u8 = 1 << 2;

/// Its doorbells are to be looked at, which is done on the way out of every trap.
pub const EXTERNAL: u8 = 1 << 3;

/// What others ask of one slot of a hart.
#[derive(Debug)]
#[repr(C)]
pub struct Remote {
    pub(crate) pending: AtomicU8,
    pub(crate) asked: AtomicU64,
    pub(crate) done: AtomicU64,
    suspended: AtomicU8,
    pub(crate) held: AtomicU64,
}

/// A fence that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// Fences that were asked for, by hart.
pub type Tickets = [Option<Ticket>; MAX_CORES];

/// Which slot a hart has loaded.
#[derive(Debug)]
#[repr(transparent)]
pub struct Loaded(AtomicU8);

impl Loaded {
    /// As a hart begins.
    pub const fn new() -> Self {
        Self(AtomicU8::new(Slot::Rich as u8))
    }

    /// On this hart, before it looks at what the slot was asked.
    pub fn set(&self, slot: Slot) {
        self.0.store(slot as u8, SeqCst);
    }

    /// Whether it is this one; after the slot was asked.
    pub fn is(&self, slot: Slot) -> bool {
        self.0.load(SeqCst) == slot as u8
    }
}

impl Default for Loaded {
    fn default() -> Self {
        Self::new()
    }
}

impl Remote {
    /// Nothing is asked.
    pub const fn new() -> Self {
        Self {
            pending: AtomicU8::new(0),
            asked: AtomicU64::new(0),
            done: AtomicU64::new(0),
            suspended: AtomicU8::new(0),
            held: AtomicU64::new(0),
        }
    }

    /// Asks for something.
    pub fn post(&self, what: u8) {
        self.pending.fetch_or(what, SeqCst);
    }

    /// Whether there is anything to [`Remote::take`].
    pub fn is_posted(&self) -> bool {
        self.pending.load(SeqCst) != 0
    }

    /// All that was asked for. On this hart, after its software interrupt was taken back.
    pub fn take(&self) -> u8 {
        self.pending.swap(0, SeqCst)
    }

    /// Asks for a fence behind all that the caller wrote.
    pub fn ask_fence(&self) -> Ticket {
        Ticket(self.asked.fetch_add(1, SeqCst).wrapping_add(1))
    }

    /// Serves the fences that were asked for so far, all with one. On this hart.
    pub fn serve_fences(&self, fence: impl FnOnce()) {
        // Before the fence: one that is asked for during it may need another.
        let asked = self.asked.load(SeqCst);
        if asked != self.done.load(SeqCst) {
            fence();
            self.done.store(asked, SeqCst);
        }
    }

    /// Whether a fence was made.
    pub fn is_done(&self, ticket: Ticket) -> bool {
        let behind = self.done.load(SeqCst).wrapping_sub(ticket.0);
        // Half of all numbers lie behind: no counter of calls gets there.
        behind < 1 << 63
    }

    /// For how long the slot had the hart; `switch.S` counts it.
    pub fn held(&self) -> u64 {
        self.held.load(SeqCst)
    }

    /// Says whether this slot sleeps in hart_suspend.
    pub fn set_suspended(&self, suspended: bool) {
        self.suspended.store(u8::from(suspended), SeqCst);
    }

    /// Whether it does.
    pub fn is_suspended(&self) -> bool {
        self.suspended.load(SeqCst) != 0
    }
}

impl Default for Remote {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_taken_once() {
        let remote = Remote::new();
        remote.post(INTERRUPT);
        remote.post(LIFE);
        assert_eq!(remote.take(), INTERRUPT | LIFE);
        assert_eq!(remote.take(), 0);
    }

    #[test]
    fn a_fence_asked_for_during_a_fence_is_not_done_by_it() {
        let remote = Remote::new();
        let first = remote.ask_fence();
        assert!(!remote.is_done(first));
        let mut second = None;
        remote.serve_fences(|| second = Some(remote.ask_fence()));
        assert!(remote.is_done(first) && !remote.is_done(second.unwrap()));
        remote.serve_fences(|| ());
        assert!(remote.is_done(second.unwrap()));
        remote.serve_fences(|| panic!("nobody asked"));
    }

    #[test]
    fn one_fence_serves_all_who_asked_before_it() {
        let remote = Remote::new();
        let tickets: Vec<_> = (0..3).map(|_| remote.ask_fence()).collect();
        let mut fences = 0;
        remote.serve_fences(|| fences += 1);
        assert!(tickets.into_iter().all(|ticket| remote.is_done(ticket)));
        assert_eq!(fences, 1);
    }
}
