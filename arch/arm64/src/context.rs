//! What the monitor keeps for each core: the two contexts and what the vectors need at hand.
//!
//! `vectors.S` reaches all of it from SP_EL3, which always points at [`CoreBlock::rich`] while a
//! partition or a monitor thread runs: the critical context lies right below it, so that both are in
//! reach of `stp` (a signed 7-bit multiple of 8, Arm ARM, STP).

use core::mem::offset_of;

/// Registers of one slot of one core while it does not run.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Context {
    /// x0 to x30.
    pub gpr: [u64; 31],
    /// ELR_EL3: where it goes on.
    pub elr: u64,
    /// SPSR_EL3.
    pub spsr: u64,
    /// ICC_IGRPEN1_EL3 as it was when the slot was left; of the rich slot, bit 0 is Linux's own. With a GICv2, GICC_CTLR.
    pub igrpen: u64,
    /// SCR_EL3 for this slot.
    pub scr: u64,
    /// CPTR_EL3 for this slot: TFP set while the other slot's floating-point registers are loaded.
    pub cptr: u64,
    /// The registers of EL1 and EL0 that both worlds use, in the order of [`SYSTEM_REGISTERS`].
    pub system: [u64; SYSTEM_REGISTERS.len()],
    /// Two words that belong to the core: see [`CoreBlock`].
    pub spare: [u64; 2],
}

/// The registers that are not banked between the Security states (Arm ARM, Security states: EL1 and EL0
/// have one set; IHI 0069, ICC_PMR_EL1: it too, and IHI 0048, GICC_PMR, which takes its place with a GICv2), in
/// the order in which the switch saves them.
pub const SYSTEM_REGISTERS: [&str; 26] = [
    "sctlr_el1",
    "cpacr_el1",
    "ttbr0_el1",
    "ttbr1_el1",
    "tcr_el1",
    "mair_el1",
    "amair_el1",
    "vbar_el1",
    "contextidr_el1",
    "tpidr_el1",
    "tpidr_el0",
    "tpidrro_el0",
    "sp_el0",
    "sp_el1",
    "elr_el1",
    "spsr_el1",
    "esr_el1",
    "far_el1",
    "afsr0_el1",
    "afsr1_el1",
    "par_el1",
    "cntkctl_el1",
    "actlr_el1",
    "csselr_el1",
    "mdscr_el1",
    "icc_pmr_el1",
];

/// Index of a register in [`Context::system`].
pub const fn system_index(name: &str) -> usize {
    let mut index = 0;
    while index < SYSTEM_REGISTERS.len() {
        if same(SYSTEM_REGISTERS[index].as_bytes(), name.as_bytes()) {
            return index;
        }
        index += 1;
    }
    panic!("not a register of the switch")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// SIMD and floating-point registers.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct FloatingPoint {
    /// q0 to q31.
    pub q: [u128; 32],
    /// FPCR and FPSR.
    pub control: [u64; 2],
}

/// Registers that only AArch32 has, in the order in which the switch saves them: SPSR_abt, SPSR_und, SPSR_irq, SPSR_fiq,
/// DACR32_EL2, IFSR32_EL2, FPEXC32_EL2, SDER32_EL3. The others of AArch32 are those of AArch64 (Arm ARM, Mapping of
/// registers between the Execution states).
pub type Aarch32 = [u64; 8];

/// Time that the critical slot may run, in counter ticks. The vectors start a period at the first entry
/// after the last one ended, set the monitor's timer to what is left, and subtract what was used.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Budget {
    /// Counter value at which the period ends.
    pub end: u64,
    /// Left in it.
    pub left: u64,
    /// Ticks of a period.
    pub period: u64,
    /// Ticks that may be used in it.
    pub time: u64,
}

/// Values of [`CoreBlock::in_call`].
pub mod call {
    use cofferdam_core::route::UnderWay;

    /// No call.
    pub const NONE: u64 = UnderWay::None as u64;
    /// The rich slot waits for its answer.
    pub const CALLED: u64 = UnderWay::Called as u64;
    /// The caller is gone: the answer goes nowhere.
    pub const ORPHANED: u64 = UnderWay::Orphaned as u64;
}

/// All of one core. Only this core writes it.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct CoreBlock {
    /// The critical slot. `spare[0]`: counter ticks that it held the core.
    pub critical: Context,
    /// The rich slot. `spare[0]`: counter at the last switch, `spare[1]`: ticks that it held the core.
    pub rich: Context,
    /// SP for the handlers of this core.
    pub handler_stack: u64,
    /// What bounds the critical slot's time.
    pub budget: Budget,
    /// A cross call: none, under way, or under way for a caller that is gone ([`call`]).
    pub in_call: u64,
    /// Where the critical partition takes cross calls; 0 while it takes none.
    pub call_handler: u64,
    /// x0 to x7, ELR and SPSR of the critical slot's WFI during a cross call.
    pub call_kept: [u64; 10],
    /// What AArch32 alone has, of the slots, critical first. Switched where a partition of the system is in it.
    pub aarch32: [Aarch32; 2],
    /// Floating point of the slots, critical first, while the registers hold the other's.
    pub floating_point: [FloatingPoint; 2],
    /// Kept by the handlers.
    pub state: crate::event::CoreState,
}

/// Offsets from SP_EL3 that the vectors use.
pub mod offset {
    use super::*;

    /// The critical context.
    pub const CRITICAL: isize = -(size_of::<Context>() as isize);
    /// [`Context::elr`].
    pub const ELR: usize = offset_of!(Context, elr);
    /// [`Context::spsr`].
    pub const SPSR: usize = offset_of!(Context, spsr);
    /// [`Context::igrpen`].
    pub const IGRPEN: usize = offset_of!(Context, igrpen);
    /// [`Context::scr`].
    pub const SCR: usize = offset_of!(Context, scr);
    /// [`Context::system`].
    pub const SYSTEM: usize = offset_of!(Context, system);
    /// [`Context::spare`].
    pub const SPARE: usize = offset_of!(Context, spare);
    /// [`CoreBlock::handler_stack`].
    pub const HANDLER_STACK: usize =
        offset_of!(CoreBlock, handler_stack) - offset_of!(CoreBlock, rich);
    /// [`CoreBlock::rich`], from the start of the block.
    pub const RICH_IN_BLOCK: usize = offset_of!(CoreBlock, rich);
    /// Bytes from one core's block to the next.
    pub const BLOCK: usize = size_of::<CoreBlock>();
}

const _: () = {
    assert!(size_of::<Context>() == 512);
    assert!(
        offset::RICH_IN_BLOCK == 512,
        "the critical context ends at SP_EL3"
    );
    assert!(offset::ELR == 30 * 8 + 8, "x30 and ELR are saved as a pair");
    assert!(
        offset::SPSR + 8 == offset::IGRPEN,
        "SPSR and IGRPEN are a pair"
    );
    assert!(
        offset::SCR + 8 == offset_of!(Context, cptr),
        "SCR and CPTR are a pair"
    );
};
