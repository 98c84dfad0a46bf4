//! Calls of the monitor, and the system counter.

use cofferdam_abi::call::{BASE, Call};
use cofferdam_abi::stats::Page;
use core::arch::asm;

/// As in the monitor's `event/inject.rs`.
const INJECT: u64 = BASE as u64 | 0xff00;

/// A record of the monitor's.
pub struct Record {
    pub time: u64,
    pub what: u64,
    pub data: u64,
}

impl Record {
    /// The number that the next record will have.
    pub fn next_number() -> u64 {
        call(Call::Event.function_id().into(), [u64::MAX, 0, 0])[2]
    }

    /// A record, if it is there.
    pub fn get(number: u64) -> Option<Self> {
        let arguments = [number, 0, 0];
        let [_, _, next, time, what, _, data, _] =
            call(Call::Event.function_id().into(), arguments);
        let what = what & 0xff;
        (number < next).then_some(Self { time, what, data })
    }
}

/// How many jobs the critical partition has reported.
pub fn jobs() -> u64 {
    // The first partition, the first core, which does not matter for this page.
    let arguments = [0, 0, Page::Deadlines as u64];
    call(Call::Stats.function_id().into(), arguments)[1]
}

/// Has a bit flipped; 0 if the monitor knows how.
pub fn inject(bit: u64) -> u64 {
    call(INJECT, [bit, 0, 0])[0]
}

fn call(id: u64, [x1, x2, x3]: [u64; 3]) -> [u64; 8] {
    let mut x = [id, x1, x2, x3, 0, 0, 0, 0];
    let [x0, x1, x2, x3, x4, x5, x6, x7] = &mut x;
    // SAFETY: a call of the SMC Calling Convention, which changes no more than what is named here.
    unsafe {
        asm!(
            "smc #0",
            inout("x0") *x0, inout("x1") *x1, inout("x2") *x2, inout("x3") *x3,
            inout("x4") *x4, inout("x5") *x5, inout("x6") *x6, inout("x7") *x7,
            out("x8") _, out("x9") _, out("x10") _, out("x11") _, out("x12") _, out("x13") _,
            out("x14") _, out("x15") _, out("x16") _, out("x17") _,
            options(nostack)
        );
    }
    x
}

/// The system counter.
pub fn counter() -> u64 {
    let value;
    // SAFETY: reads a register.
    unsafe { asm!("isb", "mrs {}, cntpct_el0", out(reg) value, options(nomem, nostack)) };
    value
}

/// Its frequency. A constant: CNTFRQ_EL0 is among what is flipped.
pub const fn counter_hz() -> u64 {
    62_500_000
}

/// Waits for an interrupt: the critical partition's, which come every millisecond. A loop that looked at the UART without a
/// break would slow the emulator down tenfold.
pub fn wait() {
    // SAFETY: only waits.
    unsafe { asm!("wfi", options(nomem, nostack)) }
}

/// For loops that wait: under icount the emulator may keep a core that spins without it.
pub fn give_way() {
    // SAFETY: a hint.
    unsafe { asm!("yield", options(nomem, nostack)) }
}
