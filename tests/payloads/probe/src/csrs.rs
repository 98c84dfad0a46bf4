//! Every number of a register (Zicsr): what S-mode reads is its own, and of the counters `time` alone.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::{Tally, Text};

/// Two instructions, of which the first is written: read a register into a0, return.
static CODE: [AtomicU32; 2] = [AtomicU32::new(0), AtomicU32::new(0x0000_8067)];
/// `csrrs a0, 0, x0`; the number goes into its upper twelve bits.
const READ: u32 = 0x0000_2573;

/// sstatus, sie, stvec, scounteren, senvcfg, sscratch, sepc, scause, stval, sip, satp.
const SUPERVISOR: [u32; 11] = [
    0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180,
];
const TIME: u32 = 0xc01;

/// Whether a register can be read, in a vector that survives it.
fn is_readable(number: u32) -> bool {
    let [read, _] = &CODE;
    read.store(READ | number << 20, Relaxed);
    let fault: u64;
    // SAFETY: calls the two instructions; a trap goes on with the second.
    unsafe {
        asm!(
            "fence.i",
            "li t0, 0",
            "jalr {code}",
            code = in(reg) CODE.as_ptr().addr(),
            out("t0") fault, out("t1") _, out("a0") _, out("ra") _,
        );
    }
    fault == 0
}

pub(crate) fn attack(tally: &mut Tally<Text>) {
    let own = |number: &u32| SUPERVISOR.contains(number) || *number == TIME;
    tally.enter(
        "own registers are not read",
        (0..0x1000).filter(own).all(is_readable),
    );
    // Bits 8 and 9: the lowest mode that may.
    let mode = |number: u32| number >> 8 & 3;
    let (mut machine, mut counters, mut others) = (true, true, true);
    for number in (0..0x1000).filter(|number| !own(number)) {
        let held = !is_readable(number);
        match (mode(number), number) {
            (3 | 2, _) => machine &= held,
            (_, 0xc00..0xd00) => counters &= held,
            _ => others &= held,
        }
    }
    tally.enter("registers of M-mode and of hypervisors", machine);
    tally.enter("counters but for time", counters);
    tally.enter("registers that nobody has", others);
}
