//! The user's own code at interrupts of the monitor's and at switches.
//!
//! It runs with all of DAIF masked, on the core's handler stack, which ends at a page that is not mapped. It is given what its
//! arguments say and nothing else of the monitor's; that a switch calls it at all is the vectors' (`observe` in `switch.S`).

use crate::gic::Controller as _;
use crate::monitor::Monitor;
use crate::platform::Platform;
use crate::register;
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::Error;
use cofferdam_core::bucket::Limit;
use cofferdam_core::hook::{Device, Gate};
use cofferdam_core::profile::{Profiling, Times};
use cofferdam_core::record::What;
use core::ptr::NonNull;
use safe_mmio::UniqueMmioPointer;
use safe_mmio::fields::ReadWrite;

/// A hook: what it may take, and what it took.
#[derive(Debug)]
pub struct Hook {
    budget: u32,
    times: Times,
}

impl Hook {
    /// Not called yet.
    pub const fn new(budget: u32) -> Self {
        Self {
            budget,
            times: Times::new(),
        }
    }

    /// Calls the handler, and counts what it took where that is wanted.
    #[inline(always)]
    pub fn call<P: Platform>(&self, handler: impl FnOnce()) {
        if P::PROFILING == Profiling::None {
            return handler();
        }
        let since = el0::read_cntpct_el0().bits();
        handler();
        let now = el0::read_cntpct_el0().bits();
        self.times
            .add(now.saturating_sub(since), Profiling::Counters);
    }
}

/// A hook at an interrupt.
#[derive(Debug)]
pub struct Interrupt {
    gate: Gate,
    run: fn(),
}

impl Interrupt {
    /// It has not come yet. `run` calls the handler.
    pub const fn new(limit: Limit, run: fn()) -> Self {
        Self {
            gate: Gate::new(limit),
            run,
        }
    }
}

/// The registers of a device, from the board's description.
#[derive(Debug)]
pub struct Registers {
    start: u64,
    size: u64,
}

impl Registers {
    /// Of a device of the description, which no partition has.
    pub const fn new(start: u64, size: u64) -> Self {
        Self { start, size }
    }

    fn word(&self, offset: u64) -> Option<UniqueMmioPointer<'_, ReadWrite<u32>>> {
        let inside = offset.is_multiple_of(4) && offset.checked_add(4)? <= self.size;
        let address = NonNull::new((self.start + offset) as *mut ReadWrite<u32>)?;
        // SAFETY: the description names the device here, the tables map it as one, and the word is inside.
        inside.then(|| unsafe { UniqueMmioPointer::new(address) })
    }
}

impl Device for Registers {
    fn read(&self, offset: u64) -> Option<u32> {
        Some(self.word(offset)?.read())
    }

    fn write(&mut self, offset: u64, value: u32) -> Option<()> {
        self.word(offset)?.write(value);
        Some(())
    }
}

impl<P: Platform> Monitor<P> {
    /// Makes the interrupts of hooks the monitor's own. Before any core lets one come.
    pub(crate) fn own_hooked(&self) {
        if P::interrupts().is_empty() {
            return;
        }
        // On others no description has hooks of interrupts.
        if let Some(gic) = self.gic().watched() {
            let system = self.system();
            let hooked = system.hooked.iter();
            hooked.for_each(|hooked| gic.own_shared(system, *hooked));
        }
    }

    /// Handles an interrupt, if one of the hooks has it. One that came too often is held back until the next
    /// look ([`Self::release`]).
    #[inline(always)]
    pub(crate) fn hooked(&self, id: u32) -> bool {
        let mut hooked = self.system().hooked.iter().zip(P::interrupts());
        let Some((hooked, interrupt)) = hooked.find(|(hooked, _)| hooked.interrupt == id) else {
            return false;
        };
        if interrupt.gate.pass(el0::read_cntpct_el0().bits()) {
            (interrupt.run)();
        } else {
            self.let_come(id, false);
            register::dsb();
            interrupt.gate.close();
            self.record(What::Held, hooked.core, None, id.into());
        }
        true
    }

    /// Lets interrupts that were held back come again.
    #[inline(always)]
    pub(crate) fn release(&self) {
        for (hooked, interrupt) in self.system().hooked.iter().zip(P::interrupts()) {
            if interrupt.gate.open() {
                self.let_come(hooked.interrupt, true);
            }
        }
    }

    fn let_come(&self, id: u32, come: bool) {
        // On others no description has hooks of interrupts.
        if let Some(gic) = self.gic().watched() {
            gic.let_come(id, come);
        }
    }

    /// A hook's page of [`cofferdam_abi::call::Call::Hook`].
    pub(crate) fn hook_page(&self, number: u64) -> Result<[u64; 7], Error> {
        if P::PROFILING == Profiling::None {
            return Err(Error::NotSupported);
        }
        let hook = usize::try_from(number)
            .ok()
            .and_then(|number| P::hooks().get(number));
        let hook = hook.ok_or(Error::InvalidParameter)?;
        let (calls, longest) = hook.times.summary();
        Ok([calls, longest, hook.budget.into(), 0, 0, 0, 0])
    }
}
