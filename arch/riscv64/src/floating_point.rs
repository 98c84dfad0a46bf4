//! The floating-point registers of a hart with the D extension: put aside and loaded, whole.

use crate::csr;
use core::arch::asm;

/// f0 to f31, and fcsr.
pub type Registers = [u64; 33];

/// What a partition begins with.
pub const ZERO: Registers = [0; 33];

macro_rules! all {
    ($instruction:literal, $control:literal) => {
        concat!(
            ".option push\n.option arch, +d\n",
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n",
            $instruction,
            " f\\n, 8*\\n({at})\n",
            ".endr\n",
            $control,
            "\n.option pop"
        )
    };
}

/// Puts them aside.
pub fn save(registers: &mut Registers) {
    csr::enable_floating_point();
    let at = registers.as_mut_ptr();
    // SAFETY: 33 words at `at`; the monitor has no floating point of its own.
    unsafe {
        asm!(
            all!("fsd", "csrr {control}, fcsr\nsd {control}, 256({at})"),
            at = in(reg) at, control = out(reg) _,
            options(nostack),
        );
    }
}

/// Loads them.
pub fn load(registers: &Registers) {
    csr::enable_floating_point();
    let at = registers.as_ptr();
    // SAFETY: as above.
    unsafe {
        asm!(
            all!("fld", "ld {control}, 256({at})\ncsrw fcsr, {control}"),
            at = in(reg) at, control = out(reg) _,
            options(nostack, readonly),
        );
    }
}
