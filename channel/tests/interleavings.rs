//! Two ends on two processors: loom runs every interleaving of their accesses, and every value that the C11
//! memory model lets a load return.
//!
//! The same runs with one kind of fence taken out must fail: four seeded faults. What loom does not
//! model is a load that is done *after* a later store; so nothing here would notice if the order between
//! reading a slot and giving it back were missing.
#![cfg(not(miri))]

use cofferdam_abi::virtualnet::{Geometry, Side, section, slot};
use cofferdam_channel::endpoint::{
    Armed, Budget, Checksum, Configuration, Doorbell, Endpoint, Epoch, Violation,
};
use cofferdam_channel::memory::{Fence, Memory};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering, fence};
use loom::thread;

const SLOTS: usize = 2;
/// Words of the longest frame in these tests.
const FRAME: usize = 2;
const CONTROL: [usize; 8] = [
    section::MAGIC,
    section::VERSION,
    section::EPOCH,
    section::SLOTS,
    section::FRAME_MAX,
    section::PROD,
    section::CONS,
    section::WANT_IRQ,
];
const HEADER: [usize; 5] = [slot::LEN, slot::FLAGS, slot::SEQ, slot::EPOCH, slot::CRC];
/// Words of a section that these tests use.
const SECTION: usize = CONTROL.len() + SLOTS * (HEADER.len() + FRAME);

fn geometry() -> Geometry {
    Geometry::new(2, 68).expect("a ring")
}

/// The words that are used, as loom's atomics; all accesses are relaxed, all order comes from fences.
struct Words {
    words: Vec<AtomicU32>,
    /// A fence that is not there.
    without: Option<Fence>,
}

#[derive(Clone)]
struct Handle(Arc<Words>);

impl Handle {
    fn new(without: Option<Fence>) -> Self {
        let words = (0..2 * SECTION).map(|_| AtomicU32::new(0)).collect();
        Self(Arc::new(Words { words, without }))
    }

    fn word(&self, at: usize) -> &AtomicU32 {
        let (side, at) = (at / geometry().section(), at % geometry().section());
        let index = match CONTROL.iter().position(|word| *word == at) {
            Some(control) => control,
            None => {
                let at = at - section::FIRST_SLOT;
                let (number, at) = (at / geometry().stride(), at % geometry().stride());
                let header = HEADER.iter().position(|word| *word == at);
                let in_slot = header.unwrap_or_else(|| HEADER.len() + (at - slot::FRAME) / 4);
                assert!(in_slot < HEADER.len() + FRAME);
                CONTROL.len() + number * (HEADER.len() + FRAME) + in_slot
            }
        };
        &self.0.words[side * SECTION + index]
    }
}

impl Memory for Handle {
    type Place = ();

    fn place(&self, _: usize, _: Geometry) -> Option<()> {
        Some(())
    }

    fn bytes(&self) -> usize {
        geometry().bytes()
    }

    fn load(&self, at: usize) -> u32 {
        self.word(at).load(Ordering::Relaxed)
    }

    fn store(&self, at: usize, value: u32) {
        self.word(at).store(value, Ordering::Relaxed);
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        for (n, part) in to.chunks_mut(4).enumerate() {
            part.copy_from_slice(&self.load(at + 4 * n).to_le_bytes()[..part.len()]);
        }
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        for (n, part) in from.chunks(4).enumerate() {
            let word = part.try_into().expect("frames of whole words");
            self.store(at + 4 * n, u32::from_le_bytes(word));
        }
    }

    fn fence(&self, order: Fence) {
        if self.0.without == Some(order) {
            return;
        }
        fence(match order {
            Fence::Acquire => Ordering::Acquire,
            Fence::Release => Ordering::Release,
            Fence::Full => Ordering::SeqCst,
        });
    }
}

fn two_ends(without: Option<Fence>) -> (Endpoint<Handle>, Endpoint<Handle>) {
    let memory = Handle::new(without);
    let end = |side| {
        let configuration = Configuration {
            geometry: geometry(),
            side,
            // Wrong frames are to be seen as such, not to be caught by a checksum.
            checksum: Checksum::Off,
        };
        Endpoint::new(memory.clone(), configuration, Epoch::MIN).expect("it fits")
    };
    let (mut first, mut second) = (end(Side::First), end(Side::Second));
    first.link();
    second.link();
    (first, second)
}

fn receive(end: &mut Endpoint<Handle>, received: &mut Vec<u8>) {
    let mut frame = [0; 82];
    let mut budget = Budget {
        frames: 1,
        bytes: 99,
    };
    if let Ok(Some(length)) = end.receive(&mut budget, &mut frame) {
        assert!(length == 8 && frame[..8] == [frame[0]; 8], "a wrong frame");
        received.push(frame[0]);
    }
}

fn model(run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    // More switches find nothing new in runs as short as these, in minutes instead of seconds.
    builder.preemption_bound = Some(3);
    builder.check(run);
}

/// Three frames through two slots.
fn publication(without: Option<Fence>) {
    model(move || {
        let (mut first, mut second) = two_ends(without);
        let sender = thread::spawn(move || {
            let sent: Vec<u8> = (1..=3).filter(|n| first.send(&[*n; 8]).is_ok()).collect();
            sent
        });
        let mut received = vec![];
        receive(&mut second, &mut received);
        receive(&mut second, &mut received);
        let sent = sender.join().expect("no panic");
        for _ in 0..3 {
            receive(&mut second, &mut received);
        }
        assert_eq!(received, sent, "a wrong frame");
        assert_eq!(
            second.counters().violations,
            [0; Violation::ALL.len()],
            "a wrong frame"
        );
    });
}

/// One end goes to sleep while the other sends.
fn suppression(without: Option<Fence>) {
    model(move || {
        let (mut first, mut second) = two_ends(without);
        let sender = thread::spawn(move || first.send(&[1; 8]));
        let asleep = second.arm() == Armed::Asleep;
        let rung = sender.join().expect("no panic") == Ok(Doorbell::Ring);
        assert!(!asleep || rung, "a lost wake-up");
        let mut received = vec![];
        receive(&mut second, &mut received);
        assert_eq!(received, [1]);
    });
}

#[test]
fn frames_arrive_whole_and_in_order() {
    publication(None);
}

#[test]
#[should_panic(expected = "a wrong frame")]
fn a_relaxed_publish_is_found() {
    publication(Some(Fence::Release));
}

#[test]
#[should_panic(expected = "a wrong frame")]
fn a_relaxed_look_is_found() {
    publication(Some(Fence::Acquire));
}

#[test]
fn no_wake_up_is_lost() {
    suppression(None);
}

#[test]
#[should_panic(expected = "a lost wake-up")]
fn a_missing_fence_is_found() {
    suppression(Some(Fence::Full));
}

/// Both ends go into the next epoch by themselves, with a frame of the old one in the ring.
fn restart(without: Option<Fence>) {
    model(move || {
        let next = Epoch::MIN.saturating_add(1);
        let (mut first, mut second) = two_ends(without);
        let mut old = vec![];
        assert!(first.send(&[1; 8]).is_ok());
        receive(&mut second, &mut old);
        assert!(first.send(&[2; 8]).is_ok());
        let sender = thread::spawn(move || {
            first.restart(next);
            let sent = first.send(&[3; 8]).is_ok();
            assert_eq!(
                first.counters().violations,
                [0; Violation::ALL.len()],
                "a false alarm"
            );
            sent
        });
        receive(&mut second, &mut old);
        receive(&mut second, &mut old);
        assert!(old == [1] || old == [1, 2], "a wrong frame");
        second.restart(next);
        let mut new = vec![];
        receive(&mut second, &mut new);
        let sent = sender.join().expect("no panic");
        receive(&mut second, &mut new);
        assert_eq!(new, if sent { vec![3] } else { vec![] }, "a wrong frame");
        assert_eq!(
            second.counters().violations,
            [0; Violation::ALL.len()],
            "a false alarm"
        );
    });
}

#[test]
fn an_honest_restart_is_no_violation() {
    restart(None);
}

#[test]
#[should_panic(expected = "a false alarm")]
fn a_restart_that_is_seen_in_parts_is_found() {
    restart(Some(Fence::Release));
}
