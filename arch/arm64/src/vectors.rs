//! The assembly: vectors, world switch and start-up, with the offsets that the compiler knows.

use crate::context::offset;
use crate::event::{CoreState, kind};
use crate::{context, gic, mmu, psci, stack};
use cofferdam_abi::call::{CROSS_CALL, Call};
use cofferdam_core::ids::{MAX_CORES, Slot};
use core::arch::global_asm;
use core::mem::offset_of;

// The linker gives these names to one of the variants that `vectors.S` makes, as `sossl` says it: the others are not
// linked.
unsafe extern "C" {
    fn cofferdam_table();
    fn cofferdam_to_critical();
    fn cofferdam_to_rich();
}

/// The table for the rich slot, which serves the monitor's own faults from its first step on.
pub fn table() -> u64 {
    cofferdam_table as *const () as u64
}

/// Where the world switch loads a slot and runs it.
pub const fn entry(slot: Slot) -> unsafe extern "C" fn() {
    match slot {
        Slot::Critical => cofferdam_to_critical,
        Slot::Rich => cofferdam_to_rich,
    }
}

const RICH: usize = offset_of!(context::CoreBlock, rich);
const AARCH32: usize = offset_of!(context::CoreBlock, aarch32) - RICH;
const FP: usize = offset_of!(context::CoreBlock, floating_point) - RICH;

global_asm!(
    include_str!("switch.S"),
    include_str!("gic/v3.S"),
    include_str!("gic/v2.S"),
    include_str!("vectors.S"),
    CRITICAL = const offset::CRITICAL,
    ELR = const offset::ELR,
    SPSR = const offset::SPSR,
    IGRPEN = const offset::IGRPEN,
    SCR = const offset::SCR,
    SYSTEM = const offset::SYSTEM,
    SPARE = const offset::SPARE,
    HANDLER_STACK = const offset::HANDLER_STACK,
    RICH_IN_BLOCK = const offset::RICH_IN_BLOCK,
    // Bits of ICC_IGRPEN1_EL3 that stay while the critical slot runs: Group 1 Secure. With a GICv2, bits of
    // GICC_CTLR: Group 0.
    SHOWN = const if cfg!(feature = "weaken-hiding") { 3 } else { 2 },
    SHOWN_GICV2 = const if cfg!(feature = "weaken-hiding") { 3 } else { 1 },
    SGI = const gic::SGI,
    BUDGET = const offset_of!(context::CoreBlock, budget) - RICH,
    IN_CALL = const offset_of!(context::CoreBlock, in_call) - RICH,
    CALL_HANDLER = const offset_of!(context::CoreBlock, call_handler) - RICH,
    CALL_KEPT = const offset_of!(context::CoreBlock, call_kept) - RICH,
    CALLED = const context::call::CALLED,
    PSCI_VERSION = const psci::function::PSCI_VERSION,
    PSCI_1_1 = const psci::PSCI_VERSION,
    // Bits of a call for the critical partition. In a positive control, one too few.
    CROSS_CALL = const CROSS_CALL & !((cfg!(feature = "weaken-decode") as u32) << 28),
    SWITCHED = const !cfg!(feature = "weaken-registers") as u8,
    EAGER = const !cfg!(feature = "weaken-fp") as u8,
    CALLERS_TIME = const !cfg!(feature = "weaken-budget") as u8,
    HANDLER_DONE = const Call::HandlerDone.function_id(),
    CHANNEL_RING = const Call::ChannelRing.function_id(),
    AARCH32_CRITICAL = const AARCH32,
    AARCH32_RICH = const AARCH32 + size_of::<context::Aarch32>(),
    KIND = const offset_of!(context::CoreBlock, state) + offset_of!(CoreState, kind) - RICH,
    FP_CRITICAL = const FP,
    FP_RICH = const FP + size_of::<context::FloatingPoint>(),
    KIND_SYNC = const kind::SYNC,
    KIND_FIQ = const kind::FIQ,
    KIND_SERROR = const kind::SERROR,
    KIND_THREAD = const kind::THREAD,
);

global_asm!(
    include_str!("start.S"),
    SCTLR_OFF = const mmu::SCTLR_OFF,
    SCTLR_ON = const mmu::SCTLR_ON,
    MAIR = const mmu::MAIR,
    TCR = const mmu::TCR,
    AFFINITY_MASK = const 0xff_00ff_ffff_u64,
    CORES = const MAX_CORES,
    STACKS_OF_CORE = const stack::OF_CORE,
    STACK = const stack::HANDLER_TOP,
);
