//! CRC32C by the processor's instructions.

use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::crc32c::instructions::Present;

/// The instructions, where this core has them (Arm ARM, ID_AA64ISAR0_EL1.CRC32, bits 19:16).
pub fn crc32c() -> Engine {
    let features: u64;
    // SAFETY: reads a register that only says what the core has.
    unsafe {
        core::arch::asm!("mrs {}, id_aa64isar0_el1", out(reg) features, options(nomem, nostack, preserves_flags));
    }
    if features >> 16 & 0xf == 0 {
        return Engine::Table;
    }
    // SAFETY: the core has the instructions, and a partition's cores are of one model.
    Engine::Instructions(unsafe { Present::new() })
}
