//! The digests table: what must not change while the system runs, written into secure flash by the host tools
//! and compared by the health monitor, one piece at a time.
//!
//! All numbers are little-endian. One [`HEADER_BYTES`] header, then `count` entries of [`ENTRY_BYTES`], at
//! [`OFFSET`] behind the image table. CRC-32C finds every change within 32 bits in a row, a single bit's among them;
//! it is no defence against who can choose the change.

/// Bytes from the image table to this one.
pub const OFFSET: u64 = 0x1000;
/// First word of the table: "CFDD".
pub const MAGIC: u32 = u32::from_le_bytes(*b"CFDD");
/// Version of this layout.
pub const VERSION: u32 = 1;
/// Bytes before the first entry: magic, version, count, CRC-32C of the entries (four `u32`).
pub const HEADER_BYTES: usize = 16;
/// Bytes of one entry.
pub const ENTRY_BYTES: usize = 24;
/// Most entries for which there is room.
pub const MAX_ENTRIES: usize = 320;
/// Most entries where there is a health monitor, which compares the table itself in one step.
pub const MAX_IN_A_STEP: usize = 192;
/// Address and size of a piece are multiples of this many bytes.
pub const WORD: usize = 8;
/// Most bytes of a piece: what can be compared in one step.
pub const PIECE: usize = 4096;
/// `owner` of what is the monitor's own.
pub const MONITOR: u32 = u32::MAX;

/// What the table begins with, as little-endian memory holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: u32,
    /// [`VERSION`].
    pub version: u32,
    /// How many entries follow.
    pub count: u32,
    /// [`crc32c`] of them.
    pub crc: u32,
}

/// One piece of memory that must not change, as little-endian memory holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Entry {
    /// Its physical address.
    pub address: u64,
    /// Its bytes.
    pub size: u32,
    /// Number of the partition whose image it is, or [`MONITOR`].
    pub owner: u32,
    /// [`crc32c`] of it.
    pub crc: u32,
    /// 0.
    pub reserved: u32,
}

const _: () = assert!(size_of::<Header>() == HEADER_BYTES && size_of::<Entry>() == ENTRY_BYTES);

impl Entry {
    /// The bytes of this entry.
    pub fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let words = [self.size, self.owner, self.crc, self.reserved].map(u32::to_le_bytes);
        let fields = self.address.to_le_bytes().into_iter();
        for (to, from) in bytes
            .iter_mut()
            .zip(fields.chain(words.into_iter().flatten()))
        {
            *to = from;
        }
        bytes
    }
}

/// CRC-32C (polynomial 0x1edc6f41, reflected), begun at all ones and inverted at the end, as RFC 3720 B.4 has it.
pub const fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    let mut rest = bytes;
    while let [byte, more @ ..] = rest {
        crc ^= *byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 * (crc & 1));
            bit += 1;
        }
        rest = more;
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_laid_out_as_in_little_endian_memory() {
        let entry = Entry {
            address: 0x1234_5678_9abc_def0,
            size: 0x40,
            owner: 2,
            crc: 0xfeed_beef,
            reserved: 0,
        };
        let bytes = entry.encode();
        assert_eq!(bytes[..8], 0x1234_5678_9abc_def0_u64.to_le_bytes());
        let at = |offset: usize| {
            bytes[offset..][..4]
                .first_chunk()
                .map(|b| u32::from_le_bytes(*b))
        };
        assert_eq!(at(core::mem::offset_of!(Entry, size)), Some(0x40));
        assert_eq!(at(core::mem::offset_of!(Entry, owner)), Some(2));
        assert_eq!(at(core::mem::offset_of!(Entry, crc)), Some(0xfeed_beef));
    }

    #[test]
    fn digests_are_those_of_the_specification() {
        // RFC 3720 B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
