//! What needs positions that no test can reach by sending: the wrap of the counters.
#![expect(
    unsafe_code,
    reason = "makes the shared memory that the crate is given"
)]

use super::*;
use crate::authentication::SipHash;
use crate::shared::Shared;
use core::ptr::NonNull;
use std::cell::{Cell, RefCell};

const WORDS: usize = 1024;

fn configuration(side: Side) -> Configuration {
    Configuration {
        geometry: Geometry::new(4, 68).expect("a ring"),
        side,
        checksum: Checksum::Off,
    }
}

fn shared(words: &mut [u64; WORDS]) -> Shared {
    let base = NonNull::from(words).cast();
    // SAFETY: each test keeps its words to its end, and uses them no more.
    unsafe { Shared::new(base, WORDS * 8) }.expect("aligned")
}

/// An end that has passed `passed` frames each way.
fn end_after<M: Memory>(passed: u32, side: Side, memory: M) -> Endpoint<M> {
    authenticated_after(passed, side, memory, Off)
}

fn authenticated_after<M: Memory, A: Authentication>(
    passed: u32,
    side: Side,
    memory: M,
    tags: A,
) -> Endpoint<M, A> {
    let end = Endpoint::authenticated(memory, configuration(side), tags);
    let mut end = end.expect("it fits");
    end.restart(Epoch::MIN);
    (end.sent, end.acknowledged) = (passed, passed);
    (end.taken, end.seen, end.request) = (passed, passed, passed);
    end.write(section::PROD, passed);
    end.write(section::CONS, passed);
    end
}

/// A peer that hides a position behind another epoch and comes back would never be quarantined.
#[test]
fn who_leaves_an_epoch_does_not_come_back_in_it() {
    let mut words = [0; WORDS];
    let memory = shared(&mut words);
    let mut first = end_after(0, Side::First, memory);
    let mut second = end_after(0, Side::Second, memory);
    assert_eq!((first.link(), second.link()), (Link::Up, Link::Up));
    second.write(section::EPOCH, 0);
    assert_eq!(first.link(), Link::Left);
    second.write(section::EPOCH, Epoch::MIN.get());
    assert_eq!(first.link(), Link::Left);
}

#[test]
fn positions_and_requests_go_on_over_their_wrap() {
    let mut words = [0; WORDS];
    let memory = shared(&mut words);
    let mut first = end_after(u32::MAX - 5, Side::First, memory);
    let mut second = end_after(u32::MAX - 5, Side::Second, memory);
    let mut frame = [0; 82];
    let mut budget = Budget {
        frames: 99,
        bytes: 999,
    };
    for n in 0..20 {
        assert_eq!(second.arm(), Armed::Asleep);
        assert_eq!(first.send(&[n]), Ok(Doorbell::Ring), "{n}");
        assert_eq!(first.send(&[n, n]), Ok(Doorbell::Silent), "{n}");
        assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(1)), "{n}");
        assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(2)), "{n}");
        assert_eq!(frame[..2], [n, n]);
    }
    assert_eq!((first.sent, second.taken, second.request), (34, 34, 15));
    assert_eq!(second.counters().violations, [0; Violation::ALL.len()]);
}

/// A number that came twice would have a tag that counted before, so the epoch ends.
#[test]
fn with_tags_no_number_comes_twice() {
    let mut words = [0; WORDS];
    let memory = shared(&mut words);
    let tags = || SipHash::new([[1; 16], [2; 16]]);
    let mut first = authenticated_after(u32::MAX - 1, Side::First, memory, tags());
    let mut second = authenticated_after(u32::MAX - 1, Side::Second, memory, tags());
    let mut frame = [0; 82];
    let mut budget = Budget {
        frames: 9,
        bytes: 99,
    };
    assert_eq!(first.send(&[7]), Ok(Doorbell::Silent));
    assert_eq!(first.send(&[8]), Err(Refused::NotUp(Link::Left)));
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(1)));
    let left = Err(NotReceived::NotUp(Link::Left));
    assert_eq!(second.receive(&mut budget, &mut frame), left);
    first.restart(Epoch::MAX);
    second.restart(Epoch::MAX);
    assert_eq!(first.send(&[9]), Ok(Doorbell::Silent));
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(1)));
    assert_eq!(second.counters().violations, [0; Violation::ALL.len()]);
}

#[test]
fn an_empty_ring_takes_nothing_from_a_budget() {
    let mut words = [0; WORDS];
    let memory = shared(&mut words);
    let mut first = end_after(0, Side::First, memory);
    let mut second = end_after(0, Side::Second, memory);
    let mut frame = [0; 82];
    let mut budget = Budget {
        frames: 1,
        bytes: 1,
    };
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(None));
    assert_eq!((budget.frames, budget.bytes), (1, 1));
    let _: Result<Doorbell, Refused> = first.send(&[7]);
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(1)));
    assert_eq!(budget.frames, 0);
}

/// Memory whose other end starts anew right before the access that `left` counts to.
struct Restarting<'a> {
    memory: Shared,
    peer: &'a RefCell<Endpoint<Shared>>,
    left: Cell<Option<u32>>,
}

impl Restarting<'_> {
    fn access(&self) {
        let left = self.left.take();
        if left == Some(0) {
            self.peer.borrow_mut().restart(Epoch::MAX);
        }
        self.left.set(left.and_then(|left| left.checked_sub(1)));
    }
}

impl Memory for Restarting<'_> {
    type Place = ();

    fn place(&self, _: usize, _: Geometry) -> Option<()> {
        Some(())
    }

    fn bytes(&self) -> usize {
        self.memory.bytes()
    }

    fn load(&self, at: usize) -> u32 {
        self.access();
        self.memory.load(at)
    }

    fn store(&self, at: usize, value: u32) {
        self.access();
        self.memory.store(at, value);
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        self.access();
        self.memory.copy_out(at, to);
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        self.access();
        self.memory.copy_in(at, from);
    }

    fn fence(&self, fence: Fence) {
        self.memory.fence(fence);
    }
}

/// With `passed` frames each way and `waiting` more in both directions, the other end starts anew before the
/// `at`th access of `act`. Answers whether `act` had so many.
fn restart_during(
    (passed, waiting, at): (u32, u32, u32),
    act: impl Fn(&mut Endpoint<&Restarting<'_>>),
) -> bool {
    let mut words = [0; WORDS];
    let memory = shared(&mut words);
    let peer = RefCell::new(end_after(passed, Side::Second, memory));
    let restarting = Restarting {
        memory,
        peer: &peer,
        left: Cell::new(None),
    };
    let mut end = end_after(passed, Side::First, &restarting);
    for _ in 0..waiting {
        assert!(end.send(&[1; 9]).is_ok());
        assert!(peer.borrow_mut().send(&[2; 9]).is_ok());
    }
    restarting.left.set(Some(at));
    act(&mut end);
    assert_eq!(
        end.counters().violations,
        [0; Violation::ALL.len()],
        "{passed} {waiting} {at}"
    );
    assert_eq!(end.acknowledged, passed, "the other end took nothing");
    restarting.left.take().is_none()
}

#[test]
fn a_restart_between_any_two_accesses_is_no_violation() {
    // Miri is a thousand times slower, and looks for other mistakes.
    let (all, most): (&[u32], u32) = if cfg!(miri) {
        (&[u32::MAX], 1)
    } else {
        (&[0, 1, 4, u32::MAX - 3, u32::MAX - 1, u32::MAX], 4)
    };
    for &passed in all {
        for waiting in 0..=most {
            let mut at = 0;
            let act = |end: &mut Endpoint<&Restarting<'_>>| {
                let mut budget = Budget {
                    frames: 9,
                    bytes: 999,
                };
                while let Ok(Some(_)) = end.receive(&mut budget, &mut [0; 82]) {}
                let _: Result<Doorbell, Refused> = end.send(&[3; 9]);
                let _: Armed = end.arm();
            };
            while restart_during((passed, waiting, at), act) {
                at += 1;
            }
            assert!(at > 5, "the restart is in between");
        }
    }
}
