//! Frame authentication against who writes the memory and has not the key. Without it, each of these attacks passes.
#![deny(unsafe_code)]

mod common;

use cofferdam_abi::virtualnet::{Geometry, Side, slot};
use cofferdam_channel::authentication::SipHash;
use cofferdam_channel::endpoint::{
    Budget, Checksum, Configuration, Doorbell, Endpoint, Epoch, Violation,
};
use cofferdam_channel::memory::Memory;
use cofferdam_channel::shared::Shared;
use common::Ram;

type End = Endpoint<Shared, Option<SipHash>>;

const LONGEST: usize = 82;

fn geometry() -> Geometry {
    Geometry::new(4, 68).expect("a ring")
}

/// An end in the first epoch, whose frames have a tag by this key, if any.
fn end(ram: &Ram, side: Side, key: Option<[u8; 16]>) -> End {
    let configuration = Configuration {
        geometry: geometry(),
        side,
        // Who can write a frame can write its checksum.
        checksum: Checksum::Off,
    };
    let tag = key.map(|half| SipHash::new([half, half]));
    let mut end = Endpoint::authenticated(ram.shared(), configuration, tag).expect("it fits");
    end.restart(Epoch::MIN);
    end
}

fn send(from: &mut End, frame: &[u8]) {
    assert_eq!(from.send(frame), Ok(Doorbell::Silent));
}

fn receive(to: &mut End) -> Option<Vec<u8>> {
    let mut frame = [0; LONGEST];
    let mut budget = Budget {
        frames: 1,
        bytes: 1,
    };
    let length = to.receive(&mut budget, &mut frame).expect("up")?;
    Some(frame[..length].to_vec())
}

/// A slot's tag and frame, as an attacker reads and writes them.
struct Slot(usize);

impl Slot {
    fn of(side: Side, seq: u32) -> Self {
        Self(geometry().start(side) + geometry().slot(seq))
    }

    fn read(&self, ram: &Ram) -> Vec<u32> {
        let words = (slot::TAG..slot::FRAME + LONGEST).step_by(4);
        words.map(|at| ram.shared().load(self.0 + at)).collect()
    }

    fn write(&self, ram: &Ram, words: &[u32]) {
        for (n, word) in words.iter().enumerate() {
            ram.shared().store(self.0 + slot::TAG + 4 * n, *word);
        }
    }
}

/// Two ends with the same key, or with none.
fn ends(ram: &Ram, key: Option<[u8; 16]>) -> (End, End) {
    let mut first = end(ram, Side::First, key);
    let mut second = end(ram, Side::Second, key);
    send(&mut first, b"welcome");
    assert_eq!(receive(&mut second).as_deref(), Some(&b"welcome"[..]));
    (first, second)
}

/// A frame of the same link and epoch, put in the place of another.
fn repeated(ram: &Ram, key: Option<[u8; 16]>) -> (Option<Vec<u8>>, End) {
    let (mut first, mut second) = ends(ram, key);
    let old = Slot::of(Side::First, 0).read(ram);
    send(&mut first, b"newborn");
    Slot::of(Side::First, 1).write(ram, &old);
    (receive(&mut second), second)
}

/// A frame of an epoch that is over, in its own place.
fn from_before(ram: &Ram, key: Option<[u8; 16]>) -> (Option<Vec<u8>>, End) {
    let (mut first, mut second) = ends(ram, key);
    let old = Slot::of(Side::First, 0).read(ram);
    let next = Epoch::MIN.saturating_add(1);
    first.restart(next);
    second.restart(next);
    send(&mut first, b"newborn");
    Slot::of(Side::First, 0).write(ram, &old);
    (receive(&mut second), second)
}

/// A frame of the victim's own, of the same number.
fn reflected(ram: &Ram, key: Option<[u8; 16]>) -> (Option<Vec<u8>>, End) {
    let (mut first, mut second) = ends(ram, key);
    for text in [b"thanks!", b"welcome"] {
        send(&mut second, text);
    }
    let own = Slot::of(Side::Second, 1).read(ram);
    send(&mut first, b"newborn");
    Slot::of(Side::First, 1).write(ram, &own);
    (receive(&mut second), second)
}

/// A frame by who knows everything but the key.
fn forged(ram: &Ram, key: Option<[u8; 16]>) -> (Option<Vec<u8>>, End) {
    let (_, mut second) = ends(ram, key);
    let mut forger = end(ram, Side::First, key.map(|_| [9; 16]));
    send(&mut forger, b"goodbye");
    send(&mut forger, b"welcome");
    (receive(&mut second), second)
}

/// One bit of a frame changed.
fn changed(ram: &Ram, key: Option<[u8; 16]>) -> (Option<Vec<u8>>, End) {
    let (mut first, mut second) = ends(ram, key);
    send(&mut first, b"Welcome");
    let mut words = Slot::of(Side::First, 1).read(ram);
    words[(slot::FRAME - slot::TAG) / 4] ^= 0x20;
    Slot::of(Side::First, 1).write(ram, &words);
    (receive(&mut second), second)
}

#[test]
fn without_the_key_nothing_passes_that_passes_without_tags() {
    let tagged = Violation::Tag as usize;
    for attack in [repeated, from_before, reflected, forged, changed] {
        let (received, victim) = attack(&Ram::new(geometry()), None);
        assert_eq!(received.as_deref(), Some(&b"welcome"[..]));
        assert_eq!(victim.counters().violations[tagged], 0);

        let (received, victim) = attack(&Ram::new(geometry()), Some([7; 16]));
        assert_eq!(received, None);
        assert_eq!(victim.counters().violations[tagged], 1);
        assert_eq!(victim.counters().received, 1, "the welcome");
    }
}

/// One bad frame costs one frame, and no more.
#[test]
fn the_next_frame_passes() {
    let ram = Ram::new(geometry());
    let (mut first, mut second) = ends(&ram, Some([7; 16]));
    send(&mut first, b"damaged");
    let slot = Slot::of(Side::First, 1);
    let mut words = slot.read(&ram);
    words[0] ^= 1;
    slot.write(&ram, &words);
    send(&mut first, b"as good");
    assert_eq!(receive(&mut second), None);
    assert_eq!(receive(&mut second).as_deref(), Some(&b"as good"[..]));
}

/// Ends of which one has no key do not take each other's frames.
#[test]
fn both_ends_have_tags_or_none() {
    for keys in [[None, Some([7; 16])], [Some([7; 16]), None]] {
        let ram = Ram::new(geometry());
        let mut first = end(&ram, Side::First, keys[0]);
        let mut second = end(&ram, Side::Second, keys[1]);
        send(&mut first, b"welcome");
        assert_eq!(receive(&mut second), None);
        assert_eq!(second.counters().violations[Violation::Flags as usize], 1);
    }
}
