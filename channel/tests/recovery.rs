//! What is left of an attack when it is over: whatever words of either section have any value, both ends pass frames again
//! by themselves, in the next epoch at the latest, or in the one after it if a section said to be in the next one already.
#![deny(unsafe_code)]

mod common;

use cofferdam_abi::virtualnet::{Geometry, Side, section, slot};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{Budget, Checksum, Configuration, Endpoint, Epoch, Link};
use cofferdam_channel::memory::Memory;
use cofferdam_channel::port::{Monitor, Port};
use cofferdam_channel::shared::Shared;
use common::Ram;
use proptest::prelude::*;
use std::cell::RefCell;

const SLOTS: u32 = 4;
const LONGEST: usize = 82;
/// Looks of both ends at the link until it is whole.
const LOOKS: usize = 4;

fn configuration(side: Side) -> Configuration {
    Configuration {
        geometry: Geometry::new(SLOTS, 68).expect("a ring"),
        side,
        checksum: Checksum::Crc32c(Engine::Table),
    }
}

/// The monitor's part, of both ends.
#[derive(Default)]
struct Epochs {
    current: u32,
    given: [bool; 2],
}

struct Calls<'a>(&'a RefCell<Epochs>, Side);

impl Monitor for Calls<'_> {
    fn begin(&mut self) -> Option<Epoch> {
        let mut epochs = self.0.borrow_mut();
        let own = self.1 as usize;
        if epochs.given[own] || epochs.current == 0 {
            epochs.current += 1;
            epochs.given = [false; 2];
        }
        epochs.given[own] = true;
        Epoch::new(epochs.current)
    }

    fn ring(&mut self) {}

    fn acknowledge(&mut self) -> Option<Epoch> {
        Epoch::new(self.0.borrow().current)
    }
}

type Ends<'a> = [Port<Shared, Calls<'a>>; 2];

/// All that an end receives now.
fn drain(end: &mut Port<Shared, Calls<'_>>) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut budget = Budget {
        frames: 4 * SLOTS,
        bytes: u32::MAX,
    };
    let mut frame = [0; LONGEST];
    while let Ok(Some(length)) = end.receive(&mut budget, &mut frame) {
        frames.push(frame[..length].to_vec());
    }
    frames
}

/// Both look, and take what comes.
fn turn(ends: &mut Ends<'_>) -> [Link; 2] {
    let links = ends.each_mut().map(Port::poll);
    ends.iter_mut().for_each(|end| drop(drain(end)));
    links
}

/// Whether a frame passes each way, unchanged and alone.
fn passes(ends: &mut Ends<'_>, number: u8) -> bool {
    let [first, second] = ends;
    let frame = vec![number; 61];
    first.send(&frame).is_ok()
        && drain(second) == [frame.as_slice()]
        && second.send(&frame).is_ok()
        && drain(first) == [frame]
}

/// The words that an end goes by.
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

/// Where a word is written: one that an end goes by, or one of a slot.
fn place() -> impl Strategy<Value = usize> {
    let stride = configuration(Side::First).geometry.stride();
    prop_oneof![
        3 => prop::sample::select(&CONTROL[..]),
        1 => (0..SLOTS as usize, 0..4usize)
            .prop_map(move |(n, word)| section::FIRST_SLOT + n * stride + slot::LEN + 4 * word),
    ]
}

/// What is written: near to what was there, as it is at the worst, or anything.
fn value() -> impl Strategy<Value = (bool, u32)> {
    prop_oneof![
        (Just(true), 0..2 * SLOTS + 2),
        (Just(true), (0..2 * SLOTS + 2).prop_map(u32::wrapping_neg)),
        (Just(false), 0..4u32),
        (Just(false), any::<u32>()),
    ]
}

proptest! {
    #[test]
    fn what_an_attack_leaves_behind_costs_one_epoch(
        before in 0..3 * SLOTS as u8,
        words in prop::collection::vec((any::<bool>(), place(), value()), 1..6),
    ) {
        let ram = Ram::new(configuration(Side::First).geometry);
        let epochs = RefCell::default();
        let mut ends = [Side::First, Side::Second].map(|side| {
            Port::new(ram.shared(), configuration(side), Calls(&epochs, side)).expect("it fits")
        });
        for _ in 0..LOOKS {
            turn(&mut ends);
        }
        for number in 0..before {
            prop_assert!(passes(&mut ends, number));
        }
        let memory = ram.shared();
        for (second, at, (near, value)) in words {
            let side = if second { Side::Second } else { Side::First };
            let at = configuration(side).geometry.start(side) + at;
            let old = if near { memory.load(at) } else { 0 };
            memory.store(at, old.wrapping_add(value));
        }
        let start = epochs.borrow().current;
        let epoch = |side| configuration(side).geometry.start(side) + section::EPOCH;
        let guessed = [Side::First, Side::Second].map(epoch).iter().any(|at| memory.load(*at) == start + 1);
        for _ in 0..LOOKS {
            turn(&mut ends);
        }
        prop_assert_eq!(turn(&mut ends), [Link::Up; 2]);
        prop_assert!(passes(&mut ends, 99));
        prop_assert!(epochs.borrow().current <= start + 1 + u32::from(guessed));
    }
}

/// So it was needed: an end that nobody repeats for is believed to be gone by one side alone.
#[test]
fn without_repeating_an_end_stays_deaf() {
    let ram = Ram::new(configuration(Side::First).geometry);
    let mut ends = [Side::First, Side::Second]
        .map(|side| Endpoint::new(ram.shared(), configuration(side), Epoch::MIN).expect("it fits"));
    let start = configuration(Side::First).geometry.start(Side::First);
    ram.shared().store(start + section::EPOCH, 0);
    let [first, second] = &mut ends;
    assert_eq!((first.link(), second.link()), (Link::Up, Link::Down));
    first.reassert();
    assert_eq!((first.link(), second.link()), (Link::Up, Link::Up));
}
