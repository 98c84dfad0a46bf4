//! How long a file system of the ext family is, by its superblock (Documentation/filesystems/ext4 in the kernel's
//! sources, "The Super Block").

use std::io;

use super::Image;

/// The superblock starts here, whatever the size of blocks.
const PLACE: u64 = 1024;
const BLOCKS_LOW: usize = 0x04;
const LOG_BLOCK_SIZE: usize = 0x18;
const MAGIC: usize = 0x38;
const INCOMPATIBLE: usize = 0x60;
const BLOCKS_HIGH: usize = 0x150;

/// `INCOMPAT_64BIT`: the number of blocks has an upper half.
const WIDE: u32 = 0x80;
/// Blocks of 64 KiB, the largest.
const MOST_LOG_BLOCK_SIZE: u32 = 6;

/// Bytes of the file system that starts at a byte of the image, or `None` if none does.
pub(super) fn length(image: &Image, start: u64) -> io::Result<Option<u64>> {
    let place = start.saturating_add(PLACE);
    Ok(image.bytes::<1024>(place)?.and_then(|block| of(&block)))
}

fn of(superblock: &[u8; 1024]) -> Option<u64> {
    let word = |at: usize| {
        let bytes = superblock.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    if word(MAGIC)? & 0xFFFF != 0xEF53 {
        return None;
    }
    let log = word(LOG_BLOCK_SIZE)?;
    let wide = word(INCOMPATIBLE)? & WIDE != 0;
    let high = if wide { word(BLOCKS_HIGH)? } else { 0 };
    let blocks = (u64::from(high) << 32) | u64::from(word(BLOCKS_LOW)?);
    (log <= MOST_LOG_BLOCK_SIZE).then(|| blocks.saturating_mul(1024 << log))
}
