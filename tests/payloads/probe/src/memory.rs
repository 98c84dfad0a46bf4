//! Loads, stores and instruction fetches outside of the partition's memory: each must be an access fault.

use core::arch::{asm, naked_asm};
use core::ops::Range;

use crate::Tally;

/// The partition's memory: what the validator places is the lowest that is free, behind the monitor's.
pub(crate) const OWN: Range<u64> = 0x8010_0000..0x8020_0000;

const LOADS: [(&str, u64); 10] = [
    ("monitor's variables", 0x8000_0000),
    ("monitor's last byte", OWN.start - 1),
    ("Linux's first byte", OWN.end),
    ("Linux's kernel", 0x8040_0000),
    ("image table", 0x2010_0000),
    ("UART", 0x1000_0000),
    ("PLIC", 0x0c00_0000),
    ("CLINT", 0x0200_0000),
    ("test device, which would end the machine", 0x10_0000),
    ("fw_cfg, which would write anywhere", 0x1010_0000),
];

const STRADDLES: [(&str, u64); 2] = [
    ("word over the start of its memory", OWN.start - 4),
    ("word over the end of its memory", OWN.end - 4),
];

pub(crate) fn attack(tally: &mut Tally) {
    let before: u64;
    // SAFETY: only the probes below trap, for interrupts are off in sie; the run-time's vector comes back after them.
    unsafe { asm!("csrrw {}, stvec, {}", out(reg) before, in(reg) skip as *const () as u64) };
    for (what, address) in LOADS {
        tally.enter(what, faults_on_load(address));
    }
    for (what, address) in STRADDLES {
        tally.enter(what, faults_on_load(address));
    }
    tally.enter("store to the monitor's text", faults_on_store(0x2000_0000));
    tally.enter(
        "store to the monitor's variables",
        faults_on_store(0x8003_f000),
    );
    tally.enter("a register of M-mode", faults_on_machine_register());
    // SAFETY: what was there.
    unsafe { asm!("csrw stvec, {}", in(reg) before) };
}

/// Behind an access that faulted: says so in t0, and goes on with the next instruction, four bytes on.
///
/// # Safety
/// For the hardware alone.
#[unsafe(naked)]
unsafe extern "C" fn skip() -> ! {
    naked_asm!(
        ".balign 4",
        "csrr t0, sepc",
        "addi t0, t0, 4",
        "csrw sepc, t0",
        "li t0, 1",
        "sret",
    )
}

fn faults_on_load(address: u64) -> bool {
    let fault: u64;
    // SAFETY: what is read is thrown away; a fault goes to `skip`.
    unsafe {
        asm!(
            ".option push", ".option norvc",
            "li t0, 0",
            "ld {scratch}, 0({address})",
            ".option pop",
            scratch = out(reg) _, address = in(reg) address, out("t0") fault,
        );
    }
    fault != 0
}

fn faults_on_store(address: u64) -> bool {
    let fault: u64;
    // SAFETY: not of this program's memory; a fault goes to `skip`.
    unsafe {
        asm!(
            ".option push", ".option norvc",
            "li t0, 0",
            "sd zero, 0({address})",
            ".option pop",
            address = in(reg) address, out("t0") fault,
        );
    }
    fault != 0
}

fn faults_on_machine_register() -> bool {
    let fault: u64;
    // SAFETY: reads a register, or traps to `skip`.
    unsafe {
        asm!("li t0, 0", "csrr {scratch}, mstatus", scratch = out(reg) _, out("t0") fault);
    }
    fault != 0
}
