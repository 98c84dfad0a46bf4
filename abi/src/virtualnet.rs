//! VirtualNet's shared memory, to the byte. What the words mean and who may believe them stands in
//! `docs/virtualnet.md`; a driver in another language is written from that page.
//!
//! The memory is two sections of the same shape, one for each side. A side writes its own section
//! only: the frames that it sends, how far it has sent, how far it has received. All words are
//! little-endian. There is no pointer and no offset in it, and nothing in it says how large it is:
//! number and size of slots come from the build ([`Geometry`]).

/// First word of a section: "CFVN".
pub const MAGIC: u32 = u32::from_le_bytes(*b"CFVN");
/// Version of this layout.
pub const VERSION: u32 = 1;
/// Bytes of an Ethernet header: destination, source, EtherType.
pub const ETHERNET_HEADER: usize = 14;
/// Words that different processors write lie in different lines of this many bytes.
pub const LINE: usize = 64;
/// Sections are whole pages, so that the hardware can keep them apart where it has the means.
pub const PAGE: usize = 4096;

/// Words of a tag.
pub const TAG_WORDS: usize = 8;

/// Offsets in a section.
pub mod section {
    /// [`super::MAGIC`].
    pub const MAGIC: usize = 0x00;
    /// [`super::VERSION`].
    pub const VERSION: usize = 0x04;
    /// The epoch in which the rest of the section holds; 0: in none.
    pub const EPOCH: usize = 0x08;
    /// Number of slots, for comparison with the build's.
    pub const SLOTS: usize = 0x0c;
    /// Longest frame, for comparison with the build's.
    pub const FRAME_MAX: usize = 0x10;
    /// Frames that this side has sent in this epoch, modulo 2^32.
    pub const PROD: usize = 0x40;
    /// Frames that this side has taken in this epoch, modulo 2^32.
    pub const CONS: usize = 0x80;
    /// Not 0: this side asks for one doorbell at the next frame. Each request has another number.
    pub const WANT_IRQ: usize = 0xc0;
    /// The first slot.
    pub const FIRST_SLOT: usize = 0x100;
}

/// Offsets in a slot.
pub mod slot {
    /// Bytes of the frame.
    pub const LEN: usize = 0x00;
    /// [`FLAG_CRC`], [`FLAG_TAG`], both or nothing.
    pub const FLAGS: usize = 0x04;
    /// Number of the frame in this epoch, from 0, modulo 2^32.
    pub const SEQ: usize = 0x08;
    /// The epoch in which it was sent.
    pub const EPOCH: usize = 0x0c;
    /// CRC32C over the four words before and the frame.
    pub const CRC: usize = 0x10;
    /// [`super::TAG_WORDS`] words of frame authentication.
    pub const TAG: usize = 0x20;
    /// The frame.
    pub const FRAME: usize = 0x40;

    /// `FLAGS`: [`CRC`] holds.
    pub const FLAG_CRC: u32 = 1;
    /// `FLAGS`: [`TAG`] holds.
    pub const FLAG_TAG: u32 = 2;
}

/// One of the two ends of a channel: which section is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Writes the first section.
    First,
    /// Writes the second.
    Second,
}

impl Side {
    /// Its number.
    pub const fn number(self) -> u32 {
        match self {
            Self::First => 0,
            Self::Second => 1,
        }
    }

    /// The other end.
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// Why there is no such ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// The number of slots is not a power of two within [`Geometry::SLOTS`].
    Slots,
    /// The MTU is not within [`Geometry::MTU`].
    Mtu,
}

/// Number and size of slots, the same in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    slots: u32,
    frame_max: u32,
    stride: usize,
}

impl Geometry {
    /// Fewest and most slots.
    pub const SLOTS: (u32, u32) = (2, 4096);
    /// Least and largest MTU. An IPv4 link carries at least 68 bytes (RFC 791, 3.2).
    pub const MTU: (u32, u32) = (68, 9000);

    /// A ring of `slots` frames, each an Ethernet header and at most `mtu` bytes. The number is a power of
    /// two, so that counters modulo 2^32 go on over their wrap.
    pub const fn new(slots: u32, mtu: u32) -> Result<Self, Impossible> {
        if !slots.is_power_of_two() || slots < Self::SLOTS.0 || slots > Self::SLOTS.1 {
            return Err(Impossible::Slots);
        }
        if mtu < Self::MTU.0 || mtu > Self::MTU.1 {
            return Err(Impossible::Mtu);
        }
        let frame_max = mtu + ETHERNET_HEADER as u32;
        Ok(Self {
            slots,
            frame_max,
            stride: (slot::FRAME + frame_max as usize).next_multiple_of(LINE),
        })
    }

    /// Number of slots.
    pub const fn slots(self) -> u32 {
        self.slots
    }

    /// Bytes of the longest frame.
    pub const fn frame_max(self) -> u32 {
        self.frame_max
    }

    /// Bytes from slot to slot.
    pub const fn stride(self) -> usize {
        self.stride
    }

    /// Bytes of a section.
    pub const fn section(self) -> usize {
        (section::FIRST_SLOT + self.slots as usize * self.stride).next_multiple_of(PAGE)
    }

    /// Bytes of the whole: both sections.
    pub const fn bytes(self) -> usize {
        2 * self.section()
    }

    /// Where the section that `side` writes begins.
    pub const fn start(self, side: Side) -> usize {
        match side {
            Side::First => 0,
            Side::Second => self.section(),
        }
    }

    /// Where the slot of the `seq`th frame begins, in a section. Any number is one of a slot.
    pub const fn slot(self, seq: u32) -> usize {
        // Within the section, so nothing wraps; nor is a check left that could stop who drives this with hostile numbers.
        let number = seq & self.slots.wrapping_sub(1);
        section::FIRST_SLOT.wrapping_add((number as usize).wrapping_mul(self.stride))
    }
}

/// The layout is what other drivers were written from: whoever changes it changes [`VERSION`].
const _: () = {
    assert!(MAGIC == 0x4e56_4643 && VERSION == 1);
    assert!(section::MAGIC == 0 && section::VERSION == 4 && section::EPOCH == 8);
    assert!(section::SLOTS == 12 && section::FRAME_MAX == 16);
    assert!(section::PROD == 64 && section::CONS == 128 && section::WANT_IRQ == 192);
    assert!(section::FIRST_SLOT == 256);
    assert!(slot::LEN == 0 && slot::FLAGS == 4 && slot::SEQ == 8 && slot::EPOCH == 12);
    assert!(slot::CRC == 16 && slot::TAG == 32 && slot::FRAME == 64);
    assert!(slot::TAG + 4 * TAG_WORDS == slot::FRAME);
    assert!(slot::FLAG_CRC == 1 && slot::FLAG_TAG == 2);
    let Ok(usual) = Geometry::new(64, 1500) else {
        panic!("the usual geometry");
    };
    assert!(usual.frame_max() == 1514 && usual.stride() == 1600);
    assert!(usual.section() == 106_496 && usual.bytes() == 212_992);
    assert!(usual.slot(0) == 256 && usual.slot(63) == 101_056 && usual.slot(64) == 256);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_rings_are_refused() {
        for slots in [0, 1, 3, 65, 8192, u32::MAX] {
            assert_eq!(Geometry::new(slots, 1500), Err(Impossible::Slots));
        }
        for mtu in [0, 67, 9001, u32::MAX] {
            assert_eq!(Geometry::new(64, mtu), Err(Impossible::Mtu));
        }
    }

    #[test]
    fn every_slot_lies_in_its_section() {
        // Miri is a hundred times slower.
        for slots in (1..=if cfg!(miri) { 4 } else { 12 }).map(|n| 1 << n) {
            for mtu in [68, 69, 1500, 9000] {
                let ring = Geometry::new(slots, mtu).expect("in range");
                let ends = (0..slots).map(|seq| ring.slot(seq) + slot::FRAME);
                let ends = ends.map(|frame| frame + ring.frame_max().next_multiple_of(8) as usize);
                assert!(ends.max().expect("slots") <= ring.section());
                assert_eq!(ring.slot(u32::MAX), ring.slot(slots - 1), "over the wrap");
                assert_eq!(ring.start(Side::Second), ring.section());
            }
        }
    }
}
