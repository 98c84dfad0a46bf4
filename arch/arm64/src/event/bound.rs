//! The critical slot's bounds: a budget per period, and hangs.
//!
//! While the critical slot runs, the EL2 physical timer (Group 0) is set to what is left of its budget; it
//! is off while the rich side, which can reach it, runs. A partition that spent its budget sleeps until
//! its period ends. That is timed by its own Secure physical timer, lent to Group 0 for the while: no
//! timer that Linux could touch decides when a critical partition goes on.

use super::{Event, Leave};
use crate::context::call;
use crate::gic::{Controller as _, Lent};
use crate::platform::Platform;
use crate::register::{self, SecureTimer};
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::Error;
use cofferdam_core::ids::Slot;
use cofferdam_core::life::Run;
use cofferdam_core::record::What;

/// A critical partition that waits for its next period: what is given back to it then.
#[derive(Clone, Copy, Debug)]
pub struct Suspended {
    timer: SecureTimer,
    pub(super) lent: Lent,
}

impl<P: Platform> Event<'_, P> {
    /// The timer that bounds the critical slot fired.
    pub(super) fn bound_reached(&mut self) {
        if cfg!(feature = "weaken-timer") {
            return register::relax();
        }
        register::stop_monitor_timer();
        // In the rich slot nobody but the rich side can have set it.
        if self.slot != Slot::Critical {
            return;
        }
        let core = self.core();
        let now = el0::read_cntpct_el0().bits();
        let Some(partition) = self.partition(Slot::Critical) else {
            return;
        };
        let Some(table) = self.monitor.system().partition(partition) else {
            return;
        };
        // Set before the partition ended: nothing bounds its load.
        if self.monitor.life(|life| life.run(partition)) != Run::Running {
            return;
        }
        if let (true, Some(hang)) = (self.monitor.is_silent(partition, now), table.on_hang) {
            return self.end(Slot::Critical, What::Hung, 0, hang.policy);
        }
        if table.budget.is_none() {
            // A long stretch, but with signs of life: look again when the last one is too old.
            let left = self
                .monitor
                .silence_left(partition, now)
                .unwrap_or(u64::MAX >> 2);
            return register::set_monitor_timer(now + left);
        }
        if self.block.in_call == call::CALLED {
            return self.bound_call(now);
        }
        if now >= self.block.budget.end {
            return self.renew(now);
        }
        self.monitor
            .record(What::BudgetSpent, core, Some(partition), 0);
        self.monitor.budget_spent(partition);
        self.suspend();
    }

    /// A cross call runs in its caller's time, so that no caller spends a partition's budget: it may take a whole one of
    /// its own. Then its caller is told that the partition is busy, and goes on.
    fn bound_call(&mut self, now: u64) {
        let end = self.block.rich.spare[0] + self.block.budget.time;
        if now < end && !cfg!(feature = "weaken-budget") {
            return register::set_monitor_timer(end);
        }
        self.block.in_call = call::ORPHANED;
        self.block.rich.gpr[0] = (Error::Busy as i64).cast_unsigned();
        self.suspend();
    }

    /// A new period starts while the slot has the core.
    pub(super) fn renew(&mut self, now: u64) {
        let budget = &mut self.block.budget;
        budget.end = now + budget.period;
        // The vectors subtract all that was used since the last switch.
        budget.left = budget.time + (now - self.block.rich.spare[0]);
        register::set_monitor_timer(now + budget.time);
    }

    fn suspend(&mut self) {
        let Some(lent) = self.monitor.gic().lend_secure_timer(self.core()) else {
            return;
        };
        self.block.state.suspended = Some(Suspended {
            timer: register::secure_timer(),
            lent,
        });
        self.block.call_handler = 0;
        register::set_secure_timer(self.block.budget.end, true);
        self.leave = Leave::Other;
    }

    /// The lent timer fired: the partition's period is over, it goes on where it was.
    pub(super) fn tick(&mut self) {
        let core = self.core();
        let Some(suspended) = self.block.state.suspended.take() else {
            // Not lent: the timer is the monitor's where no critical partition is.
            if self.partition(Slot::Critical).is_none() {
                self.monitor.tick(core);
            }
            return;
        };
        register::restore_secure_timer(suspended.timer);
        self.monitor.gic().return_secure_timer(core, suspended.lent);
        if self.block.in_call == call::NONE {
            self.block.call_handler = self.block.state.handler;
        }
        if self.slot == Slot::Rich {
            self.leave = Leave::Other;
        }
    }
}
