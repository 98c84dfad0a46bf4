//! Calls of services and rings of channels, on their way from the vectors to what `sossl` generated.
//!
//! Runs with all of DAIF masked on the core's handler stack, with nothing of the caller saved but what the procedure
//! call standard lets a function change. So it returns to the same slot of the same partition, always.

use crate::context::{Context, CoreBlock};
use crate::monitor::Monitor;
use crate::platform::Platform;
use arm_sysregs::el0::accessors as el0;
use cofferdam_core::claim::{Memory, WordAddress};
use cofferdam_core::ids::Slot;
use cofferdam_core::service::{Place, Registers};
use core::mem::offset_of;
use core::ptr::with_exposed_provenance_mut;

/// Makes the symbols that `vectors.S` calls, of two functions that answer a slot's call: services, and rings. `false`, with nothing
/// changed, if it is none of theirs. They have a section of their own because the compiler does not take pieces
/// out of such functions to share them with others: that saves bytes and costs jumps.
#[macro_export]
macro_rules! fast_calls {
    ($service:expr, $ring:expr) => {
        $crate::fast_calls!(cofferdam_service_rich, Rich, $service);
        $crate::fast_calls!(cofferdam_service_critical, Critical, $service);
        $crate::fast_calls!(cofferdam_ring_rich, Rich, $ring);
        $crate::fast_calls!(cofferdam_ring_critical, Critical, $ring);
    };
    ($symbol:ident, $slot:ident, $answer:expr) => {
        #[unsafe(no_mangle)]
        #[unsafe(link_section = ".text.services")]
        unsafe extern "C" fn $symbol(context: *mut $crate::context::Context) -> bool {
            let slot = $crate::core_logic::ids::Slot::$slot;
            // SAFETY: called by the vectors only, with the context of this slot of the running core.
            unsafe { $crate::service::answer(&MONITOR, context, slot, $answer) }
        }
    };
}

/// Answers the call in the registers of a slot, by `answer`.
///
/// # Safety
///
/// `context` is that of this slot in the running core's block, with x0 to x17 of its partition saved in it.
#[inline(always)]
pub unsafe fn answer<P: Platform>(
    monitor: &Monitor<P>,
    context: *mut Context,
    slot: Slot,
    answer: impl FnOnce(&mut Registers, Place) -> bool,
) -> bool {
    let since = monitor.handler_begins();
    let offset = match slot {
        Slot::Critical => offset_of!(CoreBlock, critical),
        Slot::Rich => offset_of!(CoreBlock, rich),
    };
    // SAFETY: the context lies at this offset of its block.
    let block = unsafe { context.byte_sub(offset) }.cast::<CoreBlock>();
    // SAFETY: inside the block, which this core alone writes.
    let core = unsafe { &raw const (*block).state.core };
    // SAFETY: set before any partition ran.
    let core = unsafe { *core };
    // SAFETY: the caller's promise; handlers do not nest, so this is the only reference.
    let context = unsafe { &mut *context };
    let answered = match context.gpr.first_chunk_mut() {
        Some(registers) => answer(registers, Place::new(slot, core)),
        None => false,
    };
    if answered {
        monitor.handler_ends(core, slot, since, true);
    }
    answered
}

/// Memory of partitions as the monitor maps it: all of it, at its physical addresses.
#[derive(Debug)]
pub struct Mapped;

fn word(at: WordAddress) -> *mut u64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "addresses have 64 bits here"
    )]
    let address = at.get() as usize;
    with_exposed_provenance_mut(address)
}

impl Memory for Mapped {
    fn load(&self, at: WordAddress) -> u64 {
        // SAFETY: an aligned word of a partition's memory, which is mapped and which no reference of the monitor's is
        // ever to. The partition may write it at the same time: the load is volatile and its value only a number.
        unsafe { word(at).read_volatile() }
    }

    fn store(&self, at: WordAddress, value: u64) {
        // SAFETY: as above.
        unsafe { word(at).write_volatile(value) }
    }
}

/// The counter, for limits.
pub fn now() -> u64 {
    el0::read_cntpct_el0().bits()
}
