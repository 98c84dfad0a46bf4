//! The monitor of one system: what it shares between harts, and what a hart does from one trap to the next `mret`.
//!
//! M-mode cannot be preempted, so each path is bounded: by the number of harts, of PMP entries, of bytes of one console
//! call. Loading is not, and runs only where nobody but the partition that is loaded could wait for it.

use crate::console::{Consoles, Rings};
use crate::context::Context;
use crate::platform::{Configuration, Platform};
use crate::remote::{self, Remote};
use crate::{csr, load, panic};
use cofferdam_core::ids::{CoreId, CoreSet, MAX_CORES, PartitionId};
use cofferdam_core::life::{Life, Next, Outcome};
use cofferdam_core::table::Partition;
use cofferdam_lock::Lock;
use core::marker::PhantomData;

/// A timer that never fires.
const NEVER: u64 = u64::MAX;

/// The monitor.
#[derive(Debug)]
pub struct Monitor<P> {
    pub(crate) configuration: &'static Configuration,
    pub(crate) life: Lock<Life>,
    pub(crate) consoles: Consoles,
    remotes: [Remote; MAX_CORES],
    platform: PhantomData<fn() -> P>,
}

/// A hart and the partition that has it.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// The hart.
    pub core: CoreId,
    /// Its number in hardware.
    pub hart: u64,
    /// Whose it is.
    pub id: PartitionId,
    /// What that owns.
    pub partition: &'static Partition,
}

impl<P: Platform> Monitor<P> {
    /// Before any hart runs.
    pub const fn new(configuration: &'static Configuration, rings: &'static Rings) -> Self {
        Self {
            configuration,
            life: Lock::new(Life::new(&configuration.system)),
            consoles: Consoles::new(rings),
            remotes: [const { Remote::new() }; _],
            platform: PhantomData,
        }
    }

    /// A hart comes from `start.S`: the first one calls the others, and each starts what boots on it.
    pub fn enter(&self, context: &mut Context) {
        let core = context.core();
        if core == CoreId(0) {
            for (other, it) in self.cores() {
                self.configuration.hardware.clint.signal(it, other != core);
            }
        }
        let Some(here) = self.here(core) else {
            loop {
                csr::wait();
            }
        };
        csr::set_policy(!here.partition.interrupts.is_empty());
        if let Some(image) = self.configuration.images.get(core.index()) {
            csr::protect(image);
        }
        self.silence(here);
        let next = if here.partition.boot == core {
            self.life.with(|life| life.launch(here.id)).next
        } else {
            Next::Idle
        };
        self.go_on(here, context, next);
    }

    /// A trap out of a partition: serves it, and answers when the context can go on.
    pub fn trap(&self, context: &mut Context) {
        let Some(here) = self.here(context.core()) else {
            panic::halt()
        };
        let next = match csr::cause() {
            SOFTWARE => self.serve(here),
            TIMER => {
                pass_timer();
                Next::Resume
            }
            csr::CALL => self.call(here, context),
            // Everything else is delegated: this hart does not do what it was told.
            _ => self.end(here, here.partition.on_crash),
        };
        self.go_on(here, context, next);
    }

    /// Does what is next until the context can go on.
    fn go_on(&self, here: Here, context: &mut Context, mut next: Next) {
        loop {
            next = match next {
                Next::Resume => return,
                Next::Start(start) => {
                    self.silence(here);
                    context.begin(here.hart, start);
                    return;
                }
                Next::Load => self.load(here),
                Next::Idle => self.idle(here),
            }
        }
    }

    /// Sleeps, with nothing of the partition's left on this hart, until there is something else to do.
    fn idle(&self, here: Here) -> Next {
        self.silence(here);
        loop {
            match self.serve(here) {
                Next::Resume => csr::wait(),
                next => return next,
            }
        }
    }

    fn load(&self, here: Here) -> Next {
        P::quiesce(here.id);
        let start = load::load(&self.configuration.hardware, here.id, here.partition).ok();
        let outcome = self.life.with(|life| life.loaded(here.id, start));
        self.carry_out(outcome)
    }

    /// The hart as it is before the partition runs on it.
    fn silence(&self, here: Here) {
        let hardware = &self.configuration.hardware;
        hardware.clint.set_timer(here.hart, NEVER);
        if !here.partition.interrupts.is_empty() {
            hardware.plic.silence(P::context(here.core));
        }
        csr::reset_supervisor();
        csr::disable(csr::MTI);
        csr::enable(csr::MSI);
    }

    /// Does what other harts ask of this one.
    pub(crate) fn serve(&self, here: Here) -> Next {
        // Taken back first: what is posted from here on calls again.
        self.configuration.hardware.clint.signal(here.hart, false);
        let Some(remote) = self.remotes.get(here.core.index()) else {
            return Next::Resume;
        };
        remote.serve_fences(fence);
        let asked = remote.take();
        if asked & remote::HALT != 0 {
            panic::halt();
        }
        if asked & remote::INTERRUPT != 0 {
            csr::set_pending(csr::SSI);
        }
        if asked & remote::LIFE == 0 {
            return Next::Resume;
        }
        let outcome = self.life.with(|life| life.signalled(here.id, here.core));
        self.carry_out(outcome)
    }

    /// Calls the harts that a transition names, and answers what is next on this one.
    pub(crate) fn carry_out(&self, outcome: Outcome) -> Next {
        if outcome.safe_state {
            P::safe_state();
        }
        self.ask(outcome.signal, remote::LIFE);
        outcome.next
    }

    /// Asks something of harts.
    pub(crate) fn ask(&self, harts: CoreSet, what: u8) {
        for core in harts.iter() {
            if let Some(remote) = self.remotes.get(core.index()) {
                remote.post(what);
            }
            self.signal(core);
        }
    }

    /// Has harts fence, and waits until they have. This one serves its own meanwhile.
    pub(crate) fn fence(&self, here: Here, harts: CoreSet) {
        if harts.contains(here.core) {
            fence();
        }
        let others = harts.minus(CoreSet::one(here.core));
        let mut tickets = [None; MAX_CORES];
        for core in others.iter() {
            if let (Some(ticket), Some(remote)) = (
                tickets.get_mut(core.index()),
                self.remotes.get(core.index()),
            ) {
                *ticket = Some(remote.ask_fence());
            }
            self.signal(core);
        }
        for (remote, ticket) in self.remotes.iter().zip(tickets) {
            while ticket.is_some_and(|ticket| !remote.is_done(ticket)) {
                if let Some(own) = self.remotes.get(here.core.index()) {
                    own.serve_fences(fence);
                }
                core::hint::spin_loop();
            }
        }
    }

    /// The remote of a hart.
    pub(crate) fn remote(&self, core: CoreId) -> Option<&Remote> {
        self.remotes.get(core.index())
    }

    fn signal(&self, core: CoreId) {
        if let Some(it) = self.configuration.system.cores.get(core.index()) {
            self.configuration
                .hardware
                .clint
                .signal(it.hardware_id, true);
        }
    }

    pub(crate) fn cores(&self) -> impl Iterator<Item = (CoreId, u64)> {
        let cores = self.configuration.system.cores.iter();
        (0..).map(CoreId).zip(cores.map(|core| core.hardware_id))
    }

    /// The hart and whose it is.
    fn here(&self, core: CoreId) -> Option<Here> {
        let it = self.configuration.system.cores.get(core.index())?;
        let id = it.critical.or(it.rich)?;
        Some(Here {
            core,
            hart: it.hardware_id,
            id,
            partition: self.configuration.system.partition(id)?,
        })
    }
}

/// mcause of a machine software interrupt.
const SOFTWARE: u64 = csr::INTERRUPT | 3;
/// mcause of a machine timer interrupt.
const TIMER: u64 = csr::INTERRUPT | 7;

/// M-mode's timer interrupt becomes S-mode's, until the next call sets another time.
pub(crate) fn pass_timer() {
    csr::set_pending(csr::STI);
    csr::disable(csr::MTI);
}

fn fence() {
    csr::fence_translations();
    csr::fence_instructions();
}
