//! M-mode's registers, by the names that the privileged specification gives them.

use crate::pmp;
pub use crate::policy::{
    CALL, ILLEGAL, INTERRUPT, LOAD_FAULT, MACHINE, MEI, MSI, MTI, SEI, SOFTWARE, SSI, STI,
    STORE_FAULT, SUPERVISOR, THREAD_CALL, TIME, WAIT, is_from_guest, is_from_machine,
    is_from_supervisor, reflected,
};
use crate::policy::{COUNTERS, MIE, TO_SUPERVISOR, handler};
pub(crate) use crate::policy::{FLOATING_POINT, TRAP_WAIT};
use core::arch::asm;

/// mstatus: widths of S- and U-mode, which are fixed here.
const XLENS: u64 = 0xf << 32;
/// mstatus: M-mode's interrupts are on below the next `mret`, which goes to M-mode.
const TO_THREAD: u64 = 3 << 11 | 1 << 7;
/// mstatus: the address of a guest's trap is one of the guest's (GVA).
const GUEST_ADDRESS: u64 = 1 << 38;

macro_rules! read {
    ($($(#[doc = $doc:literal])* $visibility:vis $name:ident = $csr:literal;)*) => {$(
        $(#[doc = $doc])*
        $visibility fn $name() -> u64 {
            let value;
            // SAFETY: reading this register changes nothing.
            unsafe { asm!(concat!("csrr {}, ", $csr), out(reg) value, options(nomem, nostack)) };
            value
        }
    )*};
}

read! {
    /// Why M-mode was entered.
    pub cause = "mcause";
    /// The address or instruction that goes with it.
    pub trap_value = "mtval";
    /// Where it came from.
    pub trap_pc = "mepc";
    /// What is pending.
    pub pending = "mip";
    /// What is enabled, by S-mode too.
    pub enabled = "mie";
    /// Who made the hart.
    pub vendor = "mvendorid";
    /// Which design.
    pub architecture = "marchid";
    /// Which version of it.
    pub implementation = "mimpid";
    status = "mstatus";
    // mseccfg (Smepmp), by number.
    machine_security = "0x747";
    rules = "pmpcfg0";
    pub(crate) extensions = "misa";
    pub(crate) translation = "satp";
    pub(crate) supervisor_vector = "stvec";
    pub(crate) supervisor_counters = "scounteren";
    // stimecmp (Sstc) and menvcfg, by number: not every assembler knows the names.
    pub(crate) supervisor_timer = "0x14d";
    // vstimecmp (Sstc and H).
    pub(crate) guest_timer = "0x24d";
    machine_environment = "0x30a";
}

/// Writes `pmpaddr` registers, by their numbers.
macro_rules! write_addresses {
    ($image:ident: $($n:literal),*) => {$(
        if let Some(address) = $image.addresses.get($n) {
            // SAFETY: an address by itself permits nothing to M-mode's own accesses, which pass unlocked rules.
            unsafe { asm!(concat!("csrw pmpaddr", $n, ", {}"), in(reg) *address, options(nostack)) };
        }
    )*};
}

macro_rules! write {
    ($($(#[doc = $doc:literal])* $visibility:vis $name:ident = $instruction:literal $csr:literal;)*) => {$(
        $(#[doc = $doc])*
        $visibility fn $name(value: u64) {
            // SAFETY: what this register does, it does to the modes below; the monitor's own memory stays as it is.
            unsafe { asm!(concat!($instruction, " ", $csr, ", {}"), in(reg) value, options(nostack)) };
        }
    )*};
}

write! {
    /// Makes interrupts of S-mode pending.
    pub set_pending = "csrs" "mip";
    /// Takes them back.
    pub clear_pending = "csrc" "mip";
    /// Enables interrupts.
    pub enable = "csrs" "mie";
    /// Disables them.
    pub disable = "csrc" "mie";
    /// Enables these and no others.
    pub(crate) set_enabled = "csrw" "mie";
    pub(crate) delegate_exceptions = "csrw" "medeleg";
    pub(crate) delegate_interrupts = "csrw" "mideleg";
    allow_counters = "csrw" "mcounteren";
    pub(crate) set_translation = "csrw" "satp";
    pub(crate) set_supervisor_vector = "csrw" "stvec";
    pub(crate) set_supervisor_scratch = "csrw" "sscratch";
    pub(crate) set_supervisor_counters = "csrw" "scounteren";
    pub(crate) set_supervisor_pc = "csrw" "sepc";
    pub(crate) set_supervisor_cause = "csrw" "scause";
    pub(crate) set_supervisor_value = "csrw" "stval";
    pub(crate) set_supervisor_environment = "csrw" "0x10a";
    pub(crate) set_supervisor_timer = "csrw" "0x14d";
    // siselect, sireg and mvien (AIA).
    pub(crate) select_supervisor_register = "csrw" "0x150";
    pub(crate) set_supervisor_register = "csrw" "0x151";
    pub(crate) set_virtual_interrupts = "csrw" "0x308";
    pub(crate) set_guest_timer = "csrw" "0x24d";
    set_hypervisor_status = "csrs" "0x600";
    clear_hypervisor_status = "csrc" "0x600";
    set_status = "csrs" "mstatus";
}

/// mstatus with which S-mode begins: interrupts and floating point off. `shared`: its WFI gives the hart away.
pub fn supervisor_status(shared: bool) -> u64 {
    status() & XLENS | TO_SUPERVISOR | if shared { TRAP_WAIT } else { 0 }
}

/// mstatus of a thread of the monitor: M-mode, interrupts on.
pub fn thread_status() -> u64 {
    status() & XLENS | TO_THREAD
}

/// Lets M-mode use floating point until the next mstatus is loaded.
pub fn enable_floating_point() {
    set_status(FLOATING_POINT);
}

/// Has S-mode take an exception itself, as if it had been delegated; answers where.
pub fn reflect(status: u64, pc: u64, cause: u64, value: u64) -> u64 {
    if is_from_guest(status) {
        reflect_guest(status);
    }
    set_supervisor_pc(pc);
    set_supervisor_cause(cause);
    set_supervisor_value(value);
    handler(supervisor_vector())
}

/// hstatus of a trap that a guest left (Hypervisor Extension, Trap Entry): SPV, SPVP, GVA.
fn reflect_guest(status: u64) {
    let level = if is_from_supervisor(status) {
        1 << 8
    } else {
        0
    };
    let address = if status & GUEST_ADDRESS != 0 {
        1 << 6
    } else {
        0
    };
    clear_hypervisor_status(1 << 8 | 1 << 6);
    set_hypervisor_status(1 << 7 | level | address);
}

/// Executes an instruction that the hart may not have. Answers whether it has.
macro_rules! probe {
    ($instruction:literal) => {{
        let has: u64;
        // SAFETY: a hart without it takes the trap to label 2, behind the instruction; mtvec is as before after it.
        // What a trap changes in mstatus is set before the next `mret`.
        unsafe {
            asm!(
                "la {new}, 2f",
                "csrrw {old}, mtvec, {new}",
                "li {has}, 0",
                $instruction,
                "li {has}, 1",
                ".balign 4",
                "2: csrw mtvec, {old}",
                new = out(reg) _, old = out(reg) _, has = out(reg) has, out("t0") _,
            )
        };
        has != 0
    }};
}

/// Whether the hart has senvcfg (1.12).
pub(crate) fn has_environment() -> bool {
    probe!("csrw 0x10a, zero")
}

/// Has S-mode's timer be stimecmp, which it writes itself (Sstc, menvcfg.STCE). Answers whether this hart has it.
pub(crate) fn hand_timer_over() -> bool {
    const STCE: u64 = 1 << 63;
    // An emulator takes the bit without the register (QEMU 7.2).
    probe!("csrr t0, 0x14d")
        && probe!("li t0, -1\nslli t0, t0, 63\ncsrs 0x30a, t0")
        && machine_environment() & STCE != 0
}

/// Whether the hart has `time`: it may leave that to M-mode (Zicntr).
pub(crate) fn has_time() -> bool {
    !cfg!(feature = "no-time") && probe!("csrr t0, time")
}

/// Whether this hart has SHA-256 instructions (Zknh) and reverses bytes (Zbb).
pub fn has_sha256() -> bool {
    let before: u64;
    // SAFETY: M-mode's interrupts are off while mtvec is another; after it they are as before.
    unsafe { asm!("csrrci {}, mstatus, 8", out(reg) before, options(nostack)) };
    // `sha256sum0 t0, t0` and `rev8 t0, t0`, by their encodings.
    let has = probe!(".insn i 0x13, 1, t0, t0, 0x100\n.insn i 0x13, 5, t0, t0, 0x6b8");
    set_status(before & MIE);
    has
}

/// Sets what S-mode can do on this hart, whichever partition has it.
pub fn set_policy() {
    allow_counters(COUNTERS);
    // menvcfg, senvcfg (1.12) and mcountinhibit (1.11): a hart without has nothing to clear.
    let _present = [
        probe!("csrw 0x30a, zero"),
        probe!("csrw 0x10a, zero"),
        probe!("csrw 0x320, zero"),
    ];
    set_enabled(MACHINE);
}

/// FENCE of devices' registers and memory with each other, which no ordering of memory covers (FENCE, I and O).
pub fn fence_devices() {
    // SAFETY: only orders.
    unsafe { asm!("fence iorw, iorw", options(nostack)) };
}

/// FENCE.I
pub fn fence_instructions() {
    // SAFETY: only makes this hart fetch what memory holds.
    unsafe { asm!("fence.i", options(nostack)) };
}

/// SFENCE.VMA for everything.
pub fn fence_translations() {
    // SAFETY: M-mode does not translate.
    unsafe { asm!("sfence.vma", options(nostack)) };
}

/// Sleeps until an enabled interrupt is pending, or not at all.
pub fn wait() {
    // SAFETY: a hint; M-mode's interrupts are off, so nothing is taken.
    unsafe { asm!("wfi", options(nomem, nostack)) };
}

/// Loads what the hart can reach, the monitor's locked rules too. Once.
pub fn protect(image: &pmp::Image) {
    write_addresses!(image: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    configure(image);
    // Addresses may have been translated, and checked, before (Physical Memory Protection and Paging).
    fence_translations();
}

/// Smepmp's mseccfg.MML: from now on a rule that is not locked permits M-mode nothing, and what no rule is of it does not execute. The locked
/// rules have to be loaded. Answers whether this hart has it.
pub fn bind_machine() -> bool {
    probe!("csrsi 0x747, 1") && is_machine_bound()
}

/// Whether it was done.
pub fn is_machine_bound() -> bool {
    const MML: u64 = 1;
    probe!("csrr t0, 0x747") && machine_security() & MML != 0
}

/// On a hart with Smepmp: leaves the locked rules alone, so that M-mode reaches what a partition does, without executing it.
pub fn withdraw_partition_rules() {
    const OWN: u64 = (1 << (8 * pmp::LOCKED)) - 1;
    let own = rules() & OWN;
    // SAFETY: the monitor's own rules as they are; of the others none.
    unsafe { asm!("csrw pmpcfg0, {}", "csrw pmpcfg2, zero", in(reg) own, options(nostack)) };
    fence_translations();
}

/// Has them back, on the way to the partition.
pub fn permit(image: &pmp::Image) {
    configure(image);
    fence_translations();
}

fn configure(image: &pmp::Image) {
    let [low, high] = image.configs;
    // The last entry, for everything, which no image of a test uses.
    #[cfg(feature = "weaken-pmp")]
    let high = {
        // SAFETY: a test's firmware, in which the partitions are not kept apart.
        unsafe { asm!("csrw pmpaddr15, {}", in(reg) u64::MAX, options(nostack)) };
        high | 0x1f << 56
    };
    // SAFETY: of the monitor's own memory the image denies the guard and writes of text only, which it does not do.
    unsafe { asm!("csrw pmpcfg0, {}", in(reg) low, options(nostack)) };
    if image.used > 8 || cfg!(feature = "weaken-pmp") {
        // SAFETY: as above.
        unsafe { asm!("csrw pmpcfg2, {}", in(reg) high, options(nostack)) };
    }
}
