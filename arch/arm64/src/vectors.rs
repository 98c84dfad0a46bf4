//! The assembly: vectors, world switch and start-up, with the offsets that the compiler knows.

use crate::context::offset;
use crate::event::{CoreState, kind};
use crate::platform::Vectors;
use crate::{context, gic, mmu, psci, stack};
use cofferdam_abi::call::{CROSS_CALL, Call};
use cofferdam_core::ids::MAX_CORES;
use core::arch::global_asm;
use core::mem::offset_of;

/// Declares the vectors of one controller and one policy: what `vectors.S` makes under these names.
macro_rules! vectors {
    ($(#[$doc:meta])* $name:ident: $table:ident, $critical:ident, $rich:ident) => {
        unsafe extern "C" {
            fn $table();
            fn $critical();
            fn $rich();
        }

        $(#[$doc])*
        pub static $name: Vectors = Vectors {
            table: $table,
            critical: $critical,
            rich: $rich,
        };
    };
}

vectors! {
    /// GICv3; floating point is switched at its first use (lazy, exclusive).
    LAZY_GICV3: vectors_rich_lazy, cofferdam_enter_critical_lazy, cofferdam_enter_rich_lazy
}
vectors! {
    /// GICv3; floating point is switched with everything else.
    EAGER_GICV3: vectors_rich_eager, cofferdam_enter_critical_eager, cofferdam_enter_rich_eager
}
vectors! {
    /// GICv3; floating point is switched at its first use (lazy, exclusive); with a path to services and rings.
    LAZY_SERVICES_GICV3: vectors_rich_lazy_services, cofferdam_enter_critical_lazy_services, cofferdam_enter_rich_lazy_services
}
vectors! {
    /// GICv3; floating point is switched with everything else; with a path to services and rings.
    EAGER_SERVICES_GICV3: vectors_rich_eager_services, cofferdam_enter_critical_eager_services, cofferdam_enter_rich_eager_services
}
vectors! {
    /// GICv2; floating point is switched at its first use (lazy, exclusive).
    LAZY_GICV2: vectors_rich_lazy_gicv2, cofferdam_enter_critical_lazy_gicv2, cofferdam_enter_rich_lazy_gicv2
}
vectors! {
    /// GICv2; floating point is switched with everything else.
    EAGER_GICV2: vectors_rich_eager_gicv2, cofferdam_enter_critical_eager_gicv2, cofferdam_enter_rich_eager_gicv2
}
vectors! {
    /// GICv2; floating point is switched at its first use (lazy, exclusive); with a path to services and rings.
    LAZY_SERVICES_GICV2: vectors_rich_lazy_services_gicv2, cofferdam_enter_critical_lazy_services_gicv2, cofferdam_enter_rich_lazy_services_gicv2
}
vectors! {
    /// GICv2; floating point is switched with everything else; with a path to services and rings.
    EAGER_SERVICES_GICV2: vectors_rich_eager_services_gicv2, cofferdam_enter_critical_eager_services_gicv2, cofferdam_enter_rich_eager_services_gicv2
}

vectors! {
    /// [`LAZY_GICV3`] for a system with a partition in AArch32.
    LAZY_AARCH32_GICV3: vectors_rich_lazy_aarch32, cofferdam_enter_critical_lazy_aarch32, cofferdam_enter_rich_lazy_aarch32
}
vectors! {
    /// [`LAZY_SERVICES_GICV3`] for a system with a partition in AArch32.
    LAZY_SERVICES_AARCH32_GICV3: vectors_rich_lazy_services_aarch32, cofferdam_enter_critical_lazy_services_aarch32, cofferdam_enter_rich_lazy_services_aarch32
}
vectors! {
    /// [`EAGER_GICV3`] for a system with a partition in AArch32.
    EAGER_AARCH32_GICV3: vectors_rich_eager_aarch32, cofferdam_enter_critical_eager_aarch32, cofferdam_enter_rich_eager_aarch32
}
vectors! {
    /// [`EAGER_SERVICES_GICV3`] for a system with a partition in AArch32.
    EAGER_SERVICES_AARCH32_GICV3: vectors_rich_eager_services_aarch32, cofferdam_enter_critical_eager_services_aarch32, cofferdam_enter_rich_eager_services_aarch32
}
vectors! {
    /// [`LAZY_GICV2`] for a system with a partition in AArch32.
    LAZY_AARCH32_GICV2: vectors_rich_lazy_aarch32_gicv2, cofferdam_enter_critical_lazy_aarch32_gicv2, cofferdam_enter_rich_lazy_aarch32_gicv2
}
vectors! {
    /// [`LAZY_SERVICES_GICV2`] for a system with a partition in AArch32.
    LAZY_SERVICES_AARCH32_GICV2: vectors_rich_lazy_services_aarch32_gicv2, cofferdam_enter_critical_lazy_services_aarch32_gicv2, cofferdam_enter_rich_lazy_services_aarch32_gicv2
}
vectors! {
    /// [`EAGER_GICV2`] for a system with a partition in AArch32.
    EAGER_AARCH32_GICV2: vectors_rich_eager_aarch32_gicv2, cofferdam_enter_critical_eager_aarch32_gicv2, cofferdam_enter_rich_eager_aarch32_gicv2
}
vectors! {
    /// [`EAGER_SERVICES_GICV2`] for a system with a partition in AArch32.
    EAGER_SERVICES_AARCH32_GICV2: vectors_rich_eager_services_aarch32_gicv2, cofferdam_enter_critical_eager_services_aarch32_gicv2, cofferdam_enter_rich_eager_services_aarch32_gicv2
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
