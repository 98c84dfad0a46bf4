//! The second hart: changes page tables and an instruction under the first one's feet, and completes another's interrupt, over and over.

use core::arch::naked_asm;

use cofferdam_partition::sbi;

use crate::code::{self, FORMS};
use crate::controller::{FOREIGN, SECOND, claim};
use crate::tables::{LEAF, MIDDLE, leaves, tables};

const HSM: u64 = 0x0048_534d;

#[unsafe(no_mangle)]
static mut MEDDLER_STACK: [u64; 512] = [0; 512];

pub(crate) fn start() {
    let entry = begin as *const () as u64;
    let _started = sbi(HSM, 0, [1, entry, 0, 0, 0, 0]);
}

/// # Safety
/// For the monitor alone.
#[unsafe(naked)]
unsafe extern "C" fn begin() -> ! {
    naked_asm!(
        "la sp, MEDDLER_STACK + 4096",
        "tail {go_on}",
        go_on = sym go_on,
    )
}

extern "C" fn go_on() -> ! {
    let completion = claim(SECOND) as *mut u32;
    loop {
        for table in tables() {
            for (leaf, form) in leaves().into_iter().zip(FORMS) {
                code::change(form);
                MIDDLE.set(0, table);
                LEAF.set(0, leaf);
                // SAFETY: a register that this partition may write; what it means is another's.
                unsafe { completion.write_volatile(FOREIGN as u32) };
            }
        }
    }
}
