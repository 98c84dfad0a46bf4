//! What `features: profiling` counts. The vectors of a system that has it say when a slot is left and when the other one
//! is loaded; the handlers, what they took. A system without it has nothing of this.

use crate::context::CoreBlock;
use crate::monitor::Monitor;
use crate::platform::Platform;
use crate::register;
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::Error;
use cofferdam_core::hook::Switch;
use cofferdam_core::ids::{CoreId, Slot};
use cofferdam_core::profile::{Counters, Profiling};

/// Makes the symbols that the `observe` of `vectors.S` calls. A section of their own keeps the compiler from taking
/// pieces out of them.
#[macro_export]
macro_rules! observed {
    () => {
        $crate::observed! {
            cofferdam_before_critical: before_switch Critical,
            cofferdam_before_rich: before_switch Rich,
            cofferdam_after_critical: after_switch Critical,
            cofferdam_after_rich: after_switch Rich,
        }
    };
    ($($name:ident: $when:ident $slot:ident,)+) => {
        $(
            #[unsafe(no_mangle)]
            #[unsafe(link_section = ".text.observed")]
            unsafe extern "C" fn $name(block: *const $crate::context::CoreBlock) {
                let slot = $crate::core_logic::ids::Slot::$slot;
                // SAFETY: called by the vectors only, with the running core's block.
                unsafe { MONITOR.$when(block, slot) }
            }
        )+
    };
}

fn now() -> u64 {
    el0::read_cntpct_el0().bits()
}

/// Of a running core's block.
///
/// # Safety
///
/// `block` is the running core's own.
unsafe fn core_of(block: *const CoreBlock) -> CoreId {
    // SAFETY: inside the block.
    let core = unsafe { &raw const (*block).state.core };
    // SAFETY: set before any partition ran.
    unsafe { *core }
}

impl<P: Platform> Monitor<P> {
    fn counters(&self, core: CoreId, slot: Slot) -> Option<&'static Counters> {
        if P::PROFILING == Profiling::None {
            return None;
        }
        let core = self.profiles().get(core.index())?;
        Some(core.slot(slot))
    }

    /// Comes from the vectors: a slot is left for the other one. All its registers are saved.
    ///
    /// # Safety
    ///
    /// `block` is the running core's own.
    #[inline(always)]
    pub unsafe fn before_switch(&self, block: *const CoreBlock, from: Slot) {
        // SAFETY: the caller's promise.
        let core = unsafe { core_of(block) };
        if let Some(counters) = self.counters(core, from) {
            counters.left(now());
        }
        P::before_switch(Switch {
            core,
            to: from.other(),
        });
    }

    /// Comes from the vectors: a slot runs next, after the other one or afresh. Its system registers are loaded.
    ///
    /// # Safety
    ///
    /// `block` is the running core's own.
    #[inline(always)]
    pub unsafe fn after_switch(&self, block: *const CoreBlock, to: Slot) {
        // SAFETY: the caller's promise.
        let core = unsafe { core_of(block) };
        if let Some(counters) = self.counters(core, to) {
            let now = now();
            let away = counters.entered(now);
            if to == Slot::Critical {
                if let Some(late) = register::secure_timer().late(now) {
                    counters.delayed(late, P::PROFILING);
                }
            } else if let Some(away) = away {
                counters.delayed(away, P::PROFILING);
                counters.stole(away);
            }
        }
        P::after_switch(Switch { core, to });
    }

    /// The counter, where a handler's time is counted.
    #[inline(always)]
    pub fn handler_begins(&self) -> u64 {
        match P::PROFILING {
            Profiling::None => 0,
            Profiling::Counters | Profiling::Histograms => now(),
        }
    }

    /// A handler is done: it answered a call of this slot, or took the core from it for something else.
    #[inline(always)]
    pub fn handler_ends(&self, core: CoreId, slot: Slot, since: u64, is_call: bool) {
        if let Some(counters) = self.counters(core, slot) {
            let ticks = now().saturating_sub(since);
            if is_call {
                counters.called(ticks, P::PROFILING);
            } else {
                counters.stole(ticks);
            }
        }
    }

    /// One page of what is counted.
    pub(crate) fn profile_page(
        &self,
        core: CoreId,
        slot: Slot,
        page: u64,
    ) -> Result<[u64; 7], Error> {
        let counters = self.counters(core, slot).ok_or(Error::NotSupported)?;
        let spread = P::PROFILING == Profiling::Histograms;
        match page {
            2 => Ok(counters.page()),
            3 | 4 if spread => Ok(counters.delays.buckets(if page == 3 { 0 } else { 7 })),
            5 | 6 if spread => Ok(counters.calls.buckets(if page == 5 { 0 } else { 7 })),
            3..=6 => Err(Error::NotSupported),
            _ => Err(Error::InvalidParameter),
        }
    }
}
