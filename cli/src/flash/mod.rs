//! Composes the secure flash: the monitor, the table of images ([`cofferdam_abi::image`]) and the
//! images that the monitor copies into the partitions' memory, first at start and again at each restart.
//!
//! Layout: the monitor from the first byte; the table where the monitor's part of the flash ends; the
//! images from the next multiple of [`ALIGNMENT`], each at such a multiple. The monitor finds everything by the
//! table, so only the table's place is agreed, by the board.

use cofferdam_abi::image::{
    ENTRY_BYTES, Entry, FLAG_ENTRY, HEADER_BYTES, MAGIC, MAX_ENTRIES, VERSION,
};
use sha2::{Digest, Sha256};

pub mod elf;

/// Images start at multiples of this.
pub const ALIGNMENT: u64 = 0x1_0000;
/// Room for the largest table.
const TABLE_BYTES: u64 = (HEADER_BYTES + MAX_ENTRIES * ENTRY_BYTES) as u64;
/// What unwritten flash reads as.
const ERASED: u8 = 0xFF;
/// A destination is a multiple of this: the monitor copies by cache lines.
pub const DESTINATION_ALIGNMENT: u64 = 64;

/// Why there is no flash image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a usable ELF file.
    #[error("{name}: {reason}")]
    Elf {
        /// Which program.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The monitor is not linked for the flash, or is too large.
    #[error(
        "the monitor occupies {start:#x}..{end:#x} of the flash; it must start at 0 and end at {table:#x}"
    )]
    Monitor {
        /// Its first byte.
        start: u64,
        /// The byte behind its last.
        end: u64,
        /// Where its part ends.
        table: u64,
    },
    /// A destination that the monitor would refuse.
    #[error("an image of partition {partition} is to go to {destination:#x}, not a multiple of 64")]
    Unaligned {
        /// Index of the partition.
        partition: u32,
        /// Where it was to go.
        destination: u64,
    },
    /// More images than the table holds.
    #[error("{0} images, and the table holds {MAX_ENTRIES}")]
    TooMany(usize),
    /// The flash is too small.
    #[error("the images need {needed} bytes of flash, and the board has {size}")]
    Full {
        /// Bytes needed.
        needed: u64,
        /// Bytes there are.
        size: u64,
    },
}

/// Bytes for the memory of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Index of the partition in the system description.
    pub partition: u32,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they go.
    pub destination: u64,
    /// Whether the partition starts in this piece.
    pub start: Option<Start>,
}

/// How a partition starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Address of the first instruction.
    pub entry: u64,
    /// First argument (x0).
    pub argument: u64,
}

/// A flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Bytes of the flash.
    pub size: u64,
    /// Byte offset of the image table, and so the most that the monitor can have.
    pub table: u64,
}

/// The contents of a flash, without the unused rest.
///
/// `monitor` is the monitor's ELF file, its physical addresses counted from the start of the flash.
pub fn compose(monitor: &[u8], pieces: &[Piece], flash: Flash) -> Result<Vec<u8>, Error> {
    let Flash { size, table } = flash;
    let first = (table + TABLE_BYTES).next_multiple_of(ALIGNMENT);
    let mut entries = Vec::new();
    let mut images = Vec::new();
    for piece in pieces {
        let source = first + images.len() as u64;
        entries.extend_from_slice(&entry(piece, source)?.encode());
        images.extend_from_slice(&piece.bytes);
        images.resize(images.len().next_multiple_of(ALIGNMENT as usize), 0);
    }
    let needed = first + images.len() as u64;
    if needed > size {
        return Err(Error::Full { needed, size });
    }
    let mut contents = placed_monitor(monitor, table)?;
    contents.resize(table as usize, ERASED);
    contents.extend_from_slice(&header(&entries)?);
    contents.extend_from_slice(&entries);
    contents.resize(first as usize, ERASED);
    contents.extend_from_slice(&images);
    Ok(contents)
}

fn placed_monitor(file: &[u8], table: u64) -> Result<Vec<u8>, Error> {
    let flat = elf::flatten("monitor", file, 1)?;
    let (start, end) = (
        flat.start,
        flat.start.saturating_add(flat.bytes.len() as u64),
    );
    if start != 0 || end > table {
        return Err(Error::Monitor { start, end, table });
    }
    Ok(flat.bytes)
}

fn entry(piece: &Piece, source: u64) -> Result<Entry, Error> {
    if !piece.destination.is_multiple_of(DESTINATION_ALIGNMENT) {
        return Err(Error::Unaligned {
            partition: piece.partition,
            destination: piece.destination,
        });
    }
    Ok(Entry {
        partition: piece.partition,
        flags: piece.start.map_or(0, |_| FLAG_ENTRY),
        source,
        destination: piece.destination,
        size: piece.bytes.len() as u64,
        entry: piece.start.map_or(0, |start| start.entry),
        argument: piece.start.map_or(0, |start| start.argument),
        digest: Sha256::digest(&piece.bytes).into(),
    })
}

fn header(entries: &[u8]) -> Result<[u8; HEADER_BYTES], Error> {
    let count = entries.len() / ENTRY_BYTES;
    if count > MAX_ENTRIES {
        return Err(Error::TooMany(count));
    }
    let mut header = [0; HEADER_BYTES];
    let words = [MAGIC, VERSION, count as u32, 0].map(u32::to_le_bytes);
    let digest = Sha256::digest(entries);
    let fields = words.iter().flatten().chain(digest.iter());
    for (to, from) in header.iter_mut().zip(fields) {
        *to = *from;
    }
    Ok(header)
}

#[cfg(test)]
mod tests;
