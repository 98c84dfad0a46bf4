//! One end of a link over memory in which any read may give any value.
//!
//! The bytes say what this end does, and at each of its reads whether it sees what an honest other end wrote or
//! anything else. So they can bring the link up, and lie at any one place after that.

use std::cell::Cell;

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::authentication::SipHash;
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{
    Armed, Budget, Checksum, Configuration, Doorbell, Endpoint, Epoch, Refused,
};
use cofferdam_channel::memory::{Fence, Memory};

/// Whether frames have a tag.
type Tags = Option<SipHash>;

/// Longest frame: 14 + 68.
const FRAME: usize = 82;
/// Steps of one run.
const STEPS: usize = 200;

/// What is left of the input.
struct Input<'a>(Cell<&'a [u8]>);

impl Input<'_> {
    fn byte(&self) -> u8 {
        let (first, rest) = self.0.get().split_first().unwrap_or((&0, &[]));
        self.0.set(rest);
        *first
    }

    fn word(&self) -> u32 {
        u32::from_le_bytes([(); 4].map(|()| self.byte()))
    }

    fn is_empty(&self) -> bool {
        self.0.get().is_empty()
    }
}

/// Memory that both ends share. An access outside of it is a fault of the end that makes it.
struct Ram(Vec<Cell<u8>>);

impl Ram {
    fn bytes_at(&self, at: usize, length: usize) -> &[Cell<u8>] {
        assert!(at.is_multiple_of(4));
        let end = at.checked_add(length).expect("an offset of a ring");
        self.0.get(at..end).expect("inside of the memory")
    }
}

impl Memory for Ram {
    type Place = ();

    fn place(&self, _: usize, _: Geometry) -> Option<()> {
        Some(())
    }

    fn bytes(&self) -> usize {
        self.0.len()
    }

    fn load(&self, at: usize) -> u32 {
        let word = self.bytes_at(at, 4).first_chunk::<4>();
        word.map_or(0, |word| u32::from_le_bytes(word.each_ref().map(Cell::get)))
    }

    fn store(&self, at: usize, value: u32) {
        self.copy_in(at, &value.to_le_bytes());
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        let from = self.bytes_at(at, to.len());
        for (to, from) in to.iter_mut().zip(from) {
            *to = from.get();
        }
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        for (to, from) in self.bytes_at(at, from.len()).iter().zip(from) {
            to.set(*from);
        }
    }

    fn fence(&self, _: Fence) {}
}

/// The same memory as an end sees it whose other end lies.
struct Hostile<'a> {
    ram: &'a Ram,
    input: &'a Input<'a>,
    accesses: &'a Cell<usize>,
}

impl Memory for Hostile<'_> {
    type Place = ();

    fn place(&self, _: usize, _: Geometry) -> Option<()> {
        Some(())
    }

    fn bytes(&self) -> usize {
        self.ram.bytes()
    }

    fn load(&self, at: usize) -> u32 {
        self.accesses.set(self.accesses.get() + 1);
        let honest = self.ram.load(at);
        match self.input.byte() {
            0..0xc0 => honest,
            near @ 0xc0..0xe0 => honest.wrapping_add(near.into()).wrapping_sub(0xd0),
            _ => self.input.word(),
        }
    }

    fn store(&self, at: usize, value: u32) {
        self.accesses.set(self.accesses.get() + 1);
        self.ram.store(at, value);
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        self.accesses.set(self.accesses.get() + to.len());
        self.ram.copy_out(at, to);
        if let (0xc0.., Some(byte)) = (self.input.byte(), to.first_mut()) {
            *byte ^= 1;
        }
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        self.accesses.set(self.accesses.get() + from.len());
        self.ram.copy_in(at, from);
    }

    fn fence(&self, fence: Fence) {
        self.ram.fence(fence);
    }
}

/// One end does what `bytes` say, and sees what they say. Answers whether it received anything.
pub fn channel(bytes: &[u8]) -> bool {
    let input = Input(Cell::new(bytes));
    let guards = input.byte();
    let checksum = match guards & 1 {
        0 => Checksum::Off,
        _ => Checksum::Crc32c(Engine::Table),
    };
    let tags = (guards & 2 > 0).then(|| SipHash::new([[1; 16], [2; 16]]));
    let geometry = Geometry::new(4, 68).expect("a ring");
    let ram = Ram(vec![Cell::new(0); geometry.bytes()]);
    let accesses = Cell::new(0);
    let hostile = Hostile {
        ram: &ram,
        input: &input,
        accesses: &accesses,
    };
    let of = |side| Configuration {
        geometry,
        side,
        checksum,
    };
    let fits = "the memory is as large as it must be";
    let mut end = Endpoint::authenticated(hostile, of(Side::First), tags.clone()).expect(fits);
    let mut peer = Endpoint::authenticated(&ram, of(Side::Second), tags).expect(fits);
    end.restart(Epoch::MIN);
    peer.restart(Epoch::MIN);
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let before = accesses.get();
        let slots = step(&mut end, &mut peer, &input);
        // A frame, its header, checksum and tag, the positions around them, and what a call itself looks at.
        assert!(accesses.get() - before <= 30 + slots * (FRAME + 20));
    }
    end.counters().received > 0
}

/// One step. Answers how many slots it may have looked at.
fn step(
    end: &mut Endpoint<Hostile<'_>, Tags>,
    peer: &mut Endpoint<&Ram, Tags>,
    input: &Input<'_>,
) -> usize {
    let mut frame = [0; FRAME];
    match input.byte() % 7 {
        0 => {
            let length = usize::from(input.byte()) % (FRAME + 1);
            let sent = end.send(&frame[..length]);
            assert!(length > 0 || sent == Err(Refused::Length));
            return 1;
        }
        1 | 2 => {
            let (frames, bytes) = (u32::from(input.byte()) % 12, u32::from(input.byte()));
            let mut budget = Budget { frames, bytes };
            if let Ok(Some(length)) = end.receive(&mut budget, &mut frame) {
                assert!((1..=FRAME).contains(&length));
            }
            return frames as usize;
        }
        3 => {
            // The other end does its part honestly: something to lie about.
            let _: Result<Doorbell, Refused> = peer.send(&[7; 60]);
            let mut budget = Budget {
                frames: 1,
                bytes: 99,
            };
            let _frame = peer.receive(&mut budget, &mut frame);
        }
        4 => {
            let _: Armed = end.arm();
        }
        5 => end.disarm(),
        _ => {
            let epoch = end.epoch().saturating_add(1);
            end.restart(epoch);
            peer.restart(epoch);
        }
    }
    0
}
