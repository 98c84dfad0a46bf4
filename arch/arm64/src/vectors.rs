//! The assembly: vectors, world switch and start-up, with the offsets that the compiler knows.

use crate::context::offset;
use crate::event::{CoreState, kind};
use crate::platform::Vectors;
use crate::{context, gic, mmu, psci, stack};
use cofferdam_abi::call::CROSS_CALL;
use cofferdam_core::ids::MAX_CORES;
use core::arch::global_asm;
use core::mem::offset_of;

unsafe extern "C" {
    fn cofferdam_enter_critical_lazy();
    fn cofferdam_enter_critical_eager();
    fn cofferdam_enter_critical_lazy_services();
    fn cofferdam_enter_critical_eager_services();
    fn cofferdam_enter_rich_lazy();
    fn cofferdam_enter_rich_eager();
    fn cofferdam_enter_rich_lazy_services();
    fn cofferdam_enter_rich_eager_services();
    fn vectors_rich_lazy();
    fn vectors_rich_eager();
    fn vectors_rich_lazy_services();
    fn vectors_rich_eager_services();
}

/// Floating point is switched at its first use (lazy, exclusive).
pub static LAZY: Vectors = Vectors {
    table: vectors_rich_lazy,
    critical: cofferdam_enter_critical_lazy,
    rich: cofferdam_enter_rich_lazy,
};

/// Floating point is switched with everything else.
pub static EAGER: Vectors = Vectors {
    table: vectors_rich_eager,
    critical: cofferdam_enter_critical_eager,
    rich: cofferdam_enter_rich_eager,
};

/// [`LAZY`], with a path to services.
pub static LAZY_SERVICES: Vectors = Vectors {
    table: vectors_rich_lazy_services,
    critical: cofferdam_enter_critical_lazy_services,
    rich: cofferdam_enter_rich_lazy_services,
};

/// [`EAGER`], with a path to services.
pub static EAGER_SERVICES: Vectors = Vectors {
    table: vectors_rich_eager_services,
    critical: cofferdam_enter_critical_eager_services,
    rich: cofferdam_enter_rich_eager_services,
};

const RICH: usize = offset_of!(context::CoreBlock, rich);
const FP: usize = offset_of!(context::CoreBlock, floating_point) - RICH;

global_asm!(
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
    // Bits of ICC_IGRPEN1_EL3 that stay while the critical slot runs: Group 1 Secure.
    SHOWN = const if cfg!(feature = "weaken-hiding") { 3 } else { 2 },
    BUDGET = const offset_of!(context::CoreBlock, budget) - RICH,
    IN_CALL = const offset_of!(context::CoreBlock, in_call) - RICH,
    CALL_HANDLER = const offset_of!(context::CoreBlock, call_handler) - RICH,
    CALL_KEPT = const offset_of!(context::CoreBlock, call_kept) - RICH,
    CALLED = const context::call::CALLED,
    PSCI_VERSION = const psci::function::PSCI_VERSION,
    PSCI_1_1 = const psci::PSCI_VERSION,
    // Bits of a call for the critical partition. In a positive control, one too few.
    CROSS_CALL = const CROSS_CALL & !((cfg!(feature = "weaken-decode") as u32) << 28),
    EAGER = const !cfg!(feature = "weaken-fp") as u8,
    CALLERS_TIME = const !cfg!(feature = "weaken-budget") as u8,
    HANDLER_DONE = const cofferdam_abi::call::Call::HandlerDone.function_id(),
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
    SGI = const gic::SGI,
);
