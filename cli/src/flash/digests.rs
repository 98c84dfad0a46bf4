//! Composes the table of digests ([`cofferdam_abi::digests`]): the monitor's flash, the image table, and what
//! critical partitions cannot write of their own images.

use std::iter;
use std::ops::Range;

use cofferdam_abi::digests::{
    ENTRY_BYTES, Entry, HEADER_BYTES, MAGIC, MAX_ENTRIES, MAX_IN_A_STEP, MONITOR, PIECE, VERSION,
    WORD, crc32c,
};

use super::{Error, Flash, Piece, elf};

/// The table. `contents` is the flash up to the end of the image table, `monitor` the monitor's ELF file.
pub fn table(
    monitor: &[u8],
    contents: &[u8],
    pieces: &[Piece],
    flash: Flash,
) -> Result<Vec<u8>, Error> {
    let mut entries = Vec::new();
    let end = contents.len() as u64;
    let own = elf::flatten("monitor", monitor, 1)?.segments;
    let in_flash = |it: Range<u64>| it.start - flash.start..it.end - flash.start;
    for range in own
        .into_iter()
        .map(in_flash)
        .chain(iter::once(flash.table..end))
    {
        // Text ends anywhere; behind it the flash is as constant.
        let range = range.start..range.end.next_multiple_of(WORD as u64);
        let bytes = words(&range, contents, 0);
        add(&mut entries, flash.start + range.start, bytes, MONITOR);
    }
    // At boot nothing else is looked at: no partition is loaded.
    let looked_at = flash.rounds.map_or(&[][..], |_| pieces);
    for piece in looked_at {
        for range in &piece.constant {
            // What shares a word with something else stays out.
            let range = range.start.next_multiple_of(WORD as u64)..range.end;
            let bytes = words(&range, &piece.bytes, piece.destination);
            add(&mut entries, range.start, bytes, piece.partition);
        }
    }
    let count = entries.len() / ENTRY_BYTES;
    let most = flash.rounds.map_or(MAX_ENTRIES, |_| MAX_IN_A_STEP);
    if count > most {
        return Err(Error::TooManyDigests { count, most });
    }
    keeps_up(flash, count)?;
    let mut table = Vec::with_capacity(HEADER_BYTES + entries.len());
    let words = [MAGIC, VERSION, count as u32, crc32c(&entries)];
    table.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    table.extend_from_slice(&entries);
    Ok(table)
}

/// The whole words of a range of addresses, of bytes that start at one.
fn words<'a>(range: &Range<u64>, bytes: &'a [u8], start: u64) -> &'a [u8] {
    let at = |address: u64| (address.saturating_sub(start) as usize).min(bytes.len());
    let bytes = bytes
        .get(at(range.start)..at(range.end))
        .unwrap_or_default();
    let whole = bytes.len() - bytes.len() % WORD;
    bytes.get(..whole).unwrap_or_default()
}

fn add(entries: &mut Vec<u8>, start: u64, bytes: &[u8], owner: u32) {
    let mut address = start;
    for piece in bytes.chunks(PIECE) {
        let entry = Entry {
            address,
            size: piece.len() as u32,
            owner,
            crc: crc32c(piece),
            reserved: 0,
        };
        entries.extend(entry.encode());
        address += piece.len() as u64;
    }
}

/// Whether every piece gets its step in each period.
fn keeps_up(flash: Flash, digests: usize) -> Result<(), Error> {
    let Some(rounds) = flash.rounds else {
        return Ok(());
    };
    let steps = rounds.others + digests;
    match cofferdam_core::health::interval(rounds.period, rounds.gap, steps) {
        Some(_) => Ok(()),
        None => Err(Error::Rounds {
            steps,
            period: rounds.period,
            gap: rounds.gap.unwrap_or(1),
            least: (steps as u64 + 1).saturating_mul(rounds.gap.unwrap_or(1)),
        }),
    }
}
