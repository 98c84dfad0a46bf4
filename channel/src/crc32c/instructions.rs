//! CRC32C by the CPU's instructions, 8 bytes each: `CRC32CX` (Arm ARM, FEAT_CRC32), `CRC32` (SSE4.2).
#![expect(unsafe_code, reason = "not every processor has the instructions")]

/// Proof that the processor has them.
#[derive(Clone, Copy, Debug)]
pub struct Present(());

impl Present {
    /// Says so.
    ///
    /// # Safety
    /// The processor has the instructions: FEAT_CRC32 on arm64, SSE4.2 on x86-64.
    pub const unsafe fn new() -> Self {
        Self(())
    }
}

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::{__crc32cb as byte, __crc32cd as word};
#[cfg(target_arch = "x86_64")]
use x86_64::{byte, word};

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use core::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};

    #[target_feature(enable = "sse4.2")]
    pub fn byte(remainder: u32, byte: u8) -> u32 {
        _mm_crc32_u8(remainder, byte)
    }

    #[target_feature(enable = "sse4.2")]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the instruction clears the upper half"
    )]
    pub fn word(remainder: u32, word: u64) -> u32 {
        _mm_crc32_u64(u64::from(remainder), word) as u32
    }
}

/// Takes the remainder so far over more bytes.
pub fn update(_: Present, remainder: u32, bytes: &[u8]) -> u32 {
    // SAFETY: the processor has the instructions, as the proof says.
    unsafe { by_words(remainder, bytes) }
}

#[cfg_attr(target_arch = "aarch64", target_feature(enable = "crc"))]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse4.2"))]
fn by_words(remainder: u32, bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks();
    let mut remainder = remainder;
    for bytes in words {
        remainder = word(remainder, u64::from_le_bytes(*bytes));
    }
    for single in rest {
        remainder = byte(remainder, *single);
    }
    remainder
}
