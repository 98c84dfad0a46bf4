//! The image table: what the monitor finds in secure flash beside itself, written by the host tools.
//!
//! All numbers are little-endian. The table is one [`HEADER_BYTES`] header and then `count` entries of
//! [`ENTRY_BYTES`]. It has the trust of the flash it lies in: digests detect a damaged or
//! mis-flashed image; who may write the flash is the board's affair.

/// First word of the table: "CFDI".
pub const MAGIC: u32 = u32::from_le_bytes(*b"CFDI");
/// Version of this layout.
pub const VERSION: u32 = 1;
/// Bytes before the first entry: magic, version, count, 0 (four `u32`), SHA-256 over the entries.
pub const HEADER_BYTES: usize = 48;
/// Bytes of one entry.
pub const ENTRY_BYTES: usize = 80;
/// Most entries that a table can have.
pub const MAX_ENTRIES: usize = 32;
/// Bytes of the largest table.
pub const MAX_BYTES: usize = HEADER_BYTES + MAX_ENTRIES * ENTRY_BYTES;

/// One piece of a partition's memory to be filled before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Index of the partition in the system description.
    pub partition: u32,
    /// Bit 0: `entry` and `argument` hold.
    pub flags: u32,
    /// Byte offset from the start of the flash.
    pub source: u64,
    /// Physical address to copy to, in the partition's memory. A multiple of 64.
    pub destination: u64,
    /// Bytes to copy.
    pub size: u64,
    /// Address of the first instruction.
    pub entry: u64,
    /// First argument (x0) at entry: the address of the device tree, or 0.
    pub argument: u64,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
}

/// `flags`: this entry says where the partition starts.
pub const FLAG_ENTRY: u32 = 1;

fn u32_at(bytes: &[u8; ENTRY_BYTES], at: usize) -> u32 {
    let mut word = [0; 4];
    for (to, from) in word.iter_mut().zip(bytes.iter().skip(at)) {
        *to = *from;
    }
    u32::from_le_bytes(word)
}

fn u64_at(bytes: &[u8; ENTRY_BYTES], at: usize) -> u64 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes.iter().skip(at)) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}

impl Entry {
    /// Reads an entry. Any bytes are an entry; what it says is the reader's to check.
    pub fn decode(bytes: &[u8; ENTRY_BYTES]) -> Self {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(bytes.iter().skip(48)) {
            *to = *from;
        }
        Self {
            partition: u32_at(bytes, 0),
            flags: u32_at(bytes, 4),
            source: u64_at(bytes, 8),
            destination: u64_at(bytes, 16),
            size: u64_at(bytes, 24),
            entry: u64_at(bytes, 32),
            argument: u64_at(bytes, 40),
            digest,
        }
    }

    /// The bytes of this entry.
    pub fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let words = [
            u64::from(self.partition) | u64::from(self.flags) << 32,
            self.source,
            self.destination,
            self.size,
            self.entry,
            self.argument,
        ];
        let fields = words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .chain(self.digest);
        for (to, from) in bytes.iter_mut().zip(fields) {
            *to = from;
        }
        bytes
    }
}

/// Reads a table, which `bytes` start with. `digest` is SHA-256. Nothing if there is no table of this version, or it is
/// damaged.
pub fn read(
    bytes: &[u8],
    digest: impl FnOnce(&[u8]) -> [u8; 32],
) -> Option<impl Iterator<Item = Entry> + '_> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let word = |n: usize| {
        let bytes = header.get(n * 4..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    };
    let count = word(2) as usize;
    if word(0) != MAGIC || word(1) != VERSION || count > MAX_ENTRIES {
        return None;
    }
    let entries = rest.get(..count * ENTRY_BYTES)?;
    if header.get(16..) != Some(digest(entries).as_slice()) {
        return None;
    }
    let (entries, _) = entries.as_chunks::<ENTRY_BYTES>();
    Some(entries.iter().map(Entry::decode))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No digest, but it depends on all bytes.
    fn sum(bytes: &[u8]) -> [u8; 32] {
        [bytes
            .iter()
            .fold(0, |sum: u8, byte| sum.wrapping_add(*byte)); 32]
    }

    fn table(count: u32) -> [u8; HEADER_BYTES + 2 * ENTRY_BYTES] {
        let mut table = [0; _];
        table[HEADER_BYTES..].fill(3);
        for (n, word) in [MAGIC, VERSION, count].into_iter().enumerate() {
            table[n * 4..][..4].copy_from_slice(&word.to_le_bytes());
        }
        let digest = sum(&table[HEADER_BYTES..][..count as usize * ENTRY_BYTES]);
        table[16..HEADER_BYTES].copy_from_slice(&digest);
        table
    }

    #[test]
    fn a_whole_table_is_read_and_a_damaged_one_is_not() {
        let good = table(2);
        assert_eq!(read(&good, sum).unwrap().count(), 2);
        assert_eq!(read(&table(1), sum).unwrap().count(), 1);
        for at in [
            0,
            4,
            8,
            16,
            HEADER_BYTES,
            HEADER_BYTES + 2 * ENTRY_BYTES - 1,
        ] {
            let mut bad = good;
            bad[at] ^= 0x40;
            assert!(read(&bad, sum).is_none(), "byte {at}");
        }
        assert!(read(&good[..good.len() - 1], sum).is_none(), "cut");
    }

    #[test]
    fn an_entry_survives_encoding() {
        let entry = Entry {
            partition: 1,
            flags: FLAG_ENTRY,
            source: 0x40_0000,
            destination: 0x4020_0000,
            size: 0x1234_5678_9abc,
            entry: 0x4020_0040,
            argument: 0x4f00_0000,
            digest: core::array::from_fn(|i| i as u8),
        };
        assert_eq!(Entry::decode(&entry.encode()), entry);
        assert_eq!(entry.encode()[8..16], 0x40_0000u64.to_le_bytes());
        assert_eq!(entry.encode()[79], 31);
    }
}
