//! Which slot has the hart: the critical one whenever it has something to do. The exchange of the two, and their timers.
//!
//! What comes with every tick of a critical partition, `switch.S` does by itself, and finds in the hart what is prepared here
//! ([`Monitor::look_at`]).

use crate::context::{Context, NEVER, State};
use crate::counter;
use crate::csr;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor, withdraw};
use crate::platform::Platform;
use cofferdam_core::ids::Slot;

/// The timer of a slot becomes an interrupt if it is due. Answers when it is, if it is not.
fn expire(hart: &mut Hart, slot: Slot, now: u64) -> u64 {
    let timer = hart.slot(slot).timer;
    if timer > now {
        return timer;
    }
    hart.slot(slot).timer = NEVER;
    hart.raise(slot, csr::STI);
    NEVER
}

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
                State::Runs | State::Loads => {
                    self.make_external(hart);
                    self.permit(hart);
                    return hart.current();
                }
                State::Begins(start) => self.wake_up(hart, start),
                // Others serve their fences at once, but nobody's timer waits for that.
                State::Fences(_) => cofferdam_lock::pause(),
                State::Empty | State::Waits | State::WaitsToBegin(_) => {
                    self.make_external(hart);
                    csr::wait();
                }
            }
            self.look(hart);
        }
    }

    /// The slot that the hart is for now. One that waited for what has come runs again.
    fn next_slot(&self, hart: &mut Hart) -> Slot {
        if !hart.quick.shared {
            self.wake(hart, hart.loaded());
            return hart.loaded();
        }
        self.wake(hart, Slot::Critical);
        match hart.slot(Slot::Critical).state {
            State::Runs | State::Loads | State::Begins(_) | State::Fences(_) => Slot::Critical,
            State::Empty | State::Waits | State::WaitsToBegin(_) => {
                self.wake(hart, Slot::Rich);
                Slot::Rich
            }
        }
    }

    /// A slot whose wait is over has something to do.
    fn wake(&self, hart: &mut Hart, slot: Slot) {
        // Not a copy of the state, which is large: this is on the way out of every trap.
        match hart.slot(slot).state {
            State::Waits | State::WaitsToBegin(_) => {
                if hart.is_due(slot) {
                    self.end_wait(hart, slot);
                }
            }
            State::Fences(ref tickets) => {
                if self.are_done(slot, tickets) {
                    hart.slot(slot).state = State::Runs;
                }
            }
            State::Empty | State::Runs | State::Loads | State::Begins(_) => {}
        }
    }

    /// Loads a slot.
    pub(crate) fn switch(&self, hart: &mut Hart, to: Slot) {
        let now = self.configuration.hardware.clint.now();
        hart.exchange(to, now);
        withdraw(hart);
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
        self.watch(hart, now);
        let mut others = hart.quick.watch;
        hart.quick.sleeper = 0;
        if hart.loaded() == Slot::Rich {
            let critical = expire(hart, Slot::Critical, now);
            if critical < others && !hart.quick.has_more && self.sleeps(hart) {
                hart.quick.sleeper = hart.at(Slot::Critical);
            }
            others = others.min(critical);
        }
        let own = expire(hart, hart.loaded(), now);
        hart.quick.others = others;
        let (clint, id) = (self.configuration.hardware.clint, hart.quick.id);
        clint.set_timer(id, own.min(others));
    }

    /// Whether the critical slot, which is not loaded, waits for its timer by a WFI: nothing else is to be done when that comes.
    fn sleeps(&self, hart: &mut Hart) -> bool {
        let remote = self.remote(hart.core(), Slot::Critical);
        let critical = hart.slot(Slot::Critical);
        matches!(critical.state, State::Waits)
            && critical.supervisor.enabled() & csr::STI != 0
            && remote.is_some_and(|remote| !remote.is_suspended())
    }

    /// An illegal instruction of a partition: a WFI that gives the hart away, a read of `time` on a hart without, or the
    /// partition's own affair.
    pub(crate) fn illegal(&self, hart: &mut Hart) {
        let value = csr::trap_value();
        let context = hart.current();
        if value == csr::WAIT && csr::is_from_supervisor(context.status) {
            context.pc = context.pc.wrapping_add(4);
            context.state = State::Waits;
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
