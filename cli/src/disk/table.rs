//! Where the partitions of a disk start, by its table: the four entries of an MBR, or the entries of a GPT (UEFI
//! specification 2.10, 5.2 and 5.3). Logical partitions are not looked for.

use std::io;

use super::Image;

const SECTOR: u64 = 512;
const MBR_ENTRIES: usize = 446;
const MBR_ENTRY: usize = 16;
/// The type of the one MBR entry of a disk with a GPT.
const PROTECTIVE: u8 = 0xEE;
/// As many as the specification asks a GPT to have room for, and as every tool makes.
const MOST_GPT_ENTRIES: u32 = 128;

/// The first bytes of the partitions; none if there is no table.
pub(super) fn starts(image: &Image) -> io::Result<Vec<u64>> {
    let Some(mbr) = image
        .bytes::<512>(0)?
        .filter(|it| it.ends_with(&[0x55, 0xAA]))
    else {
        return Ok(Vec::new());
    };
    let entries = mbr.get(MBR_ENTRIES..).unwrap_or_default();
    let entries: Vec<_> = entries.chunks_exact(MBR_ENTRY).take(4).collect();
    if entries
        .iter()
        .any(|entry| entry.get(4) == Some(&PROTECTIVE))
    {
        return of_gpt(image);
    }
    let used = entries.iter().filter(|entry| entry.get(4) != Some(&0));
    let sectors = used.filter_map(|entry| Some(u64::from(u32_at(entry, 8)?)));
    Ok(sectors.map(|sector| sector * SECTOR).collect())
}

fn of_gpt(image: &Image) -> io::Result<Vec<u64>> {
    let Some(header) = image
        .bytes::<512>(SECTOR)?
        .filter(|it| it.starts_with(b"EFI PART"))
    else {
        return Ok(Vec::new());
    };
    let place = u64_at(&header, 72)
        .unwrap_or_default()
        .saturating_mul(SECTOR);
    let count = u32_at(&header, 80)
        .unwrap_or_default()
        .min(MOST_GPT_ENTRIES);
    let size = u32_at(&header, 84).unwrap_or_default();
    let mut starts = Vec::new();
    for number in 0..count {
        let entry = place.saturating_add(u64::from(number) * u64::from(size));
        let Some(entry) = image.bytes::<128>(entry)? else {
            break;
        };
        // An entry whose type is all zeros is not used.
        if entry.iter().take(16).any(|byte| *byte != 0) {
            starts.extend(u64_at(&entry, 32).map(|sector| sector.saturating_mul(SECTOR)));
        }
    }
    Ok(starts)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
