//! M-mode's registers, by the names that the privileged specification gives them.

use crate::pmp;
use core::arch::asm;

/// Supervisor software interrupt, in mip and mie.
pub const SSI: u64 = 1 << 1;
/// Machine software interrupt.
pub const MSI: u64 = 1 << 3;
/// Supervisor timer interrupt.
pub const STI: u64 = 1 << 5;
/// Machine timer interrupt.
pub const MTI: u64 = 1 << 7;
/// Supervisor external interrupt.
pub const SEI: u64 = 1 << 9;
/// All that S-mode can have.
pub const SUPERVISOR: u64 = SSI | STI | SEI;

/// mcause: an interrupt, and no exception.
pub const INTERRUPT: u64 = 1 << 63;
/// mcause: a call from S-mode.
pub const CALL: u64 = 9;

/// mstatus: widths of S- and U-mode, which are fixed here.
const XLENS: u64 = 0xf << 32;
/// mstatus: MPP is S-mode.
const TO_SUPERVISOR: u64 = 1 << 11;

/// Exceptions that S-mode takes itself: all but calls to the monitor.
const TO_PARTITION: u64 = 0xb1ff;
/// mcounteren: S-mode reads `time`, and no other counter.
const COUNTERS: u64 = 1 << 1;

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
    delegate_exceptions = "csrw" "medeleg";
    delegate_interrupts = "csrw" "mideleg";
    allow_counters = "csrw" "mcounteren";
    set_translation = "csrw" "satp";
    set_supervisor_vector = "csrw" "stvec";
    set_supervisor_scratch = "csrw" "sscratch";
    set_supervisor_counters = "csrw" "scounteren";
}

/// mstatus with which S-mode begins: interrupts and floating point off, nothing trapped.
pub fn supervisor_status() -> u64 {
    status() & XLENS | TO_SUPERVISOR
}

/// Writes zero to a register that the hart may not have: then it has nothing to clear.
macro_rules! clear_if_present {
    ($($csr:literal),*) => {$(
        // SAFETY: a hart without the register takes the trap to label 2, behind the write; mtvec is as before after it.
        // What a trap changes in mstatus is set before the next `mret`.
        unsafe {
            asm!(
                "la {new}, 2f",
                "csrrw {old}, mtvec, {new}",
                concat!("csrw ", $csr, ", zero"),
                ".balign 4",
                "2: csrw mtvec, {old}",
                new = out(reg) _, old = out(reg) _,
            )
        };
    )*};
}

/// Sets what S-mode can do on this hart. `external`: whether it has external interrupts.
pub fn set_policy(external: bool) {
    delegate_exceptions(TO_PARTITION);
    // Without its own, it does not even see them pending.
    delegate_interrupts(if external { SUPERVISOR } else { SSI | STI });
    allow_counters(COUNTERS);
    // menvcfg and senvcfg (1.12), mcountinhibit (1.11), by number: older assemblers do not know all names.
    clear_if_present!("0x30a", "0x10a", "0x320");
}

/// S-mode's registers as they are before its first instruction. Its interrupts are off and nothing is pending.
pub fn reset_supervisor() {
    disable(SUPERVISOR);
    clear_pending(SUPERVISOR);
    set_translation(0);
    set_supervisor_vector(0);
    set_supervisor_scratch(0);
    set_supervisor_counters(0);
    fence_translations();
    fence_instructions();
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

/// Loads what the hart can reach. Once: the monitor's rules are locked.
pub fn protect(image: &pmp::Image) {
    macro_rules! addresses {
        ($($n:literal),*) => {$(
            if let Some(address) = image.addresses.get($n) {
                // SAFETY: without its configuration, which comes below, an address says nothing.
                unsafe { asm!(concat!("csrw pmpaddr", $n, ", {}"), in(reg) *address, options(nostack)) };
            }
        )*};
    }
    addresses!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let [low, high] = image.configs;
    // The last entry, for everything, which no image of a test uses.
    #[cfg(feature = "weaken-pmp")]
    let high = {
        // SAFETY: a test's firmware, in which the partitions are not kept apart.
        unsafe { asm!("csrw pmpaddr15, {}", in(reg) u64::MAX, options(nostack)) };
        high | 0x1f << 56
    };
    // SAFETY: of the monitor's own memory the image denies the guard and writes of text only, which it does not do.
    unsafe { asm!("csrw pmpcfg2, {}", in(reg) high, options(nostack)) };
    // SAFETY: as above.
    unsafe { asm!("csrw pmpcfg0, {}", in(reg) low, options(nostack)) };
    // Addresses may have been translated, and checked, before (Physical Memory Protection and Paging).
    fence_translations();
}
