//! The floating-point registers of a hart with the D extension. `switch.S` exchanges them, whole.

use crate::csr;
use core::arch::asm;

/// f0 to f31, and fcsr.
pub type Registers = [u64; 33];

/// What a partition begins with.
pub const ZERO: Registers = [0; 33];

/// Loads what a partition begins with.
pub fn clear() {
    csr::enable_floating_point();
    // SAFETY: the monitor has no floating point of its own.
    unsafe {
        asm!(
            ".option push",
            ".option arch, +d",
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
            "fmv.d.x f\\n, zero",
            ".endr",
            "csrw fcsr, zero",
            ".option pop",
            options(nomem, nostack),
        );
    }
}
