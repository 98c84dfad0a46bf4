//! What the cluster does to Linux's end of their channel in a system test that asks for it: all that a critical partition
//! can. It writes any word of the memory, throws the epoch over, sends frames that no honest end sends, and rings as
//! fast as calls go.
//!
//! A part of the cluster (its feature `intruder`), so that an honest end is there before and after it.

use core::ptr::{NonNull, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::virtualnet::{section, slot};
use cofferdam_channel::endpoint::{Configuration, Doorbell, Endpoint, Epoch, Link};
use cofferdam_channel::memory::Memory;
use cofferdam_channel::shared::Shared;
use cofferdam_partition::{channel, monitor, time};

use crate::hardware::{CHANNEL, net0};
use crate::station::{GEOMETRY, LONGEST, SIDE, give_way};

/// How long one attack takes: less than the cluster may be silent for.
const MILLISECONDS: u64 = 60;
/// Rings in a row.
const RINGS: u32 = 8;
/// Of [`ring_on`]: five times what the limit allows.
const RINGS_A_MILLISECOND: u64 = 10;
/// Bytes of a frame that are made anew.
const NOISE: usize = 64;

static SEED: AtomicU64 = AtomicU64::new(1);

/// One attack.
pub fn strike() {
    if let Some(mut intruder) = Intruder::new() {
        intruder.strike();
    }
}

/// One frame whose length is a lie.
pub fn lie() {
    if let Some(mut intruder) = Intruder::new() {
        intruder.lie();
    }
}

/// Rings alone, no faster than Linux answers: more would be a flood, which ends the epoch.
pub fn ring_on() {
    let start = time::now();
    for n in 1..=MILLISECONDS * RINGS_A_MILLISECOND {
        ring();
        while time::now() < start + n * time::frequency() / (1_000 * RINGS_A_MILLISECOND) {
            give_way();
        }
    }
}

struct Intruder {
    random: Random,
    memory: Shared,
    end: Endpoint<Shared>,
    /// Frames sent in this epoch.
    sent: u32,
    frame: [u8; LONGEST],
}

impl Intruder {
    fn new() -> Option<Self> {
        let base = NonNull::new(with_exposed_provenance_mut(CHANNEL.start))?;
        // SAFETY: start-up mapped it for good, and nothing refers into it. That the station uses it too is what is wanted.
        let memory = unsafe { Shared::new(base, CHANNEL.size) }?;
        let configuration = Configuration {
            geometry: GEOMETRY,
            side: SIDE,
            checksum: channel::checksum(net0::CRC),
        };
        let end = Endpoint::closed(memory, configuration).ok()?;
        let seed = SEED.fetch_add(2, Ordering::Relaxed);
        Some(Self {
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            memory,
            end,
            sent: 0,
            frame: [0; LONGEST],
        })
    }

    fn strike(&mut self) {
        let until = after(MILLISECONDS);
        self.begin();
        while time::now() < until {
            match self.random.below(64) {
                0 => self.begin(),
                1..16 => self.send(),
                16..32 => self.spoil(),
                _ => (0..RINGS).for_each(|_| ring()),
            }
            give_way();
        }
        self.end.close();
    }

    /// A ring full of frames, whose last says that it is longer than all of the memory. Linux is told of them when that is
    /// written, so it cannot have looked before; and who copies so much is soon behind the memory's end.
    fn lie(&mut self) {
        self.begin();
        let until = after(MILLISECONDS / 3);
        while time::now() < until {
            give_way();
        }
        if matches!(self.end.link(), Link::Up) {
            let last = GEOMETRY.slot(GEOMETRY.slots() - 1);
            for _ in 0..GEOMETRY.slots() {
                let _full = self.end.send(&self.frame[..NOISE]);
            }
            self.memory
                .store(GEOMETRY.start(SIDE) + last + slot::LEN, u32::MAX);
            ring();
        }
        let until = after(MILLISECONDS / 3);
        while time::now() < until {
            give_way();
        }
        self.end.close();
    }

    fn begin(&mut self) {
        let epoch = monitor::channel_begin(net0::NUMBER).ok();
        if let Some(epoch) = epoch.and_then(Epoch::new) {
            self.end.restart(epoch);
            self.sent = 0;
        }
    }

    /// A frame to Linux with noise in it, or noise alone, of any length; some have a header that is spoiled at once.
    fn send(&mut self) {
        if !matches!(self.end.link(), Link::Up) {
            return self.begin();
        }
        // Some are shorter than an Ethernet header.
        let most = if self.random.below(8) > 0 {
            LONGEST
        } else {
            13
        };
        let length = self.random.below(most as u32) as usize + 1;
        for byte in self.frame.iter_mut().take(NOISE) {
            *byte = self.random.byte();
        }
        if let [to @ .., _, _, kind, _] = &mut self.frame[..16]
            && self.random.below(4) > 0
        {
            let mut mac = net0::MAC;
            mac[5] ^= 1;
            let (destination, source) = to.split_at_mut(6);
            destination.copy_from_slice(&mac);
            source.copy_from_slice(&net0::MAC);
            *kind = 8;
        }
        let sent = self.end.send(&self.frame[..length]);
        if sent.is_ok() {
            let slot = GEOMETRY.slot(self.sent);
            self.sent += 1;
            if self.random.below(2) > 0 {
                self.spoil_header(GEOMETRY.start(SIDE) + slot);
            }
        }
        if sent == Ok(Doorbell::Ring) {
            ring();
        }
    }

    fn spoil_header(&mut self, start: usize) {
        let header = [slot::LEN, slot::FLAGS, slot::SEQ, slot::EPOCH, slot::CRC];
        let at = start + header[self.random.below(5) as usize];
        let value = self.value(at);
        self.memory.store(at, value);
    }

    /// A word that matters, or any.
    fn spoil(&mut self) {
        let control = [
            section::EPOCH,
            section::PROD,
            section::CONS,
            section::WANT_IRQ,
        ];
        let random = &mut self.random;
        let section = random.below(2) as usize * GEOMETRY.section();
        let at = section
            + match random.below(4) {
                0 => control[random.below(4) as usize],
                1 | 2 => {
                    let slot = GEOMETRY.slot(random.below(GEOMETRY.slots()));
                    return self.spoil_header(section + slot);
                }
                _ => 4 * random.below(GEOMETRY.section() as u32 / 4) as usize,
            };
        let value = self.value(at);
        self.memory.store(at, value);
    }

    /// Near to what is there, a length, the epoch, or any.
    fn value(&mut self, at: usize) -> u32 {
        let random = &mut self.random;
        match random.below(4) {
            0 => (self.memory.load(at))
                .wrapping_add(random.below(5))
                .wrapping_sub(2),
            1 => random.below(GEOMETRY.frame_max() + 3),
            2 => self.end.epoch().get(),
            _ => random.any(),
        }
    }
}

fn after(milliseconds: u64) -> u64 {
    time::now() + time::frequency() * milliseconds / 1_000
}

fn ring() {
    // Denied when there were too many.
    let _refused = monitor::channel_ring(net0::NUMBER);
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn any(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.any() % bound
    }

    fn byte(&mut self) -> u8 {
        self.any() as u8
    }
}
