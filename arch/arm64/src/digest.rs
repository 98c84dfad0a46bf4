//! SHA-256 of images (`cofferdam_core::digest`), by the processor's instructions where it has them.
//!
//! The `sha2` crate cannot use them here: the monitor is compiled without floating point, so that no handler touches those
//! registers. Where a slot runs, only its monitor thread may use this: the processor's way takes them.

use arm_sysregs::el1::accessors::read_id_aa64isar0_el1;
use cofferdam_core::digest::{BLOCK, CONSTANTS, Rounds, software};

core::arch::global_asm!(include_str!("sha256.S"));

/// For the assembly.
#[unsafe(no_mangle)]
static cofferdam_sha256_constants: [u32; 64] = CONSTANTS;

/// The best that this core has (Arm ARM, ID_AA64ISAR0_EL1, SHA2): some 110 instructions a block, or 2 000.
pub fn rounds() -> Rounds {
    match read_id_aa64isar0_el1().bits() >> 12 & 0xf {
        0 => software,
        _ => processor,
    }
}

fn processor(state: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
    unsafe extern "C" {
        fn cofferdam_sha256_blocks(state: *mut u32, data: *const u8, blocks: usize);
    }
    if !blocks.is_empty() {
        // SAFETY: the routine reads the blocks and writes the state. It uses floating-point registers, which
        // the compiler does not, and which the slot of this thread owns (see `event`).
        unsafe {
            cofferdam_sha256_blocks(state.as_mut_ptr(), blocks.as_ptr().cast(), blocks.len());
        }
    }
}
