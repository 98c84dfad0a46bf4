//! CRC-32 (ISO-HDLC: reflected, polynomial 0x04C1_1DB7), over bytes that come in pieces.

/// The remainder of each byte value.
const TABLE: [u32; 256] = table();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses a wrong index"
)]
#[expect(clippy::cast_possible_truncation, reason = "counts to 255")]
const fn table() -> [u32; 256] {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let carry = remainder & 1;
            remainder >>= 1;
            if carry == 1 {
                remainder ^= POLYNOMIAL;
            }
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
}

/// A checksum in the making.
#[derive(Clone, Copy, Debug)]
pub struct Crc(u32);

impl Crc {
    /// Of no bytes so far.
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    /// Takes the next bytes.
    #[expect(clippy::indexing_slicing, reason = "a byte indexes a table of 256")]
    pub fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let [low, ..] = self.0.to_le_bytes();
            self.0 = self.0 >> 8 ^ TABLE[usize::from(low ^ byte)];
        }
    }

    /// The checksum of all bytes taken.
    pub const fn value(self) -> u32 {
        !self.0
    }
}

impl Default for Crc {
    fn default() -> Self {
        Self::new()
    }
}

/// The checksum of these bytes.
pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(crc(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc(b""), 0);
    }

    #[test]
    fn pieces_sum_up_to_the_whole() {
        let mut pieces = Crc::new();
        for piece in b"a partition checks itself".chunks(3) {
            pieces.update(piece);
        }
        assert_eq!(pieces.value(), crc(b"a partition checks itself"));
    }
}
