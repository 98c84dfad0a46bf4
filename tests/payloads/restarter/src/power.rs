//! The calls of PSCI (Arm DEN0022) that a restart needs.

use core::arch::asm;

/// The functions.
#[derive(Clone, Copy)]
#[repr(u64)]
pub enum System {
    CoreOff = 0x8400_0002,
    CoreOn = 0xc400_0003,
    Off = 0x8400_0008,
    Reset = 0x8400_0009,
}

/// MPIDR affinity of core 1.
const SECOND: u64 = 1;

unsafe extern "C" {
    fn restarter_second_start();
}

/// Calls the monitor; the status.
pub fn call(function: System, [x1, x2, x3]: [u64; 3]) -> i64 {
    let status;
    // SAFETY: a call of the SMC Calling Convention, which changes no more than what is named here. What runs on
    // a core that it starts shares atomics with this one, and nothing else.
    unsafe {
        asm!(
            "smc #0",
            inout("x0") function as u64 => status,
            inout("x1") x1 => _, inout("x2") x2 => _, inout("x3") x3 => _,
            out("x4") _, out("x5") _, out("x6") _, out("x7") _,
            out("x8") _, out("x9") _, out("x10") _, out("x11") _, out("x12") _, out("x13") _,
            out("x14") _, out("x15") _, out("x16") _, out("x17") _,
            options(nostack)
        );
    }
    status
}

/// Starts core 1; whether the monitor took it for off.
pub fn start_second() -> bool {
    let entry = restarter_second_start as *const () as u64;
    call(System::CoreOn, [SECOND, entry, 0]) == 0
}

/// Restarts the partition.
pub fn reset() -> ! {
    ends(System::Reset)
}

/// Stops the partition.
pub fn off() -> ! {
    ends(System::Off)
}

/// Turns this core off.
pub fn call_off() -> ! {
    ends(System::CoreOff)
}

/// A call that does not come back; were it refused, the partition would hang and the test see no further start.
fn ends(function: System) -> ! {
    call(function, [0; 3]);
    loop {
        give_way();
    }
}

/// For every loop that waits for the other core: under icount the emulator may keep a core that spins without it
/// until the next deadline of a timer, every time, and the other core stands still.
pub fn give_way() {
    // SAFETY: a hint.
    unsafe { asm!("yield", options(nomem, nostack)) }
}

/// Waits for an interrupt.
pub fn wait() {
    // SAFETY: only waits.
    unsafe { asm!("wfi", options(nomem, nostack)) }
}
