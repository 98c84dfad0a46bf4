//! Calls to the monitor (SMC), of any shape.

use crate::register::read;
use core::arch::asm;

/// Function identifiers (Arm DEN0022).
pub mod psci {
    pub const CPU_SUSPEND: u64 = 0xc400_0001;
    pub const CPU_OFF: u64 = 0x8400_0002;
    pub const CPU_ON: u64 = 0xc400_0003;
    pub const AFFINITY_INFO: u64 = 0xc400_0004;
    pub const SYSTEM_OFF: u64 = 0x8400_0008;
    pub const SYSTEM_RESET: u64 = 0x8400_0009;
    pub const SYSTEM_RESET2: u64 = 0x8400_0012;
}

/// Makes a call; x0 to x7 come back.
pub fn call(id: u64, arguments: [u64; 4]) -> [u64; 8] {
    let [a, b, c, d] = arguments;
    let mut result = [0; 8];
    let [r0, r1, r2, r3, r4, r5, r6, r7] = &mut result;
    // SAFETY: the monitor may change x0 to x17 and nothing else (Arm DEN0028, SMC64 register use).
    unsafe {
        asm!(
            "smc #0",
            inout("x0") id => *r0,
            inout("x1") a => *r1,
            inout("x2") b => *r2,
            inout("x3") c => *r3,
            inout("x4") d => *r4,
            inout("x5") 0_u64 => *r5,
            inout("x6") 0_u64 => *r6,
            inout("x7") 0_u64 => *r7,
            clobber_abi("C"),
            options(nostack),
        );
    }
    result
}

/// Makes a call for its status.
pub fn status(id: u64, arguments: [u64; 4]) -> i64 {
    let [status, ..] = call(id, arguments);
    status.cast_signed()
}

/// Starts a core of this partition.
pub fn cpu_on(core: u64, entry: u64, argument: u64) -> i64 {
    status(psci::CPU_ON, [core, entry, argument, 0])
}

/// Whether PSCI says that a core is off.
pub fn is_off(core: u64) -> bool {
    status(psci::AFFINITY_INFO, [core, 0, 0, 0]) == 1
}

/// Resets the partition.
pub fn reset() -> ! {
    status(psci::SYSTEM_RESET, [0; 4]);
    loop {
        crate::time::relax();
    }
}

/// A level in words.
pub fn level() -> &'static str {
    if read!("CurrentEL") == Some(2 << 2) {
        "EL2"
    } else {
        "EL1"
    }
}
