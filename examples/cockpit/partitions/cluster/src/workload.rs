//! The work of one job beside its control loop: a checksum over a table of constants, whose result
//! is known.
//!
//! It stands for what a real task computes: bounded, the same in every period, and wrong as soon as
//! anything disturbs a register or a byte of it.

use crate::crc::crc;

/// Bytes that each job sums. At 6 to 7 instructions a byte this makes about 28 000 instructions a
/// job, of the 125 000 that a core of 125 MIPS has in a millisecond.
pub const BYTES: usize = 4096;

static TABLE: [u8; BYTES] = noise();

/// CRC-32 of the table; computed apart from the code here.
const EXPECTED: u32 = 0x5B24_A61A;

/// Noise by a linear congruential generator, so that no byte can be changed unseen.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses a wrong index"
)]
const fn noise() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let mut state: u32 = 1;
    let mut at = 0;
    while at < BYTES {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes[at] = state.to_le_bytes()[3];
        at += 1;
    }
    bytes
}

/// Does the work. Answers whether the result was right.
pub fn run() -> bool {
    crc(core::hint::black_box(&TABLE)) == EXPECTED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_the_known_one() {
        assert!(run(), "{:#x}", crc(&TABLE));
    }
}
