//! CRC32C by the processor's instructions.

use cofferdam_channel::crc32c::{Update, instructions};

/// The instructions, where this core has them (Arm ARM, ID_AA64ISAR0_EL1.CRC32, bits 19:16).
pub fn crc32c() -> Option<Update> {
    let features: u64;
    // SAFETY: reads a register that only says what the core has.
    unsafe {
        core::arch::asm!("mrs {}, id_aa64isar0_el1", out(reg) features, options(nomem, nostack, preserves_flags));
    }
    (features >> 16 & 0xf != 0).then_some(update as Update)
}

/// Given out by [`crc32c`] only.
fn update(remainder: u32, bytes: &[u8]) -> u32 {
    // SAFETY: the core has the instructions: `crc32c` looked.
    unsafe { instructions::update(remainder, bytes) }
}
