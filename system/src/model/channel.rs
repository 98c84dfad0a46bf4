//! One channel, resolved.

use std::net::Ipv4Addr;
use std::time::Duration;

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_core::region::Region;

use super::{Interrupt, Memory, PartitionId};
use crate::fields::Word;

/// A network link between two partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its number, for calls to the monitor.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// The memory that both ends share; its name is the channel's.
    pub memory: Memory,
    /// Number and size of slots.
    pub geometry: Geometry,
    /// Bytes that a frame carries behind its Ethernet header.
    pub mtu: u32,
    /// What guards frames against damage.
    pub checksum: Checksum,
    /// The key of its frames' tags, if they have any: half of it for frames, half for tags.
    pub siphash: Option<[[u8; 16]; 2]>,
    /// By [`Side`].
    pub ends: [End; 2],
    /// By which its rich end is called.
    pub interrupt: Interrupt,
}

impl Channel {
    /// The end of a partition.
    pub fn end(&self, partition: PartitionId) -> Option<&End> {
        self.ends.iter().find(|end| end.partition == partition)
    }

    /// The interrupt of an end's doorbell. It is the rich end's: a critical end asks at its own pace instead.
    pub fn interrupt_of(&self, end: &End) -> Option<Interrupt> {
        end.interrupted.then_some(self.interrupt)
    }

    /// The part of the memory that an end writes.
    pub fn section(&self, end: &End) -> Option<Region> {
        let start = self.memory.region.start().get();
        let offset = u64::try_from(self.geometry.start(end.side)).ok()?;
        let bytes = u64::try_from(self.geometry.section()).ok()?;
        Region::from_raw(start.checked_add(offset)?, bytes).ok()
    }

    /// The end that an end talks to.
    pub fn peer(&self, end: &End) -> &End {
        let [first, second] = &self.ends;
        match end.side {
            Side::First => second,
            Side::Second => first,
        }
    }

    /// The Ethernet address of an end: locally administered (IEEE 802, bit 1 of the first byte), the same in each build.
    pub const fn mac(&self, end: &End) -> [u8; 6] {
        let side = match end.side {
            Side::First => 0,
            Side::Second => 1,
        };
        [0x02, b'C', b'F', b'V', self.number, side]
    }
}

/// One end of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Whose it is.
    pub partition: PartitionId,
    /// Which section it writes. The first is that of the end that is written first.
    pub side: Side,
    /// Whether its doorbell interrupts it: not a critical partition.
    pub interrupted: bool,
    /// Its address.
    pub address: Ipv4Addr,
    /// Bits of the network in its address.
    pub prefix: u8,
    /// How it knows the other end's Ethernet address.
    pub neighbour: Neighbour,
    /// What it accepts. Default: nothing but address resolution.
    pub accept: Accept,
    /// How often its doorbell is delivered.
    pub doorbells: Doorbells,
    /// Bytes a second that it takes out of the channel. Default: no limit.
    pub bytes: Option<u64>,
}

/// What may reach the stack of an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accept {
    /// Echo requests.
    pub echo: bool,
    /// Own ports of TCP.
    pub tcp: Vec<u16>,
    /// Own ports of UDP.
    pub udp: Vec<u16>,
}

/// How an end knows the other's Ethernet address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// It asks, and believes the answer.
    Arp,
    /// From the description. It neither asks nor answers.
    Static,
}

impl Word for Neighbour {
    const WHAT: &'static str = "a way to know the neighbour";
    const WORDS: &'static [(&'static str, Self)] = &[("arp", Self::Arp), ("static", Self::Static)];
}

/// How often the doorbell of an end is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doorbells {
    /// From one to the next, in the long run.
    pub interval: Duration,
    /// So many at once after a pause.
    pub burst: u32,
}

/// What guards frames against damage. Nothing here guards against a forger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// CRC32C over each frame.
    Crc32c,
    /// Nothing: the memory is protected.
    None,
}

impl Checksum {
    /// Its name in the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crc32c => "crc32c",
            Self::None => "none",
        }
    }
}

/// What authenticates frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mac {
    /// A tag by SipHash-2-4.
    SipHash,
    /// Nothing.
    None,
}

impl Word for Mac {
    const WHAT: &'static str = "a frame authentication";
    const WORDS: &'static [(&'static str, Self)] =
        &[("siphash", Self::SipHash), ("none", Self::None)];
}

impl Word for Checksum {
    const WHAT: &'static str = "a checksum";
    const WORDS: &'static [(&'static str, Self)] =
        &[("crc32c", Self::Crc32c), ("none", Self::None)];
}
