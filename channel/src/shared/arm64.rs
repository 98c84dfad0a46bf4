//! The copy that takes the checksum on its way, in arm64's instructions (`copy.S`).

use crate::crc32c::instructions::Present;
use core::arch::global_asm;

global_asm!(include_str!("copy.S"));

unsafe extern "C" {
    fn cofferdam_copy_summed(
        to: *mut u8,
        from: *const u8,
        bytes: usize,
        first: u64,
        second: u64,
    ) -> u32;
}

/// Copies `bytes` bytes, reading each once, and answers the CRC32C of two words and the copy.
///
/// # Safety
/// So many bytes at `from` may be read and at `to` be written, both aligned to 8; nothing has a reference into either but the
/// caller's own. Either may be written by another processor at any time.
#[inline(always)]
pub unsafe fn copy_summed(
    _: Present,
    to: *mut u8,
    from: *const u8,
    bytes: usize,
    (first, second): (u64, u64),
) -> Option<u32> {
    // SAFETY: the processor has the instructions, as the proof says; the rest is the caller's promise.
    Some(unsafe { cofferdam_copy_summed(to, from, bytes, first, second) })
}
