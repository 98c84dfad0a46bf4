//! The monitor's side of what harts ask of each other (`remote.rs`): who asks, and who serves it on the way out of a trap.

use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::remote::{self, Remote, Tickets};
use crate::{csr, panic};
use cofferdam_core::ids::{CoreId, CoreSet, MAX_CORES, Slot};

impl<P: Platform> Monitor<P> {
    pub(crate) fn take_back_signal(&self, hart: &Hart) {
        let id = self.hart_id(hart.core());
        self.configuration.hardware.clint.signal(id, false);
    }

    /// Does what other harts ask of the loaded slot. What they ask of the critical one loads it, what they ask of the
    /// rich one can wait. On the way out of every trap that reaches Rust: what is asked after that calls again.
    pub(crate) fn serve(&self, hart: &mut Hart) {
        let core = hart.core();
        if hart.loaded() == Slot::Rich
            && self
                .remote(core, Slot::Critical)
                .is_some_and(Remote::is_posted)
        {
            self.switch(hart, Slot::Critical);
        }
        let Some(remote) = self.remote(core, hart.loaded()) else {
            return;
        };
        remote.serve_fences(fence);
        if !remote.is_posted() {
            return;
        }
        let asked = remote.take();
        if asked & remote::HALT != 0 {
            panic::halt();
        }
        if asked & remote::INTERRUPT != 0 {
            csr::set_pending(csr::SSI);
            self.rouse(hart);
        }
        if asked & remote::LIFE != 0
            && let Some(here) = self.here(hart)
        {
            let outcome = self.life.with(|life| life.signalled(here.id, core));
            self.carry_out(hart, here, outcome);
        }
    }

    /// Asks something of a slot of harts. A critical slot is loaded for it; a rich one that is not loaded finds it later.
    pub(crate) fn ask(&self, slot: Slot, harts: CoreSet, what: u8) {
        let is_lost = |core| {
            cfg!(feature = "weaken-sbi") && what == remote::INTERRUPT && !self.is_loaded(core, slot)
        };
        for core in harts.iter().filter(|core| !is_lost(*core)) {
            if let Some(remote) = self.remote(core, slot) {
                remote.post(what);
            }
            if slot == Slot::Critical || self.is_loaded(core, slot) {
                self.signal(core);
            }
        }
    }

    /// Has every hart halt.
    pub(crate) fn ask_to_halt(&self) {
        for (core, _) in self.cores() {
            for slot in [Slot::Critical, Slot::Rich] {
                if let Some(remote) = self.remote(core, slot) {
                    remote.post(remote::HALT);
                }
            }
            self.signal(core);
        }
    }

    /// Has harts of the loaded slot's partition fence. Answers which of them are yet to do so: a hart that has another slot
    /// loaded fences when it loads this one.
    pub(crate) fn fence(&self, here: Here, harts: CoreSet) -> Tickets {
        if harts.contains(here.core) {
            fence();
        }
        let mut tickets = [None; MAX_CORES];
        if cfg!(feature = "weaken-sbi") {
            return tickets;
        }
        for core in harts.minus(CoreSet::one(here.core)).iter() {
            let Some(remote) = self.remote(core, here.slot) else {
                continue;
            };
            let ticket = remote.ask_fence();
            if let (true, Some(place)) = (
                self.is_loaded(core, here.slot),
                tickets.get_mut(core.index()),
            ) {
                *place = Some(ticket);
                self.signal(core);
            }
        }
        tickets
    }

    /// Whether the harts of a slot's partition have fenced, or will before they run it.
    pub(crate) fn are_done(&self, slot: Slot, tickets: &Tickets) -> bool {
        (0..).map(CoreId).zip(tickets).all(|(core, ticket)| {
            let done = |remote: &Remote| ticket.is_none_or(|ticket| remote.is_done(ticket));
            self.remote(core, slot).is_none_or(done) || !self.is_loaded(core, slot)
        })
    }

    /// Says which slot a hart has loaded: before what that was asked is looked at.
    pub(crate) fn set_loaded(&self, core: CoreId, slot: Slot) {
        if let Some(loaded) = self.loaded.get(core.index()) {
            loaded.set(slot);
        }
    }

    fn is_loaded(&self, core: CoreId, slot: Slot) -> bool {
        let loaded = self.loaded.get(core.index());
        loaded.is_some_and(|loaded| loaded.is(slot))
    }

    /// What a slot of a hart is asked.
    pub(crate) fn remote(&self, core: CoreId, slot: Slot) -> Option<&Remote> {
        self.remotes.get(core.index())?.get(slot as usize)
    }

    fn signal(&self, core: CoreId) {
        let id = self.hart_id(core);
        self.configuration.hardware.clint.signal(id, true);
    }
}

fn fence() {
    csr::fence_translations();
    csr::fence_instructions();
}
