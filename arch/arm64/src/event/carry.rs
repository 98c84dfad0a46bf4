//! Carries decisions out: what a slot of this core holds from now on.

use super::{Event, Leave, Waiting};
use crate::context::{Budget, call, system_index};
use crate::gic::Controller as _;
use crate::platform::Platform;
use crate::{entry, floating_point, register, thread};
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::Error;
use cofferdam_core::ids::Slot;
use cofferdam_core::life::{Next, Outcome, Start};
use cofferdam_core::record::What;
use cofferdam_core::table::{Entry, Partition, Policy};

/// Longer than any system runs, and small enough to be added to a counter value.
const FOREVER: u64 = 1 << 62;

impl<P: Platform> Event<'_, P> {
    /// The partition in a slot of this core ends, as the policy says.
    pub(super) fn end(&mut self, slot: Slot, what: What, data: u64, policy: Policy) {
        let core = self.core();
        let Some(partition) = self.partition(slot) else {
            return;
        };
        self.monitor.record(what, core, Some(partition), data);
        self.monitor.drop_requests(partition);
        let outcome = self.monitor.life(|life| life.end(partition, core, policy));
        self.carry_out(slot, outcome);
    }

    pub(super) fn stand_by(&mut self) {
        self.block.state.standby = Some(Waiting {
            elr: self.block.rich.elr,
            spsr: self.block.rich.spsr,
            interrupts: self.monitor.gic().shows_rich(),
        });
        self.block.rich.elr = thread::idle_address();
        self.block.rich.spsr = register::SPSR_THREAD & !P::Gic::WAKE_SPSR | register::THREAD_MASK;
        self.block.rich.scr |= P::Gic::WAKE_SCR;
        self.monitor.gic().show_rich();
    }

    pub(super) fn carry_out(&mut self, slot: Slot, outcome: Outcome) {
        if outcome.safe_state {
            P::safe_state();
        }
        self.monitor.call_cores(outcome.signal);
        match outcome.next {
            Next::Resume => {}
            Next::Idle => self.vacate(slot),
            Next::Load => self.load(slot),
            Next::Start(start) => self.start(slot, start),
        }
    }

    /// The state in which a slot's partition is entered.
    pub(super) fn entry(&self, slot: Slot) -> Entry {
        let table = self
            .partition(slot)
            .and_then(|id| self.monitor.system().partition(id));
        table.map_or(Entry::PLAIN, |table| table.entry)
    }

    /// Nothing of a partition is left in the slot, in memory or in registers.
    pub(super) fn clear(&mut self, slot: Slot) {
        let gic = self.monitor.gic();
        let in_call = self.block.in_call == call::CALLED;
        match slot {
            Slot::Critical => {
                // The timer first: it is given back as it was lent, and then reset with the rest.
                if let Some(suspended) = self.block.state.suspended.take() {
                    gic.return_secure_timer(self.core(), suspended.lent);
                }
                register::reset_critical(gic, self.monitor.system(), self.core());
                self.block.state.handler = 0;
                self.block.call_handler = 0;
                self.block.in_call = call::NONE;
                if in_call {
                    self.block.rich.gpr[0] = (Error::Busy as i64).cast_unsigned();
                }
            }
            Slot::Rich => {
                if in_call && !cfg!(feature = "weaken-restart") {
                    self.block.in_call = call::ORPHANED;
                }
                self.block.state.standby = None;
                gic.silence_private(self.core());
                if self.slot == Slot::Rich {
                    gic.hide_rich();
                }
                register::reset_rich(gic, self.entry(Slot::Rich));
            }
        }
        if P::AARCH32 {
            let [critical, rich] = &mut self.block.aarch32;
            *match slot {
                Slot::Critical => critical,
                Slot::Rich => rich,
            } = [0; _];
        }
        let loaded = self.floating_point_loaded(slot);
        floating_point::zero(&mut self.block.floating_point, slot, loaded);
        self.return_floating_point(slot);
    }

    pub(super) fn vacate(&mut self, slot: Slot) {
        self.clear(slot);
        match slot {
            Slot::Rich => self.thread(slot, thread::idle_address(), 0),
            // The rich slot has the core now.
            Slot::Critical if self.slot == Slot::Critical => self.leave = Leave::Other,
            Slot::Critical => {}
        }
    }

    fn load(&mut self, slot: Slot) {
        self.clear(slot);
        if slot == Slot::Critical {
            self.block.budget = UNBOUNDED;
        }
        if let Some(partition) = self.partition(slot) {
            if let Some(migration) = P::migration() {
                self.forget_move(migration, slot, partition);
            }
            self.thread(slot, thread::load_address(), u64::from(partition.0));
            self.context(slot).spsr |= register::THREAD_MASK;
        }
    }

    /// Puts a monitor thread into the slot.
    fn thread(&mut self, slot: Slot, entry: u64, argument: u64) {
        let stack = self.monitor.thread_stack(self.core(), slot);
        let state = self.entry(slot);
        let context = self.context(slot);
        let start = Start { entry, argument };
        register::fresh::<P::Gic>(context, slot, state, start);
        context.spsr = register::SPSR_THREAD;
        context.system[const { system_index("sp_el0") }] = stack;
        context.system[const { system_index("icc_pmr_el1") }] = 0xff;
        self.enter(slot);
    }

    fn start(&mut self, slot: Slot, start: Start) {
        self.clear(slot);
        let Some(partition) = self.partition(slot) else {
            return;
        };
        let Some(table) = self.monitor.system().partition(partition) else {
            return;
        };
        if slot == Slot::Critical {
            // With its first core: the private interrupts of the others, too.
            if self.core() == table.boot {
                let gic = self.monitor.gic();
                gic.claim(self.monitor.system(), table);
            }
            self.block.budget = budget(table);
        }
        self.monitor.started(self.core(), partition, table);
        let context = self.context(slot);
        register::fresh::<P::Gic>(context, slot, table.entry, start);
        if slot == Slot::Rich {
            self.block.rich.scr = entry::scr(register::SCR_STARTED, table.entry);
        }
        self.enter(slot);
        if slot == Slot::Critical && self.leave == Leave::Afresh {
            // On the way from the other slot the vectors do this.
            self.renew(el0::read_cntpct_el0().bits());
        }
    }

    /// The slot's context is new: it runs now if the slot has the core, or if it is the critical one.
    pub(super) fn enter(&mut self, slot: Slot) {
        if slot == self.slot {
            self.leave = Leave::Afresh;
        } else if slot == Slot::Critical {
            self.leave = Leave::Other;
        }
    }
}

/// No bound.
pub const UNBOUNDED: Budget = Budget {
    end: 0,
    left: FOREVER,
    period: 0,
    time: FOREVER,
};

/// What bounds a critical partition at a stretch: its budget in each period, or the time after which it
/// counts as hung, looked at whenever it runs that long without a break.
fn budget(table: &Partition) -> Budget {
    let (time, period) = match (table.budget, table.on_hang) {
        (Some(budget), _) => (budget.time, budget.period),
        (None, Some(hang)) => (hang.after, 0),
        (None, None) => return UNBOUNDED,
    };
    Budget {
        end: 0,
        left: time,
        period,
        time,
    }
}
