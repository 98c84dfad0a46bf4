//! This hart's file of interrupts (RISC-V AIA 1.0, IMSIC), by its registers.

use core::arch::asm;

const DELIVERY: u64 = 0x70;
const THRESHOLD: u64 = 0x72;
const PENDING: u64 = 0x80;
const ENABLED: u64 = 0xc0;
/// External interrupts, in sip.
const EXTERNAL: u64 = 1 << 9;

/// Whether it is as nobody's.
pub(crate) fn is_clear() -> bool {
    let words = (0..4).flat_map(|n| [PENDING + 2 * n, ENABLED + 2 * n]);
    words.chain([DELIVERY, THRESHOLD]).all(|it| get(it) == 0)
}

/// Has it interrupt.
pub(crate) fn begin() {
    set(THRESHOLD, 0);
    set(DELIVERY, 1);
}

/// Enables an interrupt of it.
pub(crate) fn enable(number: u64) {
    set(ENABLED + number / 64 * 2, 1 << (number % 64));
}

/// Sets bits of a register.
fn set(register: u64, bits: u64) {
    // SAFETY: sets what this hart is interrupted by, which is masked in sstatus.
    unsafe { asm!("csrw 0x150, {}", "csrs 0x151, {}", in(reg) register, in(reg) bits) };
}

fn get(register: u64) -> u64 {
    let value: u64;
    // SAFETY: reads a register of this hart's file.
    unsafe { asm!("csrw 0x150, {}", "csrr {}, 0x151", in(reg) register, lateout(reg) value) };
    value
}

/// Takes the first that is pending and enabled; answers whether it is this one.
pub(crate) fn takes(number: u64) -> bool {
    let top: u64;
    // SAFETY: nobody else waits for it (stopei).
    unsafe { asm!("csrrw {}, 0x15c, zero", out(reg) top) };
    top >> 16 == number
}

pub(crate) fn is_pending() -> bool {
    let pending: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
    pending & EXTERNAL != 0
}
