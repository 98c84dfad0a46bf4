//! Which slot has the hart: the critical one whenever it has something to do. The exchange of the two, and their timers.

use crate::context::{Context, NEVER, State};
use crate::counter;
use crate::csr;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use cofferdam_core::ids::Slot;

impl<P: Platform> Monitor<P> {
    /// Serves what is asked, exchanges the slots if need be, and sleeps until a slot has something to run.
    pub(crate) fn go_on<'a>(&self, hart: &'a mut Hart) -> &'a Context {
        loop {
            self.serve(hart);
            let slot = self.next_slot(hart);
            if slot != hart.loaded() {
                self.switch(hart, slot);
                // What was asked of it meanwhile is served first.
                continue;
            }
            match hart.current().state {
                State::Runs => {
                    self.pass_external_on(hart);
                    return hart.current();
                }
                State::Begins(start) => self.start(hart, start),
                // Others serve their fences at once, but nobody's timer waits for that.
                State::Fences(_) => cofferdam_lock::pause(),
                State::Empty | State::Waits(_) => {
                    self.pass_external_on(hart);
                    csr::wait();
                }
            }
            self.look(hart);
        }
    }

    /// The slot that the hart is for now. One that waited for what has come runs again.
    fn next_slot(&self, hart: &mut Hart) -> Slot {
        let Some(other) = self.other(hart) else {
            self.wake(hart, hart.loaded());
            return hart.loaded();
        };
        for slot in [other, hart.loaded()] {
            self.wake(hart, slot);
        }
        match hart.slot(Slot::Critical).state {
            State::Runs | State::Begins(_) | State::Fences(_) => Slot::Critical,
            State::Empty | State::Waits(_) => Slot::Rich,
        }
    }

    /// The slot of a shared hart that is not loaded.
    fn other(&self, hart: &Hart) -> Option<Slot> {
        let it = self.configuration.system.cores.get(hart.core().index())?;
        let other = match hart.loaded() {
            Slot::Critical => Slot::Rich,
            Slot::Rich => Slot::Critical,
        };
        it.critical.and(it.rich).map(|_| other)
    }

    /// A slot whose wait is over has something to do.
    fn wake(&self, hart: &mut Hart, slot: Slot) {
        let state = match &hart.slot(slot).state {
            State::Waits(then) => then.map_or(State::Runs, State::Begins),
            State::Fences(tickets) if self.are_done(slot, tickets) => {
                hart.slot(slot).state = State::Runs;
                return;
            }
            _ => return,
        };
        if hart.is_due(slot) {
            if let Some(remote) = self.remote(hart.core(), slot) {
                remote.set_suspended(false);
            }
            hart.slot(slot).state = state;
        }
    }

    /// Loads a slot.
    #[inline]
    pub(crate) fn switch(&self, hart: &mut Hart, to: Slot) {
        let Some(image) = self.image(hart, to) else {
            return;
        };
        let now = self.configuration.hardware.clint.now();
        if let Some(remote) = self.remote(hart.core(), hart.loaded()) {
            remote.add_held(hart.end_turn(now));
        }
        self.gate_external(hart, to);
        hart.exchange(to, image);
        self.set_loaded(hart.core(), to);
        self.look_at(hart, now);
    }

    /// Looks at what an interrupt would say, while the monitor itself waits.
    fn look(&self, hart: &mut Hart) {
        if csr::pending() & csr::MSI != 0 {
            self.take_back_signal(hart);
        }
        if csr::pending() & csr::MTI != 0 {
            self.look_at(hart, self.configuration.hardware.clint.now());
        }
    }

    /// Timers that are due become interrupts; the hart's own is set to the next one. While the critical slot is loaded
    /// that of the rich one waits: it would take time from it for nothing.
    pub(crate) fn look_at(&self, hart: &mut Hart, now: u64) {
        let mut next = NEVER;
        for slot in [Slot::Critical, Slot::Rich] {
            if slot == Slot::Rich && hart.loaded() == Slot::Critical {
                break;
            }
            let timer = hart.slot(slot).timer;
            if timer <= now {
                hart.slot(slot).timer = NEVER;
                hart.raise(slot, csr::STI);
            } else {
                next = next.min(timer);
            }
        }
        next = next.min(self.watch(hart.core(), now));
        let id = self.hart_id(hart.core());
        self.configuration.hardware.clint.set_timer(id, next);
    }

    /// Sets the timer of the partition that runs.
    pub(crate) fn set_timer(&self, hart: &mut Hart, at: u64) {
        csr::clear_pending(csr::STI);
        hart.current().timer = at;
        self.look_at(hart, self.configuration.hardware.clint.now());
    }

    /// An illegal instruction of a partition: a WFI that gives the hart away, a read of `time` on a hart without, or the
    /// partition's own affair.
    pub(crate) fn illegal(&self, hart: &mut Hart) {
        let value = csr::trap_value();
        let context = hart.current();
        if value == csr::WAIT && csr::is_from_supervisor(context.status) {
            context.pc = context.pc.wrapping_add(4);
            context.state = State::Waits(None);
            // Other harts of an emulator had none of this turn.
            cofferdam_lock::pause();
            return;
        }
        if let Some(register) = counter::time_read(value)
            && may_read_time(context.status)
        {
            context.set_register(register, self.configuration.hardware.clint.now());
            context.pc = context.pc.wrapping_add(4);
            return;
        }
        context.reflect(csr::ILLEGAL, value);
    }

    /// The hart and whose slot is loaded.
    pub(crate) fn here(&self, hart: &Hart) -> Option<Here> {
        let (core, slot) = (hart.core(), hart.loaded());
        let it = self.configuration.system.cores.get(core.index())?;
        let id = self.configuration.system.occupant(core, slot)?;
        Some(Here {
            core,
            hart: it.hardware_id,
            shared: it.critical.is_some() && it.rich.is_some(),
            id,
            slot,
            partition: self.configuration.system.partition(id)?,
        })
    }
}

/// Whether the mode of a trap with this mstatus may read `time`: S-mode always, U-mode as S-mode says (scounteren).
fn may_read_time(status: u64) -> bool {
    csr::is_from_supervisor(status) || csr::supervisor_counters() & csr::TIME != 0
}
