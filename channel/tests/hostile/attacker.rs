//! An attacker who writes between any two accesses of an honest end, and the memory in which he can.

use cofferdam_abi::virtualnet::{Geometry, Side, section, slot};
use cofferdam_channel::memory::{Fence, Memory};
use cofferdam_channel::shared::Shared;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// Random numbers that are the same for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number.
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }
}

/// Who writes to the memory at the wrong time.
pub struct Attacker {
    random: Random,
    /// One access in so many is preceded by a write of his.
    every: usize,
    /// What he can write.
    reach: Range<usize>,
    geometry: Geometry,
}

impl Attacker {
    pub fn new(seed: u64, every: usize, reach: Range<usize>, geometry: Geometry) -> Self {
        Self {
            random: Random::new(seed),
            every,
            reach,
            geometry,
        }
    }

    /// A word that matters: the one that is about to be read, a control word, a slot's header, or any.
    fn target(&mut self, accessed: usize) -> usize {
        let side = [Side::First, Side::Second][self.random.below(2)];
        let start = self.geometry.start(side);
        let slot = self.geometry.slot(self.random.next() as u32);
        let control = [
            section::EPOCH,
            section::PROD,
            section::CONS,
            section::WANT_IRQ,
        ];
        let header = [slot::LEN, slot::FLAGS, slot::SEQ, slot::EPOCH, slot::CRC];
        match self.random.below(8) {
            0..3 => accessed,
            3..5 => start + control[self.random.below(4)],
            5..7 => start + slot + header[self.random.below(5)],
            _ => self.random.below(self.geometry.bytes()) & !3,
        }
    }

    /// A value: near the one that is there, small, at an end, or any.
    fn value(&mut self, old: u32) -> u32 {
        let any = self.random.next() as u32;
        match self.random.below(6) {
            0 => old.wrapping_add(any % 5).wrapping_sub(2),
            1 => any % 8,
            2 => any % (self.geometry.frame_max() + 3),
            3 => u32::MAX - any % 3,
            4 => old ^ (1 << (any % 32)),
            _ => any,
        }
    }
}

/// Memory in which an attacker writes between any two accesses. An access outside of it fails the test.
pub struct Tampered {
    memory: Shared,
    attacker: RefCell<Option<Attacker>>,
    pub accesses: Cell<usize>,
}

impl Tampered {
    pub fn new(memory: Shared, attacker: Attacker) -> Self {
        Self {
            memory,
            attacker: RefCell::new(Some(attacker)),
            accesses: Cell::new(0),
        }
    }

    /// The attacker is gone.
    pub fn calm(&self) {
        self.attacker.take();
    }

    fn access(&self, at: usize, length: usize) {
        assert!(
            at + length <= self.memory.bytes(),
            "{length} bytes at {at:#x}"
        );
        self.accesses.set(self.accesses.get() + 1);
        let mut attacker = self.attacker.borrow_mut();
        let Some(attacker) = attacker.as_mut() else {
            return;
        };
        if attacker.random.below(attacker.every) == 0 {
            let at = attacker.target(at);
            if attacker.reach.contains(&at) {
                let value = attacker.value(self.memory.load(at));
                self.memory.store(at, value);
            }
        }
    }
}

impl Memory for Tampered {
    type Place = ();

    fn place(&self, start: usize, geometry: Geometry) -> Option<()> {
        (start + geometry.section() <= self.memory.bytes()).then_some(())
    }

    fn bytes(&self) -> usize {
        self.memory.bytes()
    }

    fn load(&self, at: usize) -> u32 {
        self.access(at, 4);
        self.memory.load(at)
    }

    fn store(&self, at: usize, value: u32) {
        self.access(at, 4);
        self.memory.store(at, value);
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        for (n, part) in to.chunks_mut(8).enumerate() {
            self.access(at + 8 * n, 8);
            self.memory.copy_out(at + 8 * n, part);
        }
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        for (n, part) in from.chunks(8).enumerate() {
            self.access(at + 8 * n, 8);
            self.memory.copy_in(at + 8 * n, part);
        }
    }

    fn fence(&self, fence: Fence) {
        self.memory.fence(fence);
    }
}
