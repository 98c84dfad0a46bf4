//! Exceptions that the vectors do not finish themselves: what happened is read from the registers,
//! `core` decides, and the decision is carried out on this core's contexts.
//!
//! Runs with all of DAIF masked, on the handler stack of the core. Nothing here loops over anything
//! that a partition chooses.

mod bound;
mod call;
mod carry;
mod health;
#[cfg(feature = "inject-faults")]
mod inject;
mod migrate;

pub use bound::Suspended;
pub use carry::UNBOUNDED;
#[cfg(feature = "inject-faults")]
pub use inject::flipped;

use crate::context::{Context, CoreBlock};
use crate::gic::{Cause, Controller};
use crate::monitor::Monitor;
use crate::platform::Platform;
use crate::{floating_point, panic, register};
use arm_sysregs::el3::accessors as el3;
use cofferdam_core::ids::{CoreId, CoreSet, PartitionId, Slot};
use cofferdam_core::life::{Next, Power, Start};
use cofferdam_core::profile::Profiling;
use cofferdam_core::record::What;
use cofferdam_core::table::Fpu;

/// Which vector, as `vectors.S` says it.
pub mod kind {
    /// Synchronous, from a lower level.
    pub const SYNC: u64 = 0;
    /// FIQ that is not the critical partition's.
    pub const FIQ: u64 = 1;
    /// SError from a lower level.
    pub const SERROR: u64 = 2;
    /// Synchronous, from a monitor thread.
    pub const THREAD: u64 = 3;
}

/// Exception classes (Arm ARM, ESR_EL3, EC).
mod class {
    pub const UNKNOWN: u64 = 0x00;
    pub const WFI: u64 = 0x01;
    /// MCR or MRC of AArch32, coprocessor 15; from here to LDC or STC, without what is in between.
    pub const COPROCESSOR: u64 = 0x03;
    pub const COPROCESSOR_LAST: u64 = 0x06;
    pub const FP: u64 = 0x07;
    /// MRRC or MCRR of AArch32, coprocessor 14.
    pub const COPROCESSOR_14_PAIR: u64 = 0x0c;
    pub const SMC32: u64 = 0x13;
    pub const SMC64: u64 = 0x17;
    pub const SYSTEM_REGISTER: u64 = 0x18;
}

/// Of the exception that is handled.
fn class() -> u64 {
    el3::read_esr_el3().bits() >> 26 & 0x3f
}

/// What the handlers of one core keep.
#[derive(Debug)]
#[repr(C)]
pub struct CoreState {
    /// Parked by the vectors on the way in: first, so that its offset is plain.
    pub kind: u64,
    /// Which core this is.
    pub core: CoreId,
    /// Whose floating-point registers are loaded (lazy switching).
    pub floating_point: Slot,
    /// Where the rich slot goes on after a standby, while EL3 waits in its stead.
    pub standby: Option<Waiting>,
    /// The critical partition spent its budget.
    pub suspended: Option<Suspended>,
    /// Where the critical partition takes cross calls when it can; 0 if nowhere.
    pub handler: u64,
    /// Counter when this core last looked at itself.
    pub looked_at: u64,
}

/// Where a waiting slot goes on: behind its call.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    elr: u64,
    spsr: u64,
    /// Whether its interrupts were on at the interface; they are for as long as it waits.
    interrupts: bool,
}

/// How the vectors go on (x0 of the handlers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Leave {
    /// With the context that came in.
    Same = 0,
    /// In the other slot.
    Other = 1,
    /// In this slot, with all of its context loaded afresh.
    Afresh = 2,
}

/// One exception, on one core.
pub struct Event<'a, P: Platform> {
    monitor: &'static Monitor<P>,
    block: &'a mut CoreBlock,
    slot: Slot,
    leave: Leave,
}

impl<'a, P: Platform> Event<'a, P> {
    /// Handles an exception that came while `slot` ran.
    pub fn handle(
        monitor: &'static Monitor<P>,
        block: &'a mut CoreBlock,
        slot: Slot,
        kind: u64,
    ) -> Leave {
        let since = monitor.handler_begins();
        let mut event = Self {
            monitor,
            block,
            slot,
            leave: Leave::Same,
        };
        let is_call = P::PROFILING != Profiling::None
            && kind == kind::SYNC
            && matches!(class(), class::SMC64 | class::SMC32);
        match kind {
            kind::FIQ => event.fiq(),
            kind::SYNC => event.synchronous(),
            kind::THREAD => event.thread_call(),
            _ => event.external_abort(),
        }
        monitor.handler_ends(event.core(), slot, since, is_call);
        event.leave
    }

    fn core(&self) -> CoreId {
        self.block.state.core
    }

    fn context(&mut self, slot: Slot) -> &mut Context {
        match slot {
            Slot::Critical => &mut self.block.critical,
            Slot::Rich => &mut self.block.rich,
        }
    }

    fn partition(&self, slot: Slot) -> Option<PartitionId> {
        self.monitor.system().occupant(self.core(), slot)
    }

    /// The first contents of both slots. Says whether the critical one has something to run.
    pub fn set_up(monitor: &'static Monitor<P>, block: &'a mut CoreBlock) -> bool {
        block.budget = UNBOUNDED;
        let core = block.state.core;
        let mut event = Self {
            monitor,
            block,
            slot: Slot::Rich,
            leave: Leave::Same,
        };
        event.vacate(Slot::Rich);
        event.clear(Slot::Critical);
        event.leave = Leave::Same;
        for slot in [Slot::Critical, Slot::Rich] {
            let Some(id) = event.partition(slot) else {
                continue;
            };
            if monitor
                .system()
                .partition(id)
                .is_some_and(|table| table.boot == core)
            {
                let outcome = monitor.life(|life| life.launch(id));
                event.slot = slot;
                event.carry_out(slot, outcome);
            }
        }
        event.slot == Slot::Critical || event.critical_waits(core)
    }

    fn critical_waits(&self, core: CoreId) -> bool {
        self.partition(Slot::Critical).is_some_and(|id| {
            let table = self.monitor.system().partition(id);
            table.is_some_and(|table| table.boot == core)
        })
    }

    /// Whether the critical partition turned this core on.
    fn critical_runs(&self, core: CoreId) -> bool {
        let power = |id| self.monitor.life(|life| life.power(id, core));
        self.partition(Slot::Critical).and_then(power) == Some(Power::On)
    }

    // --- interrupts ---

    fn fiq(&mut self) {
        match self.monitor.gic().acknowledge() {
            Cause::Called => self.called(),
            Cause::Rich => self.wake(),
            Cause::Tick => self.tick(),
            Cause::Other(id) if self.monitor.hooked(id) => {}
            Cause::Other(_) => self.bound_reached(),
            Cause::Spurious => {}
        }
    }

    /// Another core, or this one, changed the state of a partition in one of our slots.
    fn called(&mut self) {
        let core = self.core();
        panic::stop_if_ended();
        if P::CHECKS.health.is_some() && self.look_at_core() {
            // One look is as long as a handler may be; the call may have been for a partition as well.
            return self.monitor.call_cores(CoreSet::one(core));
        }
        for slot in [Slot::Critical, Slot::Rich] {
            if let Some(partition) = self.partition(slot) {
                let outcome = self.monitor.life(|life| life.signalled(partition, core));
                match (slot, outcome.next, P::migration()) {
                    // A move alone turns another core of its on.
                    (Slot::Critical, Next::Start(_), Some(migration)) => self.arrive(migration),
                    _ => self.carry_out(slot, outcome),
                }
            }
            // The way out serves one new context; the other slot is looked at when the call comes again.
            if self.leave != Leave::Same {
                return self.monitor.call_cores(CoreSet::one(core));
            }
        }
        if let Some(migration) = P::migration() {
            self.leave_core(migration);
        }
    }

    /// An interrupt of the rich side ends its standby.
    fn wake(&mut self) {
        if let Some(waiting) = self.block.state.standby.take() {
            self.block.rich.elr = waiting.elr;
            self.block.rich.spsr = waiting.spsr;
            self.block.rich.scr &= !P::Gic::WAKE_SCR;
            self.block.rich.gpr[0] = 0;
            if !waiting.interrupts {
                self.monitor.gic().hide_rich();
            }
        }
    }

    // --- synchronous exceptions ---

    fn synchronous(&mut self) {
        match class() {
            class::SMC64 | class::SMC32 => self.call(),
            class::FP => self.floating_point_trap(),
            class::WFI if self.slot == Slot::Critical => self.wait(),
            // Not trapped, but in a positive control: the monitor waits in the partition's stead.
            class::WFI if cfg!(feature = "weaken-idle") => {
                self.block.rich.elr += 4;
                self.stand_by();
            }
            class::SYSTEM_REGISTER => self.undefined(),
            class::COPROCESSOR..=class::COPROCESSOR_LAST | class::COPROCESSOR_14_PAIR
                if P::AARCH32 =>
            {
                self.undefined();
            }
            // A partition in AArch32 named a register of Monitor mode.
            class::UNKNOWN
                if P::AARCH32 && self.context(self.slot).spsr & register::SPSR_AARCH32 != 0 =>
            {
                self.undefined();
            }
            _ => self.external_abort(),
        }
    }

    /// Floating point is trapped: its registers hold the other slot's, or are another partition's for good.
    fn floating_point_trap(&mut self) {
        match self.monitor.system().fpu {
            Fpu::Exclusive(owner) if self.partition(self.slot) != Some(owner) => self.undefined(),
            _ => self.switch_floating_point(),
        }
    }

    /// Where floating point is one partition's own, a monitor thread in another slot may have borrowed it:
    /// its owner gets it back before the slot's partition starts.
    fn return_floating_point(&mut self, slot: Slot) {
        if let Fpu::Exclusive(owner) = self.monitor.system().fpu
            && self.partition(slot) != Some(owner)
            && self.block.state.floating_point == slot
        {
            self.give_floating_point(slot, slot.other());
        }
    }

    /// Whether the registers hold this slot's floating point now.
    fn floating_point_loaded(&self, slot: Slot) -> bool {
        match self.monitor.system().fpu {
            Fpu::Eager => slot == self.slot,
            _ => slot == self.block.state.floating_point,
        }
    }

    /// The other slot's floating-point registers are loaded: swap them.
    fn switch_floating_point(&mut self) {
        let slot = self.slot;
        self.give_floating_point(slot.other(), slot);
    }

    fn give_floating_point(&mut self, from: Slot, to: Slot) {
        self.context(to).cptr &= !register::CPTR_TFP;
        self.context(from).cptr |= register::CPTR_TFP;
        floating_point::swap(&mut self.block.floating_point, from, to);
        self.block.state.floating_point = to;
    }

    /// The instruction does not exist for this partition: it takes an undefined instruction exception at
    /// the level that ran it, or the one that serves EL0 (Arm ARM, HCR_EL2, TGE).
    fn undefined(&mut self) {
        let slot = self.slot;
        if register::inject_undefined::<P>(self.context(slot)).is_err() {
            self.external_abort();
        }
    }

    /// An abort or SError that came to EL3 is the critical partition's (SCR_EL3.EA is 0 in the other
    /// world); whatever else has no handler here counts as a crash of who ran.
    fn external_abort(&mut self) {
        let slot = self.slot;
        let Some(partition) = self.partition(slot) else {
            return;
        };
        let Some(table) = self.monitor.system().partition(partition) else {
            return;
        };
        self.end(
            slot,
            What::Crashed,
            el3::read_esr_el3().bits(),
            table.on_crash,
        );
    }

    /// A monitor thread is done: x0 says with what.
    fn thread_call(&mut self) {
        let slot = self.slot;
        match class() {
            class::SMC64 => {}
            // CPTR_EL3 traps EL3 too: digests are computed in the floating-point registers.
            class::FP => return self.switch_floating_point(),
            _ => crate::panic::thread_fault(self.monitor, self.context(slot)),
        }
        let [result, entry, argument, ..] = self.context(slot).gpr;
        let Some(partition) = self.partition(slot) else {
            return;
        };
        let start = (result == 0).then_some(Start { entry, argument });
        let outcome = self.monitor.life(|life| life.loaded(partition, start));
        if outcome.next == Next::Idle {
            self.monitor
                .record(What::LoadFailed, self.core(), Some(partition), result);
        }
        self.carry_out(slot, outcome);
    }
}
