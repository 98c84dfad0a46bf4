//! General and system registers that both worlds use: what one leaves in them must neither reach the other nor change.
//!
//! Targets the switch of these registers. The critical partition comes many times while core 0 holds its own contents
//! in them, and takes its interrupts with the same registers.

use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::register::{read, write};
use crate::{shared, time};
use core::arch::global_asm;
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

// x0: for how many rounds of the loop. Answers the bits in which x1 to x30 changed meanwhile.
global_asm!(
    ".macro contents reg, n",
    "movz \\reg, #(0x5a00 + \\n)",
    "movk \\reg, #(0xa500 + \\n), lsl #48",
    ".endm",
    ".global attacker_hold_general",
    "attacker_hold_general:",
    "stp x19, x20, [sp, #-96]!",
    "stp x21, x22, [sp, #16]",
    "stp x23, x24, [sp, #32]",
    "stp x25, x26, [sp, #48]",
    "stp x27, x28, [sp, #64]",
    "stp x29, x30, [sp, #80]",
    ".irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
    "contents x\\n, \\n",
    ".endr",
    "1: sub x0, x0, #1",
    "cbnz x0, 1b",
    ".irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
    "contents x0, \\n",
    "eor x\\n, x\\n, x0",
    ".endr",
    "mov x0, #0",
    ".irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
    "orr x0, x0, x\\n",
    ".endr",
    "ldp x29, x30, [sp, #80]",
    "ldp x27, x28, [sp, #64]",
    "ldp x25, x26, [sp, #48]",
    "ldp x23, x24, [sp, #32]",
    "ldp x21, x22, [sp, #16]",
    "ldp x19, x20, [sp], #96",
    "ret",
);

unsafe extern "C" {
    fn attacker_hold_general(rounds: u64) -> u64;
}

/// Rounds of two instructions: some milliseconds of virtual time, a job of the critical partition in each.
const ROUNDS: u64 = 300_000;

/// Bits that changed in general registers.
static GENERAL: AtomicU64 = AtomicU64::new(0);
/// System registers that changed, one bit each, in the order of `each_register`.
static SYSTEM: AtomicU64 = AtomicU64::new(0);

/// Calls a macro for each register that this level can fill with anything: the MMU is off, no exception is taken meanwhile.
macro_rules! each_register {
    ($what:ident) => {
        $what!(
            "ttbr0_el1",
            "ttbr1_el1",
            "tcr_el1",
            "mair_el1",
            "amair_el1",
            "contextidr_el1",
            "tpidr_el1",
            "tpidr_el0",
            "tpidrro_el0",
            "sp_el0",
            "elr_el1",
            "spsr_el1",
            "esr_el1",
            "far_el1",
            "afsr0_el1",
            "afsr1_el1",
            "par_el1",
            "csselr_el1"
        )
    };
}

/// Core 0: fills them, works on, looks again.
pub fn hold() {
    GENERAL.store(0, SeqCst);
    SYSTEM.store(0, SeqCst);
    let mut round = 0_u64;
    while shared::wanted() {
        round = round.wrapping_add(0x0123_4567_89ab_cdef);
        macro_rules! fill {
            ($($name:literal),*) => {{
                $(write!($name, round);)*
                // What sticks: some bits of some registers are none.
                [$(read!($name).unwrap_or(0)),*]
            }};
        }
        macro_rules! look {
            ($($name:literal),*) => { [$(read!($name).unwrap_or(0)),*] };
        }
        let left = each_register!(fill);
        // SAFETY: keeps what the procedure call standard says is kept.
        let changed = unsafe { attacker_hold_general(ROUNDS) };
        GENERAL.store(GENERAL.load(SeqCst) | changed, SeqCst);
        let found = each_register!(look);
        for (number, (left, found)) in left.iter().zip(&found).enumerate() {
            if left != found {
                SYSTEM.store(SYSTEM.load(SeqCst) | 1 << number, SeqCst);
            }
        }
    }
}

/// Core 1 meanwhile.
pub fn changed(_: &mut Journal) -> Outcome {
    time::wait(50);
    match (GENERAL.load(SeqCst), SYSTEM.load(SeqCst)) {
        (0, 0) => Ok(()),
        (0, registers) => succeeded("system registers with foreign contents", registers),
        (bits, _) => succeeded("general registers with foreign contents", bits),
    }
}
