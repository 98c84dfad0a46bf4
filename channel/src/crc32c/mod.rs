//! CRC32C (Castagnoli; RFC 3720, 12.1): finds frames that were damaged or half written. It keeps nobody from
//! lying: who writes the frame writes the checksum too.
//!
//! [`update`] runs everywhere: from tables, 16 bytes at a time. Where the processor has instructions for it,
//! [`instructions::update`] takes their place; whether it has is the caller's to know, from the build's target
//! or from `ID_AA64ISAR0_EL1.CRC32`, and calling it the caller's one line of `unsafe`.

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub mod instructions;
mod table;

pub use table::update;

/// A function that takes the remainder so far over more bytes.
pub type Update = fn(u32, &[u8]) -> u32;

/// The CRC32C of the bytes of all `parts`, one after the other.
pub fn crc32c(update: Update, parts: &[&[u8]]) -> u32 {
    !parts
        .iter()
        .fold(u32::MAX, |remainder, part| update(remainder, part))
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
    fn engines() -> Vec<Update> {
        let mut engines: Vec<Update> = vec![definition, update];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("sse4.2") {
            // SAFETY: it was just found that the processor has the instructions.
            #[expect(unsafe_code, reason = "what a caller does that found them at run time")]
            engines.push(|remainder, bytes| unsafe { instructions::update(remainder, bytes) });
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("crc") {
            // SAFETY: it was just found that the processor has the instructions.
            #[expect(unsafe_code, reason = "what a caller does that found them at run time")]
            engines.push(|remainder, bytes| unsafe { instructions::update(remainder, bytes) });
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
        for update in engines() {
            assert_eq!(crc32c(update, &[&[0; 32]]), 0x8a91_36aa);
            assert_eq!(crc32c(update, &[&[0xff; 32]]), 0x62a8_ab43);
            assert_eq!(crc32c(update, &[&rising]), 0x46dd_794e);
            assert_eq!(crc32c(update, &[&falling]), 0x113f_db5c);
            assert_eq!(crc32c(update, &[&read]), 0xd996_3a56);
            assert_eq!(crc32c(update, &[]), 0);
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
            for update in engines() {
                prop_assert_eq!(update(remainder, &bytes), definition(remainder, &bytes));
                let (first, second) = bytes.split_at(cut);
                prop_assert_eq!(crc32c(update, &[first, second]), crc32c(definition, &[&bytes]));
            }
        }
    }
}
