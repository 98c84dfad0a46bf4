//! Calls by their numbers, and how to wait for what they do.

use core::arch::asm;

use cofferdam_partition::sbi;
use cofferdam_partition::time::{frequency, now};

pub(crate) const BASE: u64 = 0x10;
pub(crate) const TIME: u64 = 0x5449_4d45;
pub(crate) const IPI: u64 = 0x0073_5049;
pub(crate) const RFENCE: u64 = 0x5246_4e43;
pub(crate) const HSM: u64 = 0x0048_534d;
pub(crate) const SRST: u64 = 0x5352_5354;
pub(crate) const DBCN: u64 = 0x4442_434e;

/// This partition's harts, and one of another's.
pub(crate) const FIRST: u64 = 0;
pub(crate) const SECOND: u64 = 1;
pub(crate) const FOREIGN: u64 = 2;

/// All bits: all harts, all addresses, never.
pub(crate) const ALL: u64 = u64::MAX;

/// In sie and sip.
pub(crate) const SOFTWARE: u64 = 1 << 1;
pub(crate) const TIMER: u64 = 1 << 5;

/// Extension and function.
pub(crate) type Function = (u64, u64);

/// A call; the arguments that are not given are 0.
pub(crate) fn call((extension, function): Function, given: &[u64]) -> (i64, u64) {
    let mut arguments = [0; 6];
    for (argument, given) in arguments.iter_mut().zip(given) {
        *argument = *given;
    }
    sbi(extension, function, arguments)
}

pub(crate) fn set_timer(at: u64) -> bool {
    call((TIME, 0), &[at]) == (0, 0)
}

pub(crate) fn send(mask: u64, base: u64) -> bool {
    call((IPI, 0), &[mask, base]) == (0, 0)
}

/// Sleeps until an interrupt; answers behind that.
pub(crate) fn suspend() -> bool {
    call((HSM, 3), &[]) == (0, 0)
}

/// What is pending.
pub(crate) fn pending() -> u64 {
    let pending: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
    pending
}

/// Takes the software interrupt back.
pub(crate) fn take_back() {
    // SAFETY: changes nothing else.
    unsafe { asm!("csrc sip, {}", in(reg) SOFTWARE, options(nostack)) };
}

/// What is enabled, from now on. None is taken: sstatus.SIE is 0.
pub(crate) fn enable(interrupts: u64) {
    // SAFETY: as above.
    unsafe { asm!("csrw sie, {}", in(reg) interrupts, options(nostack)) };
}

/// Has an emulator go on to the other hart: a wait that ends at once, by this one's timer, which comes now.
fn give_way() {
    enable(TIMER);
    let _set = set_timer(0);
    // SAFETY: waits, nothing else.
    unsafe { asm!("wfi", options(nostack)) };
    let _set = set_timer(ALL);
    enable(0);
}

/// Whether it comes about while this hart gives way, for a while.
pub(crate) fn comes(is_so: impl Fn() -> bool) -> bool {
    let end = now() + frequency() / 20;
    while now() < end {
        if is_so() {
            return true;
        }
        give_way();
    }
    false
}
