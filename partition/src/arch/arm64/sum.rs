//! The sum of the Internet's checksums.

use core::arch::naked_asm;

/// The sum of 64-bit words as they lie in memory, with end-around carry; what is left at the end counts as a word with zeros.
///
/// # Safety
/// So many bytes may be read there, in Normal memory.
#[unsafe(naked)]
unsafe extern "C" fn sum_words(at: *const u8, bytes: usize) -> u64 {
    // Live on entry: x0, x1. Live on exit: x0. Clobbered: x1 to x7, flags. The carry goes from each addition to the next: nothing
    // between them changes it.
    naked_asm!(
        "adds x2, xzr, xzr",
        "lsr x3, x1, #5",
        "cbz x3, 2f",
        "1: ldp x4, x5, [x0], #16",
        "ldp x6, x7, [x0], #16",
        "adcs x2, x2, x4",
        "adcs x2, x2, x5",
        "adcs x2, x2, x6",
        "adcs x2, x2, x7",
        "sub x3, x3, #1",
        "cbnz x3, 1b",
        "2: tbz x1, #4, 3f",
        "ldp x4, x5, [x0], #16",
        "adcs x2, x2, x4",
        "adcs x2, x2, x5",
        "3: tbz x1, #3, 4f",
        "ldr x4, [x0], #8",
        "adcs x2, x2, x4",
        "4: tbz x1, #2, 5f",
        "ldr w4, [x0], #4",
        "adcs x2, x2, x4",
        "5: tbz x1, #1, 6f",
        "ldrh w4, [x0], #2",
        "adcs x2, x2, x4",
        "6: tbz x1, #0, 7f",
        "ldrb w4, [x0]",
        "adcs x2, x2, x4",
        // A sum that carried is not all ones, so this does not carry.
        "7: adc x0, x2, xzr",
        "ret",
    )
}

/// The sum of 16-bit words in big-endian with the end-around carry of RFC 1071, not inverted.
fn internet_sum(bytes: &[u8]) -> u16 {
    // SAFETY: a slice of this partition's memory, which is Normal.
    let words = unsafe { sum_words(bytes.as_ptr(), bytes.len()) };
    let halves = (words & 0xffff_ffff) + (words >> 32);
    let mut sum = (halves & 0xffff) + (halves >> 16 & 0xffff) + (halves >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    let [low, high, ..] = sum.to_le_bytes();
    // The order of bytes does not change such a sum but for its own (RFC 1071, section 2 (B)).
    u16::from_be_bytes([low, high])
}

/// For a device of a network.
pub const INTERNET_SUM: Option<fn(&[u8]) -> u16> = Some(internet_sum);
