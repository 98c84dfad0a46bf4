//! What S-mode may do by itself and what comes to the monitor, as numbers of mcounteren, medeleg, mideleg and mstatus (privileged
//! specification). Nothing here touches a register, so that the host holds it against the specification's model.

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
/// Machine external interrupt.
pub const MEI: u64 = 1 << 11;
/// All that S-mode can have.
pub const SUPERVISOR: u64 = SSI | STI | SEI;
/// What M-mode has enabled always.
pub const MACHINE: u64 = MSI | MTI;

/// mcause: an interrupt, and no exception.
pub const INTERRUPT: u64 = 1 << 63;
/// mcause: a machine software interrupt.
pub const SOFTWARE: u64 = INTERRUPT | 3;
/// mcause: a call from S-mode.
pub const CALL: u64 = 9;

/// mstatus: MPP is S-mode.
pub const TO_SUPERVISOR: u64 = 1 << 11;

/// mstatus: where a trap came from is M-mode.
const FROM_MACHINE: u64 = 3 << 11;
/// mstatus: S-mode's WFI traps.
pub const TRAP_WAIT: u64 = 1 << 21;
/// mstatus: floating point is on, and dirty.
pub const FLOATING_POINT: u64 = 3 << 13;
/// mstatus: S-mode's interrupts are on; they were before the trap; the trap was from S-mode.
const SIE: u64 = 1 << 1;
/// mstatus: M-mode's are.
pub const MIE: u64 = 1 << 3;
const SPIE: u64 = 1 << 5;
const SPP: u64 = 1 << 8;
/// mstatus: the trap was from a guest (MPV).
const FROM_GUEST: u64 = 1 << 39;

/// mcounteren and scounteren: the mode below reads `time`.
pub const TIME: u64 = 1 << 1;

/// mcause: an illegal instruction.
pub const ILLEGAL: u64 = 2;
/// mcause: a load, or a store, of what PMP does not permit.
pub const LOAD_FAULT: u64 = 5;
/// The store.
pub const STORE_FAULT: u64 = 7;
/// mcause: a call from a thread of the monitor.
pub const THREAD_CALL: u64 = 11;
/// WFI, as an illegal instruction leaves it in mtval.
pub const WAIT: u64 = 0x1050_0073;

/// mcounteren: S-mode reads `time`, and no other counter.
pub const COUNTERS: u64 = if cfg!(feature = "weaken-counters") {
    u64::MAX
} else if cfg!(feature = "no-time") {
    0
} else {
    TIME
};

/// Exceptions that S-mode takes itself: all but calls to the monitor. With H those of its own guests, too: their calls (10), page faults
/// and virtual instructions (20 to 23).
const TO_PARTITION: u64 = 0x00f0_b5ff;

/// Whether a trap with this mstatus came out of M-mode.
pub const fn is_from_machine(status: u64) -> bool {
    status & FROM_MACHINE == FROM_MACHINE
}

/// Whether a trap with this mstatus came out of S-mode.
pub const fn is_from_supervisor(status: u64) -> bool {
    status & FROM_MACHINE == TO_SUPERVISOR
}

/// Whether a trap with this mstatus came out of a guest of a partition's own (H): MPV.
pub const fn is_from_guest(status: u64) -> bool {
    status & FROM_GUEST != 0
}

/// mstatus after S-mode took the trap itself (Supervisor Trap Handling), which M-mode took with this one.
pub const fn reflected(status: u64) -> u64 {
    let from = if is_from_supervisor(status) { SPP } else { 0 };
    let enabled = if status & SIE != 0 { SPIE } else { 0 };
    let before = SIE | SPIE | SPP | FROM_MACHINE | FROM_GUEST;
    status & !before | TO_SUPERVISOR | from | enabled
}

/// Where S-mode takes an exception: at the base in both modes of stvec.
pub const fn handler(vector: u64) -> u64 {
    vector & !3
}

/// What of a hart's traps a partition takes itself.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Delegated {
    pub(crate) exceptions: u64,
    pub(crate) interrupts: u64,
}

impl Delegated {
    /// Nothing: nobody runs.
    pub const NOTHING: Self = Self {
        exceptions: 0,
        interrupts: 0,
    };

    /// `external`: it has external interrupts, and its accesses to their controller are done by the monitor, which sees
    /// every access fault; without its own, it does not even see them pending. `watched`: its illegal instructions are the
    /// monitor's to see, for its WFI or its reads of `time` are among them.
    pub const fn new(external: bool, watched: bool) -> Self {
        let faults = if external {
            1 << LOAD_FAULT | 1 << STORE_FAULT
        } else {
            0
        };
        let illegal = if watched { 1 << ILLEGAL } else { 0 };
        Self {
            exceptions: TO_PARTITION & !(faults | illegal),
            interrupts: if external || cfg!(feature = "weaken-gate") {
                SUPERVISOR
            } else {
                SSI | STI
            },
        }
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
