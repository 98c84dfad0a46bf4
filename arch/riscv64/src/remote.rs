//! What harts ask of each other. A hart is asked by a word of its own, then called by its software interrupt; it
//! serves what it finds whenever it is in the monitor, sleeping too.
//!
//! Only a fence is waited for, and only by a hart that serves its own meanwhile: two that wait for each other both go
//! on. Every hart takes the software interrupt at once below M-mode, and all of the monitor's paths are bounded.

use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// S-mode's software interrupt.
pub const INTERRUPT: u8 = 1;
/// `Life::signalled` is to be called.
pub const LIFE: u8 = 1 << 1;
/// The monitor has failed.
pub const HALT: u8 = 1 << 2;

/// What others ask of one hart.
#[derive(Debug)]
pub struct Remote {
    pending: AtomicU8,
    asked: AtomicU64,
    done: AtomicU64,
    suspended: AtomicU8,
}

/// A fence that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

impl Remote {
    /// Nothing is asked.
    pub const fn new() -> Self {
        Self {
            pending: AtomicU8::new(0),
            asked: AtomicU64::new(0),
            done: AtomicU64::new(0),
            suspended: AtomicU8::new(0),
        }
    }

    /// Asks for something.
    pub fn post(&self, what: u8) {
        self.pending.fetch_or(what, Ordering::AcqRel);
    }

    /// All that was asked for. On this hart, after its software interrupt was taken back.
    pub fn take(&self) -> u8 {
        self.pending.swap(0, Ordering::AcqRel)
    }

    /// Asks for a fence behind all that the caller wrote.
    pub fn ask_fence(&self) -> Ticket {
        Ticket(self.asked.fetch_add(1, Ordering::AcqRel).wrapping_add(1))
    }

    /// Serves the fences that were asked for so far, all with one. On this hart.
    pub fn serve_fences(&self, fence: impl FnOnce()) {
        // Before the fence: one that is asked for during it may need another.
        let asked = self.asked.load(Ordering::Acquire);
        if asked != self.done.load(Ordering::Relaxed) {
            fence();
            self.done.store(asked, Ordering::Release);
        }
    }

    /// Whether a fence was made.
    pub fn is_done(&self, ticket: Ticket) -> bool {
        let behind = self.done.load(Ordering::Acquire).wrapping_sub(ticket.0);
        // Half of all numbers lie behind: no counter of calls gets there.
        behind < 1 << 63
    }

    /// Says whether this hart sleeps in hart_suspend.
    pub fn set_suspended(&self, suspended: bool) {
        self.suspended.store(u8::from(suspended), Ordering::Release);
    }

    /// Whether it does.
    pub fn is_suspended(&self) -> bool {
        self.suspended.load(Ordering::Acquire) != 0
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
