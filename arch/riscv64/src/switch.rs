//! Which slot has the hart: the critical one whenever it has something to do. The exchange of the two, and their timers.

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
                State::Runs => {
                    self.pass_external_on(hart);
                    self.permit(hart);
                    return hart.current();
                }
                State::Begins(start) => self.wake_up(hart, start),
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
        if !hart.quick.shared {
            self.wake(hart, hart.loaded());
            return hart.loaded();
        }
        self.wake(hart, Slot::Critical);
        match hart.slot(Slot::Critical).state {
            State::Runs | State::Begins(_) | State::Fences(_) => Slot::Critical,
            State::Empty | State::Waits(_) => {
                self.wake(hart, Slot::Rich);
                Slot::Rich
            }
        }
    }

    /// A slot whose wait is over has something to do.
    fn wake(&self, hart: &mut Hart, slot: Slot) {
        // Not a copy of the state, which is large: this is on the way out of every trap.
        match hart.slot(slot).state {
            State::Waits(then) => {
                if hart.is_due(slot) {
                    self.end_wait(hart, slot, then);
                }
            }
            State::Fences(ref tickets) => {
                if self.are_done(slot, tickets) {
                    hart.slot(slot).state = State::Runs;
                }
            }
            State::Empty | State::Runs | State::Begins(_) => {}
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
        let mut others = self.watch(hart.core(), now);
        if hart.loaded() == Slot::Rich {
            others = others.min(expire(hart, Slot::Critical, now));
        }
        let own = expire(hart, hart.loaded(), now);
        hart.quick.others = others;
        let (clint, id) = (self.configuration.hardware.clint, hart.quick.id);
        clint.set_timer(id, own.min(others));
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
