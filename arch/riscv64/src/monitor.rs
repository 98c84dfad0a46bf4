//! The monitor of one system: what it shares between harts, and what a hart does from one trap to the next `mret`.
//!
//! M-mode cannot be preempted, so each path is bounded: by the number of harts, of PMP entries, of a partition's interrupt
//! sources, of bytes of one console call. Loading is not, and runs only where nobody but the partition that is loaded could wait for it.

use crate::console::{Consoles, Rings};
use crate::context::Context;
use crate::hart::{Hart, Place, Quick};
use crate::platform::{Configuration, Platform};
use crate::remote::{self, Loaded, Remote};
use crate::supervisor::{Delegated, Optional};
use crate::watch::Watches;
use crate::{csr, panic, pmp, thread};
use cofferdam_core::deadline::Judge;
use cofferdam_core::ids::{CoreId, MAX_CORES, MAX_PARTITIONS, PartitionId, Slot};
use cofferdam_core::life::{Life, Next, Outcome, Start};
use cofferdam_core::record::{Ring, What};
use cofferdam_core::table::Partition;
use cofferdam_lock::Lock;
use core::marker::PhantomData;

/// The monitor.
#[derive(Debug)]
pub struct Monitor<P> {
    pub(crate) configuration: &'static Configuration,
    pub(crate) life: Lock<Life>,
    pub(crate) consoles: Consoles,
    /// One lock to a partition: who reports a job waits for no other one.
    pub(crate) judges: [Lock<Judge>; MAX_PARTITIONS],
    pub(crate) watches: Watches,
    pub(crate) records: Lock<Ring>,
    /// Held while a partition stores to the domain of its interrupts' sources (`aplic.rs`).
    pub(crate) domain: Lock<()>,
    /// Of each hart, by its slots.
    pub(crate) remotes: [[Remote; 2]; MAX_CORES],
    pub(crate) loaded: [Loaded; MAX_CORES],
    platform: PhantomData<fn() -> P>,
}

/// A hart and the partition whose slot is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// The hart.
    pub core: CoreId,
    /// Its number in hardware.
    pub hart: u64,
    /// Whether two partitions have it.
    pub shared: bool,
    /// Who runs.
    pub id: PartitionId,
    /// In which slot.
    pub slot: Slot,
    /// What that owns.
    pub partition: &'static Partition,
}

impl Here {
    /// Whether its WFI gives the hart to the other slot.
    pub(crate) fn gives_away(&self) -> bool {
        self.shared && self.slot == Slot::Critical
    }
}

impl<P: Platform> Monitor<P> {
    /// Before any hart runs.
    pub const fn new(configuration: &'static Configuration, rings: &'static Rings) -> Self {
        Self {
            configuration,
            life: Lock::new(Life::new(&configuration.system)),
            consoles: Consoles::new(rings),
            judges: [const { Lock::new(Judge::NEW) }; _],
            watches: Watches::new(),
            records: Lock::new(Ring::new(configuration.records)),
            domain: Lock::new(()),
            remotes: [const { [const { Remote::new() }; _] }; _],
            loaded: [const { Loaded::new() }; _],
            platform: PhantomData,
        }
    }

    /// A hart comes from `start.S`: the first one calls the others, and each starts what boots on it.
    pub fn enter<'a>(&'static self, hart: &'a mut Hart) -> &'a Context {
        let core = hart.core();
        self.set_up_external(core);
        if core == CoreId(0) {
            self.record(What::Boot, core, None, 0);
            for (other, it) in self.cores() {
                self.configuration.hardware.clint.signal(it, other != core);
            }
        }
        csr::set_policy();
        let slots = [Slot::Critical, Slot::Rich];
        let occupants = slots.map(|slot| self.configuration.system.occupant(core, slot));
        let shared = occupants.iter().all(Option::is_some);
        let has = Optional::of_this_hart();
        assert!(
            !shared || has.is_some(),
            "a shared hart with state that is not exchanged"
        );
        // `start.S` counts as far as the tables go.
        let published = self.loaded.get(core.index()).expect("a hart's tables");
        let clint = self.configuration.hardware.clint;
        hart.quick = Quick::new(self.hart_id(core), shared, clint, published);
        hart.quick.has_timer = has.is_some_and(|has| has.timer);
        hart.quick.has_more = has.is_some_and(|has| has.timer || has.hypervisor);
        let places = slots.map(|slot| self.place(hart, slot));
        let [first, second] = match occupants {
            [Some(_), None] => [Slot::Critical; 2],
            [None, _] => [Slot::Rich; 2],
            [Some(_), Some(_)] => [Slot::Rich, Slot::Critical],
        };
        if let Some(image) = self.image(hart, first) {
            csr::protect(image);
            hart.is_bound = csr::bind_machine();
            withdraw(hart);
        }
        hart.begin(first, has.unwrap_or(Optional::NONE), places);
        self.set_loaded(core, first);
        self.launch(hart);
        if second != first {
            self.switch(hart, second);
            self.launch(hart);
        }
        self.go_on(hart)
    }

    /// What goes with a slot of a hart for good.
    fn place(&'static self, hart: &mut Hart, slot: Slot) -> Place {
        let system = &self.configuration.system;
        let id = system.occupant(hart.core(), slot);
        let table = id.and_then(|id| system.partition(id));
        let external = table.is_some_and(Self::has_external);
        let waits = hart.quick.shared && slot == Slot::Critical;
        if let (true, Some(plic)) = (external && waits, P::controller().plic()) {
            hart.pass_external_on(*plic);
        }
        if slot == Slot::Rich && id.is_some_and(|id| self.has_doorbells(id)) {
            hart.give_doorbells();
        }
        Place {
            delegated: Delegated::new(external, waits || !csr::has_time()),
            remote: self.remote(hart.core(), slot).expect("a slot's words"),
            image: self.image(hart, slot).expect("a slot's image"),
        }
    }

    /// Launches the partition of the loaded slot, if it boots on this hart.
    fn launch(&self, hart: &mut Hart) {
        if let Some(here) = self.here(hart) {
            self.silence(hart, here);
            if here.partition.boot == here.core {
                let outcome = self.life.with(|life| life.launch(here.id));
                self.carry_out(hart, here, outcome);
            }
        }
    }

    /// A trap out of a partition or a thread: serves it, and answers what goes on.
    pub fn trap<'a>(&self, hart: &'a mut Hart) -> &'a Context {
        withdraw(hart);
        match csr::cause() {
            TIMER => self.look_at(hart, self.configuration.hardware.clint.now()),
            csr::ILLEGAL if !csr::is_from_machine(hart.current().status) => self.illegal(hart),
            #[cfg(feature = "inject-faults")]
            csr::CALL if crate::inject::is_asked(hart) => crate::inject::inject(hart),
            csr::CALL => self.call(hart),
            cause @ (csr::LOAD_FAULT | csr::STORE_FAULT)
                if !csr::is_from_machine(hart.current().status) =>
            {
                self.access_fault(hart, cause);
            }
            csr::SOFTWARE => self.take_back_signal(hart),
            // Passed on below.
            EXTERNAL => {}
            csr::THREAD_CALL => self.end_thread(hart),
            _ if csr::is_from_machine(hart.current().status) => {
                panic::fatal(self, &hart.current().registers)
            }
            // Everything else is delegated: this hart does not do what it was told.
            _ => self.crash(hart),
        }
        self.go_on(hart)
    }

    fn crash(&self, hart: &mut Hart) {
        if let Some(here) = self.here(hart) {
            self.end(hart, here, What::Crashed, csr::cause());
        }
    }

    /// The partition of the loaded slot ends, as its policy for that says. `data`: of the record.
    pub(crate) fn end(&self, hart: &mut Hart, here: Here, what: What, data: u64) {
        self.record(what, here.core, Some(here.id), data);
        let policy = match what {
            What::PowerOff => here.partition.on_power_off,
            What::Reset => here.partition.on_reset,
            _ => here.partition.on_crash,
        };
        let outcome = self.life.with(|life| life.end(here.id, here.core, policy));
        self.carry_out(hart, here, outcome);
    }

    /// Does what a transition of the loaded slot's partition asks for.
    pub(crate) fn carry_out(&self, hart: &mut Hart, here: Here, outcome: Outcome) {
        if outcome.safe_state {
            P::safe_state();
        }
        self.ask(here.slot, outcome.signal, remote::LIFE);
        match outcome.next {
            Next::Resume => {}
            Next::Idle => self.silence(hart, here),
            Next::Load => {
                self.silence(hart, here);
                self.release_sources(here);
                let top = thread::stack_top(hart, here.slot);
                hart.current().begin_thread(thread::loader(here.id), top);
            }
            Next::Start(start) => {
                self.record_start(here);
                self.start(hart, start);
            }
        }
    }

    fn record_start(&self, here: Here) {
        let (what, data) = if here.partition.boot == here.core {
            let starts = self.life.with(|life| life.starts(here.id));
            (What::Started, u64::from(starts))
        } else {
            (What::CoreOn, 0)
        };
        self.record(what, here.core, Some(here.id), data);
    }

    /// The partition of the loaded slot begins on this hart.
    pub(crate) fn start(&self, hart: &mut Hart, start: Start) {
        let Some(here) = self.here(hart) else {
            return;
        };
        self.silence(hart, here);
        hart.current().begin(here.hart, start, here.gives_away());
        self.start_watch(hart, here);
        // What it set, too.
        self.look_at(hart, self.configuration.hardware.clint.now());
    }

    /// The thread of the loaded slot has loaded its partition.
    fn end_thread(&self, hart: &mut Hart) {
        let &[failed, entry, argument, ..] = hart.current().arguments();
        let start = (failed == 0).then_some(Start { entry, argument });
        let Some(here) = self.here(hart) else {
            return;
        };
        if let Some(judge) = self.judges.get(here.id.index()) {
            judge.with(Judge::restart);
        }
        if start.is_none() {
            self.record(What::LoadFailed, here.core, Some(here.id), failed);
        }
        let outcome = self.life.with(|life| life.loaded(here.id, start));
        if start.is_some() {
            self.start_channels(here.id);
        }
        self.carry_out(hart, here, outcome);
    }

    /// Nothing of a partition is left in the loaded slot, in memory or in registers.
    fn silence(&self, hart: &mut Hart, here: Here) {
        self.silence_sources(here);
        if let Some(remote) = self.remote(here.core, here.slot) {
            remote.set_suspended(false);
        }
        self.end_watch(here);
        hart.clear();
        self.look_at(hart, self.configuration.hardware.clint.now());
    }

    /// The slot that is loaded goes on: with the rules of its partition, if it has one.
    pub(crate) fn permit(&self, hart: &mut Hart) {
        if hart.is_bound
            && !hart.current().is_thread()
            && let Some(image) = self.image(hart, hart.loaded())
        {
            csr::permit(image);
        }
    }

    /// What a slot of a hart can reach.
    pub(crate) fn image(&self, hart: &Hart, slot: Slot) -> Option<&'static pmp::Image> {
        let images = self.configuration.images.get(hart.core().index())?;
        images.get(slot as usize)
    }

    /// The hart's number in hardware.
    pub(crate) fn hart_id(&self, core: CoreId) -> u64 {
        let it = self.configuration.system.cores.get(core.index());
        it.map_or(0, |it| it.hardware_id)
    }

    pub(crate) fn cores(&self) -> impl Iterator<Item = (CoreId, u64)> {
        let cores = self.configuration.system.cores.iter();
        (0..).map(CoreId).zip(cores.map(|core| core.hardware_id))
    }
}

/// mcause of a machine external interrupt.
const EXTERNAL: u64 = csr::INTERRUPT | 11;
/// mcause of a machine timer interrupt.
const TIMER: u64 = csr::INTERRUPT | 7;

/// The monitor reaches what partitions do.
pub(crate) fn withdraw(hart: &Hart) {
    if hart.is_bound {
        csr::withdraw_partition_rules();
    }
}
