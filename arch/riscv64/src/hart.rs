//! A hart: its two slots, whose registers it holds, and the exchange of one for the other.
//!
//! A critical partition that shares its hart is in one slot, the rich one in the other. What S-mode can write is exchanged
//! completely: registers, CSRs, floating point, what is pending, PMP. Floating point is saved whatever `sstatus.FS`
//! says and always restored: S-mode writes FS itself, and Linux's kernel runs with Off over registers that are live
//! (decision 0013).

use crate::clint::Clint;
use crate::context::{Context, NEVER};
use crate::csr;
use crate::supervisor::{Delegated, Optional, Supervisor};
use crate::{floating_point, pmp};
use cofferdam_core::ids::{CoreId, MAX_CORES, Slot};
use core::cell::UnsafeCell;

/// One hart's state, which only it reaches.
#[derive(Debug)]
#[repr(C)]
pub struct Hart {
    /// The stack while the monitor runs, and the one for its faults.
    pub(crate) stack: u64,
    pub(crate) fatal: u64,
    /// Its index.
    pub(crate) core: u64,
    /// What the short paths of `trap.S` need.
    pub(crate) quick: Quick,
    /// Whether rules for partitions bind M-mode, too (Smepmp): in handlers that reach Rust, and in threads, there are none.
    pub(crate) is_bound: bool,
    /// Whose registers it holds.
    loaded: Slot,
    /// What there is to save on this one.
    has: Optional,
    /// Whether its critical partition shares it and has external interrupts (`external.rs`).
    passes_external_on: bool,
    /// The threshold of the rich one's context, while the critical slot is loaded.
    pub(crate) threshold: u32,
    contexts: [Context; 2],
    /// When it was loaded.
    since: u64,
    /// Where a store-conditional drops a reservation.
    scratch: u64,
}

/// What of a hart is looked up once: its number in hardware, whether two partitions have it, where its timer is and what that
/// is to be set to.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Quick {
    pub(crate) id: u64,
    pub(crate) shared: bool,
    /// Whether S-mode's timer is stimecmp (Sstc).
    pub(crate) has_timer: bool,
    /// MTIME and the hart's MTIMECMP.
    pub(crate) clock: u64,
    pub(crate) compare: u64,
    /// When the timer is to fire for others than the loaded slot's partition.
    pub(crate) others: u64,
}

impl Quick {
    const NONE: Self = Self {
        id: 0,
        shared: false,
        has_timer: false,
        clock: 0,
        compare: 0,
        others: 0,
    };

    pub(crate) const fn new(id: u64, shared: bool, clint: Clint) -> Self {
        Self {
            id,
            shared,
            has_timer: false,
            clock: clint.time(),
            compare: clint.compare(id),
            others: 0,
        }
    }
}

impl Hart {
    const NEW: Self = Self {
        stack: 0,
        fatal: 0,
        core: 0,
        quick: Quick::NONE,
        is_bound: false,
        loaded: Slot::Rich,
        has: Optional::NONE,
        passes_external_on: false,
        threshold: 0,
        contexts: [Context::NEW; 2],
        since: 0,
        scratch: 0,
    };

    /// Its index in the table of harts.
    pub fn core(&self) -> CoreId {
        // `start.S` counts to `MAX_CORES`.
        CoreId(u8::try_from(self.core).unwrap_or(u8::MAX))
    }

    /// Whose registers it holds.
    pub fn loaded(&self) -> Slot {
        self.loaded
    }

    /// Whether M-mode's external interrupts are its critical partition's.
    pub fn passes_external_on(&self) -> bool {
        self.passes_external_on
    }

    /// Makes them so.
    pub fn pass_external_on(&mut self) {
        self.passes_external_on = true;
    }

    /// What a slot holds.
    pub fn slot(&mut self, slot: Slot) -> &mut Context {
        let [critical, rich] = &mut self.contexts;
        match slot {
            Slot::Critical => critical,
            Slot::Rich => rich,
        }
    }

    /// What the slot holds whose registers are loaded.
    pub fn current(&mut self) -> &mut Context {
        self.slot(self.loaded)
    }

    /// Begins with the registers of a slot, in which nothing has run yet. `delegated`: to the slots.
    pub fn begin(&mut self, slot: Slot, has: Optional, delegated: [Delegated; 2]) {
        let at = core::ptr::from_mut(self).expose_provenance() as u64;
        for (context, delegated) in self.contexts.iter_mut().zip(delegated) {
            context.set_hart(at);
            context.supervisor = Supervisor::new(delegated);
        }
        (self.loaded, self.has) = (slot, has);
        self.load();
    }

    /// Ends the time of the loaded slot; answers how long it was.
    pub fn end_turn(&mut self, now: u64) -> u64 {
        now.saturating_sub(core::mem::replace(&mut self.since, now))
    }

    /// Puts the registers of the loaded slot aside and loads those of `to`. `image`: what it can reach.
    #[inline]
    pub fn exchange(&mut self, to: Slot, image: &pmp::Image) {
        let has = self.has;
        let context = self.current();
        context.supervisor.save(has);
        if has.timer {
            // The monitor looks after it meanwhile.
            context.timer = context.supervisor.timer;
        }
        if has.floating_point {
            floating_point::save(&mut context.floating_point);
        }
        self.loaded = to;
        csr::load_partition_rules(image);
        self.load();
    }

    fn load(&mut self) {
        let has = self.has;
        let context = self.current();
        context.supervisor.load(has);
        if has.timer {
            context.timer = NEVER;
        }
        if has.floating_point && !cfg!(feature = "weaken-switch") {
            floating_point::load(&context.floating_point);
        }
        csr::drop_reservation(&mut self.scratch);
        // PMP and satp are others now (Supervisor Memory-Management Fence Instruction).
        csr::fence_translations();
    }

    /// The loaded slot is as before its partition's first instruction.
    pub fn clear(&mut self) {
        let has = self.has;
        let context = self.current();
        let delegated = context.supervisor.delegated();
        context.clear();
        context.supervisor = Supervisor::new(delegated);
        context.supervisor.load(has);
        if has.floating_point {
            floating_point::load(&context.floating_point);
        }
        csr::fence_translations();
        csr::fence_instructions();
    }

    /// Makes interrupts of a slot pending, loaded or not.
    pub fn raise(&mut self, slot: Slot, interrupts: u64) {
        if slot == self.loaded {
            csr::set_pending(interrupts);
        } else {
            self.slot(slot).supervisor.pending |= interrupts;
        }
    }

    /// Whether a slot that waits has an interrupt that it enabled, whatever its SIE says (WFI).
    pub fn is_due(&mut self, slot: Slot) -> bool {
        if slot == self.loaded {
            return csr::pending() & csr::enabled() & csr::SUPERVISOR != 0;
        }
        let passed_on = match slot {
            Slot::Critical if self.passes_external_on && csr::pending() & csr::MEI != 0 => csr::SEI,
            _ => 0,
        };
        let supervisor = &self.slot(slot).supervisor;
        (supervisor.pending | passed_on) & supervisor.enabled() != 0
    }
}

/// All harts, by their index.
#[derive(Debug)]
#[repr(transparent)]
pub struct Harts {
    _all: UnsafeCell<[Hart; MAX_CORES]>,
}

// SAFETY: only the assembly reaches them, each hart its own, of which it makes one reference at a time.
unsafe impl Sync for Harts {}

impl Harts {
    /// Before any hart started.
    pub const fn new() -> Self {
        Self {
            _all: UnsafeCell::new([Hart::NEW; _]),
        }
    }
}

impl Default for Harts {
    fn default() -> Self {
        Self::new()
    }
}
