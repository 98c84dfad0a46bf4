//! Composes the secure flash: the monitor, the table of images ([`cofferdam_abi::image`]) and the
//! images that the monitor copies into the partitions' memory, first at start and again at each restart.
//!
//! Layout: the monitor from the first byte; the table where the monitor's part of the flash ends; the
//! images from the next multiple of [`ALIGNMENT`], each at such a multiple. The monitor finds everything by the
//! table, so only the table's place is agreed, by the board.

use cofferdam_abi::digests as table;
use cofferdam_abi::image;
use cofferdam_abi::image::{
    ENTRY_BYTES, Entry, FLAG_ENTRY, HEADER_BYTES, MAGIC, MAX_ENTRIES, VERSION,
};
use sha2::{Digest, Sha256};
use std::ops::Range;

pub mod digests;
pub mod elf;

/// Images start at multiples of this.
pub const ALIGNMENT: u64 = 0x1_0000;
/// Room for the largest tables: of images, and behind it of digests.
const TABLE_BYTES: u64 =
    table::OFFSET + (table::HEADER_BYTES + table::MAX_ENTRIES * table::ENTRY_BYTES) as u64;
const _: () = assert!(image::MAX_BYTES <= table::OFFSET as usize);
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
    /// Too much that must not change.
    #[error(
        "{count} pieces of 4 KiB must not change, and the table of their digests holds {most}; make the monitor's or the \
         critical partitions' read-only parts smaller"
    )]
    TooManyDigests {
        /// Pieces.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// The health monitor could not keep its period.
    #[error(
        "the health monitor has {steps} steps to make in each period of {period} ns, and makes them when a critical \
         partition reports a job, every {gap} ns at worst: give it a period of {least} ns at least"
    )]
    Rounds {
        /// Steps of a round.
        steps: usize,
        /// Nanoseconds for all of them.
        period: u64,
        /// Nanoseconds from one to the next at worst.
        gap: u64,
        /// Nanoseconds that would do.
        least: u64,
    },
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
    /// Addresses of what in it must not change, for the health monitor.
    pub constant: Vec<Range<u64>>,
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
    /// Its address.
    pub start: u64,
    /// Bytes of the flash.
    pub size: u64,
    /// Byte offset of the image table, and so the most that the monitor can have.
    pub table: u64,
    /// What the health monitor has to keep up with, if there is one.
    pub rounds: Option<Rounds>,
}

/// The health monitor's rounds, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Everything is looked at once in each.
    pub period: u64,
    /// The longest time between two opportunities for a step, where it is a partition's.
    pub gap: Option<u64>,
    /// Steps of a round besides those for digests.
    pub others: usize,
}

/// The contents of a flash, without the unused rest.
///
/// `monitor` is the monitor's ELF file.
pub fn compose(monitor: &[u8], pieces: &[Piece], flash: Flash) -> Result<Vec<u8>, Error> {
    let Flash { size, table, .. } = flash;
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
    let mut contents = placed_monitor(monitor, flash)?;
    contents.resize(table as usize, ERASED);
    contents.extend_from_slice(&header(&entries)?);
    contents.extend_from_slice(&entries);
    let digests = digests::table(monitor, &contents, pieces, flash)?;
    contents.resize((table + table::OFFSET) as usize, ERASED);
    contents.extend_from_slice(&digests);
    contents.resize(first as usize, ERASED);
    contents.extend_from_slice(&images);
    Ok(contents)
}

fn placed_monitor(
    file: &[u8],
    Flash {
        start: flash,
        table,
        ..
    }: Flash,
) -> Result<Vec<u8>, Error> {
    let flat = elf::flatten("monitor", file, 1)?;
    let start = flat.start.wrapping_sub(flash);
    let end = start.saturating_add(flat.bytes.len() as u64);
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
