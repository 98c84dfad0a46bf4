//! A hart: its two slots, whose registers it holds, and the exchange of one for the other.
//!
//! A critical partition that shares its hart is in one slot, the rich one in the other. What S-mode can write is exchanged
//! completely: registers, CSRs, floating point, what is pending, PMP. Floating point is saved whatever `sstatus.FS`
//! says and always restored: S-mode writes FS itself, and Linux's kernel runs with Off over registers that are live
//! (decision 0013). The exchange is `switch.S`'s, on the way through Rust and on those without.

use crate::clint::Clint;
use crate::context::{Context, NEVER};
use crate::plic::{Plic, Register};
use crate::remote::{Loaded, Remote};
use crate::supervisor::{Delegated, Optional, Supervisor};
use crate::{csr, floating_point, pmp};
use cofferdam_core::ids::{CoreId, MAX_CORES, Slot};
use cofferdam_core::service;
use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, offset_of, size_of};

/// One hart's state, which only it reaches.
#[derive(Debug)]
#[repr(C)]
pub struct Hart {
    /// Where a store-conditional drops a reservation.
    pub(crate) scratch: u64,
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
    pub(crate) loaded: Slot,
    /// What there is to save on this one.
    has: Optional,
    /// When the slot was loaded.
    pub(crate) since: u64,
    /// What is last has no offset for the assembly's instructions.
    contexts: [Context; 2],
}

/// What there is to exchange on a hart beyond what all have, as bits. Floating point is the sign.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Kinds(u64);

impl Kinds {
    const FLOATING_POINT: u64 = 1 << 63;
    /// senvcfg.
    pub(crate) const ENVIRONMENT: u64 = 1;
    /// PMP entries of which `pmpcfg0` does not tell.
    pub(crate) const WIDE: u64 = 1 << 1;
    /// External interrupts of a critical partition that shares it (`external.rs`).
    pub(crate) const EXTERNAL: u64 = 1 << 2;
    /// Doorbells of its rich partition (`doorbell.rs`). `switch.S` does not look.
    const DOORBELLS: u64 = 1 << 3;
}

/// What of a hart is looked up once: its number in hardware, whether two partitions have it, where its timer is and what that
/// is to be set to. And what `switch.S` needs.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Quick {
    pub(crate) id: u64,
    pub(crate) shared: bool,
    /// Whether S-mode's timer is stimecmp (Sstc).
    pub(crate) has_timer: bool,
    /// Whether there is more to exchange than `switch.S` knows: registers of Sstc or H.
    pub(crate) has_more: bool,
    /// MTIME and the hart's MTIMECMP.
    pub(crate) clock: u64,
    pub(crate) compare: u64,
    /// When the timer is to fire for others than the loaded slot's partition.
    pub(crate) others: u64,
    /// When the watchdog looks.
    pub(crate) watch: u64,
    /// The context that the timer of `others` wakes, if it does nothing else; or 0.
    pub(crate) sleeper: u64,
    /// What says to other harts which slot is loaded.
    pub(crate) published: u64,
    pub(crate) kinds: Kinds,
    /// The threshold of the rich one's context in the interrupt controller, what lets nothing through, and what it is while the
    /// critical slot is loaded.
    pub(crate) gate: u64,
    pub(crate) priorities: u32,
    pub(crate) threshold: u32,
}

/// What goes with a slot for good.
pub(crate) struct Place {
    pub(crate) delegated: Delegated,
    pub(crate) remote: &'static Remote,
    pub(crate) image: &'static pmp::Image,
}

impl Quick {
    const NONE: Self = Self {
        id: 0,
        shared: false,
        has_timer: false,
        has_more: false,
        clock: 0,
        compare: 0,
        others: 0,
        watch: NEVER,
        sleeper: 0,
        published: 0,
        kinds: Kinds(0),
        gate: 0,
        priorities: 0,
        threshold: 0,
    };

    pub(crate) fn new(id: u64, shared: bool, clint: Clint, published: &'static Loaded) -> Self {
        Self {
            id,
            shared,
            clock: clint.time(),
            compare: clint.compare(id),
            published: core::ptr::from_ref(published).expose_provenance() as u64,
            ..Self::NONE
        }
    }
}

impl Hart {
    /// Address of a slot's context.
    pub(crate) fn at(&mut self, slot: Slot) -> u64 {
        core::ptr::from_mut(self.slot(slot)).expose_provenance() as u64
    }

    /// Where a slot's context is in it.
    pub(crate) const fn context(slot: Slot) -> usize {
        offset_of!(Self, contexts) + slot as usize * size_of::<Context>()
    }

    /// Its index in the table of harts.
    pub fn core(&self) -> CoreId {
        // `start.S` counts to `MAX_CORES`.
        CoreId(u8::try_from(self.core).unwrap_or(u8::MAX))
    }

    /// Where a call of the loaded slot comes from. `start.S` counts the harts: one byte says which.
    pub(crate) fn place(&self) -> service::Place {
        let [core, ..] = self.core.to_le_bytes();
        service::Place::new(self.loaded, CoreId(core))
    }

    /// Whose registers it holds.
    pub fn loaded(&self) -> Slot {
        self.loaded
    }

    /// Whether M-mode's external interrupts are its critical partition's.
    pub fn passes_external_on(&self) -> bool {
        self.quick.kinds.0 & Kinds::EXTERNAL != 0
    }

    /// Makes them so.
    pub fn pass_external_on(&mut self, plic: Plic) {
        self.quick.kinds.0 |= Kinds::EXTERNAL;
        let context = plic.supervisor_context(self.core());
        self.quick.gate = plic.address(Register::Threshold(context));
        self.quick.priorities = plic.priorities;
    }

    /// Whether external interrupts of one of its slots are the monitor's to make.
    pub fn makes_external(&self) -> bool {
        self.quick.kinds.0 & (Kinds::EXTERNAL | Kinds::DOORBELLS) != 0
    }

    /// Whether its rich partition has doorbells.
    pub fn has_doorbells(&self) -> bool {
        self.quick.kinds.0 & Kinds::DOORBELLS != 0
    }

    /// Gives it some.
    pub fn give_doorbells(&mut self) {
        self.quick.kinds.0 |= Kinds::DOORBELLS;
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

    /// Begins with the registers of a slot, in which nothing has run yet. `slots`: what each takes itself, what it is asked
    /// and what it can reach.
    pub(crate) fn begin(&mut self, slot: Slot, has: Optional, slots: [Place; 2]) {
        let at = core::ptr::from_mut(self).expose_provenance() as u64;
        for (context, place) in self.contexts.iter_mut().zip(slots) {
            *context = Context::NEW;
            context.place(at, place.remote, place.image);
            context.supervisor = Supervisor::new(place.delegated);
            if place.image.used > 8 {
                self.quick.kinds.0 |= Kinds::WIDE;
            }
        }
        for (is, kind) in [
            (has.floating_point, Kinds::FLOATING_POINT),
            (has.environment, Kinds::ENVIRONMENT),
        ] {
            self.quick.kinds.0 |= if is { kind } else { 0 };
        }
        (self.loaded, self.has) = (slot, has);
        self.clear();
    }

    /// Puts the registers of the loaded slot aside and loads those of `to`: all that there are on this hart.
    pub fn exchange(&mut self, to: Slot, now: u64) {
        unsafe extern "C" {
            fn cofferdam_exchange();
        }
        let has = self.has;
        let context = self.current();
        context.supervisor.save_more(has);
        if has.timer {
            // The monitor looks after it meanwhile.
            context.timer = context.supervisor.timer;
        }
        let pending = self.slot(to).supervisor.pending;
        let [from, to_context] = [self.loaded, to].map(|slot| self.at(slot));
        // SAFETY: both contexts are this hart's, which tp is always. The monitor has no floating point of its own, and its memory stays within reach.
        unsafe {
            asm!(
                "call {exchange}",
                exchange = sym cofferdam_exchange,
                in("a0") pending,
                in("t1") now,
                in("t2") to_context,
                in("t3") from,
                clobber_abi("C"),
            );
        }
        self.loaded = to;
        let context = self.current();
        context.supervisor.load_more(has);
        if has.timer {
            context.timer = NEVER;
        }
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
            floating_point::clear();
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
            Slot::Critical if self.passes_external_on() && csr::pending() & csr::MEI != 0 => {
                csr::SEI
            }
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
    /// Before any hart started: zeros, which take no room in the image. Each has its own filled by `Hart::begin`.
    pub const fn new() -> Self {
        // SAFETY: zeros are numbers, `false`, and the first of each enumeration.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

impl Default for Harts {
    fn default() -> Self {
        Self::new()
    }
}
