//! Registers over a call: all but a0 and a1 are kept (binary encoding).

use core::arch::naked_asm;

use crate::Checks;
use crate::calls::{ALL, BASE, DBCN, FIRST, Function, HSM, IPI, RFENCE, SECOND, TIME, take_back};

/// What it is, the call, a0 and a1; the rest of the arguments is marks.
const CALLS: [(&str, Function, u64, u64); 9] = [
    ("registers over get_spec_version", (BASE, 0), 0, 0),
    ("registers over probe_extension", (BASE, 3), HSM, 0),
    ("registers over set_timer", (TIME, 0), ALL, 0),
    ("registers over send_ipi", (IPI, 0), 1, FIRST),
    ("registers over send_ipi of another", (IPI, 0), 1, SECOND),
    ("registers over remote_fence_i", (RFENCE, 0), 0b11, FIRST),
    ("registers over hart_get_status", (HSM, 2), SECOND, 0),
    ("registers over a byte", (DBCN, 2), b'\n' as u64, 0),
    ("registers over a refused call", (ALL, 0), 0, 0),
];

/// Makes a call with marks in all registers but sp; answers 0 if they are there behind it.
#[unsafe(naked)]
pub(crate) extern "C" fn marks_changed(_a0: u64, _a1: u64, _function: u64, _extension: u64) -> u64 {
    naked_asm!(
        "addi sp, sp, -256",
        ".irp n, 1, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27",
        "sd x\\n, 8*\\n(sp)",
        ".endr",
        "mv a6, a2",
        "mv a7, a3",
        ".irp n, 1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
        "li x\\n, 0x5a5a00 + \\n",
        ".endr",
        "ecall",
        "li a0, 0",
        ".irp n, 1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
        "li a1, 0x5a5a00 + \\n",
        "xor a1, a1, x\\n",
        "or a0, a0, a1",
        ".endr",
        ".irp n, 1, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27",
        "ld x\\n, 8*\\n(sp)",
        ".endr",
        "addi sp, sp, 256",
        "ret",
    )
}

pub(crate) fn check(checks: &mut Checks) {
    for (what, (extension, function), a0, a1) in CALLS {
        checks.expect(what, marks_changed(a0, a1, function, extension) == 0);
    }
    take_back();
}
