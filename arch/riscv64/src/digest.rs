//! SHA-256 of images (`cofferdam_core::digest`), by the hart's instructions where it has them: some 1 350 a block, in general
//! registers, instead of 4 000.

use crate::csr;
use cofferdam_core::digest::{BLOCK, CONSTANTS, Rounds, software};

core::arch::global_asm!(include_str!("sha256.S"));

/// For the assembly.
#[unsafe(no_mangle)]
static cofferdam_sha256_constants: [u32; 64] = CONSTANTS;

/// The best that this hart has.
pub fn rounds() -> Rounds {
    if csr::has_sha256() {
        with_instructions
    } else {
        software
    }
}

fn with_instructions(state: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
    unsafe extern "C" {
        fn cofferdam_sha256_blocks(state: *mut u32, data: *const u8, blocks: usize);
    }
    // Its loads are of eight bytes.
    if !blocks.as_ptr().addr().is_multiple_of(8) {
        return software(state, blocks);
    }
    if !blocks.is_empty() {
        // SAFETY: the routine reads the blocks and writes the state.
        unsafe {
            cofferdam_sha256_blocks(state.as_mut_ptr(), blocks.as_ptr().cast(), blocks.len());
        }
    }
}
