//! CRC32C (Castagnoli; RFC 3720, 12.1): finds frames that were damaged or half written. It keeps nobody from
//! lying: who writes the frame writes the checksum too.
//!
//! [`Engine::Table`] runs everywhere, 16 bytes at a time. Where the processor has instructions for it,
//! [`Engine::Instructions`] takes its place; whether it has is the caller's to know, from the build's target
//! or from `ID_AA64ISAR0_EL1.CRC32`, and saying so the caller's one line of `unsafe`.

#[cfg_attr(
    not(any(target_arch = "aarch64", target_arch = "x86_64")),
    path = "absent.rs"
)]
pub mod instructions;
mod table;

/// Who computes checksums.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// Any processor, by 16 KiB of tables.
    Table,
    /// The processor's instructions.
    Instructions(instructions::Present),
}

impl Engine {
    /// Takes the remainder so far over more bytes.
    pub fn update(self, remainder: u32, bytes: &[u8]) -> u32 {
        match self {
            Self::Table => table::update(remainder, bytes),
            Self::Instructions(present) => instructions::update(present, remainder, bytes),
        }
    }

    /// The CRC32C of two words, each little-endian, and the bytes behind them.
    pub fn checksum(self, (first, second): (u64, u64), bytes: &[u8]) -> u32 {
        let header = [first, second].map(u64::to_le_bytes);
        !self.update(self.update(u32::MAX, header.as_flattened()), bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bit by bit, as the definition has it.
    fn definition(remainder: u32, bytes: &[u8]) -> u32 {
        bytes.iter().fold(remainder, |remainder, byte| {
            (0..8).fold(remainder ^ u32::from(*byte), |r, _| {
                (r >> 1) ^ if r & 1 != 0 { 0x82f6_3b78 } else { 0 }
            })
        })
    }

    /// All that this machine can run.
    fn engines() -> Vec<Engine> {
        let mut engines = vec![Engine::Table];
        #[cfg(target_arch = "x86_64")]
        let present = std::arch::is_x86_feature_detected!("sse4.2");
        #[cfg(target_arch = "aarch64")]
        let present = std::arch::is_aarch64_feature_detected!("crc");
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        if present {
            // SAFETY: it was just found that the processor has the instructions.
            #[expect(unsafe_code, reason = "what a caller does that found them at run time")]
            let present = unsafe { instructions::Present::new() };
            engines.push(Engine::Instructions(present));
        }
        engines
    }

    /// RFC 3720, B.4, with the octets there read as one little-endian word.
    #[test]
    fn the_examples_of_the_rfc() {
        let rising: Vec<u8> = (0..32).collect();
        let falling: Vec<u8> = (0..32).rev().collect();
        let mut read = [0; 48];
        for (at, byte) in [
            (0, 0x01),
            (1, 0xc0),
            (16, 0x14),
            (22, 0x04),
            (27, 0x14),
            (31, 0x18),
            (32, 0x28),
            (40, 0x02),
        ] {
            read[at] = byte;
        }
        for engine in engines() {
            let crc = |bytes| !engine.update(u32::MAX, bytes);
            assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
            assert_eq!(crc(&[0xff; 32]), 0x62a8_ab43);
            assert_eq!(crc(&rising), 0x46dd_794e);
            assert_eq!(crc(&falling), 0x113f_db5c);
            assert_eq!(crc(&read), 0xd996_3a56);
            assert_eq!(crc(&[]), 0);
            // The same 32 bytes, half of them as words.
            let header = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
            assert_eq!(engine.checksum(header, &rising[16..]), 0x46dd_794e);
        }
    }

    proptest! {
        #[test]
        fn all_engines_agree_with_the_definition(
            remainder: u32,
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            cut in 0..200usize,
        ) {
            let cut = cut.min(bytes.len());
            for engine in engines() {
                prop_assert_eq!(engine.update(remainder, &bytes), definition(remainder, &bytes));
                let (first, second) = bytes.split_at(cut);
                let half = engine.update(remainder, first);
                prop_assert_eq!(engine.update(half, second), definition(remainder, &bytes));
            }
        }
    }
}
