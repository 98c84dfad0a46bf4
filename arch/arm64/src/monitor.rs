//! The monitor of one system: its tables, the state that all cores share, and how a core comes into it.

use crate::context::CoreBlock;
use crate::event::{CoreState, Event, Leave};
use crate::gic::Controller as _;
use crate::lock::Lock;
use crate::panic::{self_test_failed, stop_others};
use crate::platform::{Configuration, Hardware, Platform};
use crate::{health, register, self_test, stack, vectors};
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::Error;
use cofferdam_abi::stats::State;
use cofferdam_core::deadline::Judge;
use cofferdam_core::ids::{CoreId, CoreSet, MAX_CORES, MAX_PARTITIONS, PartitionId, Slot};
use cofferdam_core::life::{Life, Run};
use cofferdam_core::profile;
use cofferdam_core::record::{Record, Ring, What};
use cofferdam_core::table::{Fpu, Partition, System};
use cofferdam_core::watch::Requested;
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

mod tick;

/// The blocks of all cores. Zero is a valid value of every field that is read before it is written.
struct Blocks(UnsafeCell<MaybeUninit<[CoreBlock; MAX_CORES]>>);

// SAFETY: each core writes its own block only; others read single counters of it, volatile.
unsafe impl Sync for Blocks {}

static BLOCKS: Blocks = Blocks(UnsafeCell::new(MaybeUninit::zeroed()));

fn block(core: CoreId) -> *mut CoreBlock {
    // A core's number is below MAX_CORES: the table of cores was checked at build.
    let blocks = if cfg!(feature = "weaken-decode") {
        usize::MAX
    } else {
        MAX_CORES
    };
    let first = BLOCKS.0.get().cast::<CoreBlock>();
    first.wrapping_add(core.index() % blocks)
}

/// The core that a partition asks about, if it is one of its own.
fn core_of(table: &Partition, core: u64) -> Result<CoreId, Error> {
    if cfg!(feature = "weaken-decode") {
        return Ok(CoreId(core.to_le_bytes()[0]));
    }
    let core = u8::try_from(core).map(CoreId);
    core.ok()
        .filter(|&core| table.cores.contains(core))
        .ok_or(Error::InvalidParameter)
}

unsafe extern "C" {
    fn cofferdam_enter(rich: *mut crate::context::Context, entry: unsafe extern "C" fn()) -> !;
}

/// What all cores share.
#[derive(Debug)]
pub struct Monitor<P: Platform> {
    configuration: &'static Configuration<P::Gic>,
    life: Lock<Life>,
    judges: Lock<[Judge; MAX_PARTITIONS]>,
    started_at: Lock<u64>,
    watches: Lock<[Requested; MAX_PARTITIONS]>,
    spent: Lock<[u64; MAX_PARTITIONS]>,
    records: Lock<Ring>,
    /// The health monitor's.
    pub health: Lock<health::State>,
    platform: PhantomData<fn() -> P>,
}

impl<P: Platform> Monitor<P> {
    /// The monitor of a system, before it boots.
    pub const fn new(configuration: &'static Configuration<P::Gic>) -> Self {
        Self {
            configuration,
            life: Lock::new(Life::new(&configuration.system)),
            judges: Lock::new([Judge::NEW; MAX_PARTITIONS]),
            started_at: Lock::new(0),
            watches: Lock::new([Requested::OFF; MAX_PARTITIONS]),
            spent: Lock::new([0; MAX_PARTITIONS]),
            records: Lock::new(Ring::new(configuration.records)),
            health: Lock::new(health::State::NEW),
            platform: PhantomData,
        }
    }

    /// The system's table.
    pub fn system(&self) -> &'static System {
        &self.configuration.system
    }

    /// The board's numbers.
    pub fn hardware(&self) -> &'static Hardware {
        &self.configuration.hardware
    }

    /// The board's interrupt controller.
    pub fn gic(&self) -> &'static P::Gic {
        &self.configuration.gic
    }

    /// What is counted of each core; empty where nothing is.
    pub fn profiles(&self) -> &'static [profile::Core] {
        self.configuration.profiles
    }

    /// Changes or asks the life of partitions.
    pub fn life<R>(&self, f: impl FnOnce(&mut Life) -> R) -> R {
        self.life.with(f)
    }

    /// Comes from `start.S` on the first core: everything that is set up once, then this core.
    pub fn boot(&'static self) -> ! {
        register::set_vectors();
        self.started_at
            .with(|at| *at = el0::read_cntpct_el0().bits());
        let ready = self.gic().set_up(self.system());
        self.own_hooked();
        #[cfg(feature = "inject-at-boot")]
        if let Some(gic) = self.gic().watched() {
            crate::health::interrupts::flip(gic, CoreId(0), 5, 3);
        }
        let ready = ready
            .and_then(|()| self_test::of_system(self))
            .and_then(|()| self.begin_rounds());
        if let Err(what) = ready {
            self_test_failed::<P>(what);
        }
        self.record(
            What::Boot,
            CoreId(0),
            None,
            u64::from(cofferdam_abi::VERSION),
        );
        for (index, core) in self.system().cores.iter().enumerate() {
            if index != 0 {
                self.gic().call(core.hardware_id);
            }
        }
        self.enter(CoreId(0))
    }

    /// Sets this core up and lets its slots run: from here on the core only comes back by exceptions.
    pub fn enter(&'static self, core: CoreId) -> ! {
        register::set_vectors();
        register::set_up(P::COUNTER_HZ);
        let ready = self
            .gic()
            .set_up_core(self.system(), core)
            .and_then(|()| self_test::identity())
            .and_then(|()| self_test::of_core::<P>());
        if let Err(what) = ready {
            stop_others(self);
            self_test_failed::<P>(what);
        }
        let block = block(core);
        // SAFETY: this core's own block, and nothing of this core uses it yet.
        let block = unsafe { &mut *block };
        let floating_point = match self.system().fpu {
            Fpu::Exclusive(owner)
                if self.system().occupant(core, Slot::Critical) == Some(owner) =>
            {
                Slot::Critical
            }
            _ => Slot::Rich,
        };
        block.state = CoreState {
            kind: 0,
            core,
            floating_point,
            standby: None,
            suspended: None,
            handler: 0,
            looked_at: 0,
        };
        if P::CHECKS.periodic {
            self.set_canaries(core);
        }
        block.handler_stack = self.core_stacks(core) + stack::HANDLER_TOP;
        block.rich.spare[0] = el0::read_cntpct_el0().bits();
        match (self.system().fpu, floating_point) {
            (Fpu::Eager, _) => {}
            (_, Slot::Rich) => block.critical.cptr = register::CPTR_TFP,
            (_, Slot::Critical) => block.rich.cptr = register::CPTR_TFP,
        }
        let critical = Event::set_up(self, block);
        if self.system().occupant(core, Slot::Critical).is_none() {
            self.tick(core);
        }
        if core != CoreId(0) {
            // This core took the signal that let it come here before it could look what for: a CPU_ON that was
            // asked for meanwhile was the same pending SGI. It looks now.
            self.call_cores(CoreSet::one(core));
        }
        let first = if critical { Slot::Critical } else { Slot::Rich };
        // SAFETY: both contexts of the block are complete, and nothing on this stack is needed again.
        unsafe { cofferdam_enter(&mut block.rich, vectors::entry(first)) }
    }

    /// Comes from `vectors.S`: an exception on a core.
    ///
    /// # Safety
    ///
    /// `block` is the running core's own, with the interrupted slot's context saved in it.
    pub unsafe fn event(&'static self, block: *mut CoreBlock, slot: Slot, kind: u64) -> Leave {
        // SAFETY: the caller's promise; handlers do not nest, so this is the only reference.
        let block = unsafe { &mut *block };
        Event::handle(self, block, slot, kind)
    }

    /// Where the stacks of a core start.
    pub fn core_stacks(&self, core: CoreId) -> u64 {
        self.hardware().stacks + u64::from(core.0) * stack::OF_CORE
    }

    /// Top of the stack of the monitor thread in a slot.
    pub fn thread_stack(&self, core: CoreId, slot: Slot) -> u64 {
        self.core_stacks(core) + stack::thread_top(slot)
    }

    /// Counts a period in which a critical partition wanted more than its budget.
    pub fn budget_spent(&self, partition: PartitionId) {
        self.spent.with(|spent| {
            if let Some(count) = spent.get_mut(partition.index()) {
                *count += 1;
            }
        });
    }

    /// Keeps a record of what happened, if the log is to have it.
    #[inline(always)]
    pub fn record(&self, what: What, core: CoreId, partition: Option<PartitionId>, data: u64) {
        if P::LOG.level.keeps(what) {
            self.keep(what, core, partition, data);
        }
    }

    fn keep(&self, what: What, core: CoreId, partition: Option<PartitionId>, data: u64) {
        let record = Record {
            time: el0::read_cntpct_el0().bits(),
            what,
            core,
            partition,
            data,
        };
        self.records.with(|records| records.add(&record));
    }

    /// Looks at the records for a panic's report, which must not wait for a lock: the core that holds
    /// it may be the one that panics.
    pub fn last_records(&self, report: impl FnOnce(&Ring)) -> Option<()> {
        self.records.try_with(|records| report(records))
    }

    /// A record as [`cofferdam_abi::call::Call::Event`] answers it.
    pub fn record_words(&self, number: u64) -> [u64; 7] {
        let (record, (oldest, next)) = self
            .records
            .with(|records| (records.get(number), records.range()));
        let [time, what, partition, data] = record.unwrap_or_default();
        [oldest, next, time, what, partition, data, 0]
    }

    /// Signals these cores.
    pub fn call_cores(&self, cores: CoreSet) {
        for core in cores.iter() {
            if let Some(core) = self.system().cores.get(core.index()) {
                self.gic().call(core.hardware_id);
            }
        }
    }

    /// A core of a partition was started; its first one is a new start of the partition.
    pub fn started(&self, core: CoreId, partition: PartitionId, table: &Partition) {
        if core != table.boot {
            return self.record(What::CoreOn, core, Some(partition), 0);
        }
        let now = el0::read_cntpct_el0().bits();
        let starts = self.life(|life| life.starts(partition));
        self.record(What::Started, core, Some(partition), u64::from(starts));
        self.start_channels(partition);
        // Its other cores may have asked while they were called back.
        self.drop_requests(partition);
        self.judges.with(|judges| {
            if let Some(judge) = judges.get_mut(partition.index()) {
                judge.restart();
            }
        });
        self.watched(partition, |dog| {
            *dog = Requested::OFF;
            // A critical partition is watched from its start; a rich one asks for it.
            if let (Slot::Critical, Some(hang)) = (table.slot, table.on_hang) {
                dog.watch.arm(hang.after, now);
            }
        });
    }

    /// A critical partition finished a job.
    pub fn job_done(&self, partition: PartitionId, number: u64, release: u64) -> Result<(), Error> {
        let now = el0::read_cntpct_el0().bits();
        let table = self.system().partition(partition);
        if let Some(deadline) = table.and_then(|table| table.deadline) {
            self.judges.with(|judges| {
                let judge = judges.get_mut(partition.index()).ok_or(Error::Denied)?;
                judge
                    .report(&deadline, number, release, now)
                    .map_err(|_| Error::InvalidParameter)
            })?;
        }
        // A job that was reported before is no sign of life.
        self.watched(partition, |dog| dog.watch.pet(now));
        table
            .and_then(|table| table.deadline)
            .map_or(Err(Error::Denied), |_| Ok(()))
    }

    /// One page of counters (see [`cofferdam_abi::stats`]).
    pub fn stats(&self, [partition, core, page]: [u64; 3]) -> Result<[u64; 7], Error> {
        let id = u8::try_from(partition).map(PartitionId);
        let id = id.map_err(|_| Error::InvalidParameter)?;
        let table = self.system().partition(id).ok_or(Error::InvalidParameter)?;
        let core = core_of(table, core)?;
        match page {
            0 => Ok(self.time_page(id, core, table.slot)),
            1 => {
                let judge = self.judges.with(|judges| judges.get(id.index()).copied());
                let judge = judge.ok_or(Error::InvalidParameter)?;
                let spent = self.spent.with(|spent| spent.get(id.index()).copied());
                Ok([
                    judge.jobs,
                    judge.missed,
                    judge.worst,
                    spent.unwrap_or(0),
                    0,
                    0,
                    0,
                ])
            }
            _ => self.profile_page(core, table.slot, page),
        }
    }

    fn time_page(&self, partition: PartitionId, core: CoreId, slot: Slot) -> [u64; 7] {
        let (run, starts) = self.life(|life| (life.run(partition), life.starts(partition)));
        let state = match run {
            Run::Stopped => State::Stopped,
            Run::Loading | Run::Recalled => State::Loading,
            Run::Running => State::Running,
            Run::Recalling(_) => State::Recalling,
        };
        let block = block(core);
        let held = match slot {
            // SAFETY: inside the block.
            Slot::Critical => unsafe { &raw const (*block).critical.spare[0] },
            // SAFETY: inside the block.
            Slot::Rich => unsafe { &raw const (*block).rich.spare[1] },
        };
        // SAFETY: an aligned word that its own core writes whole.
        let held = unsafe { held.read_volatile() };
        let since = self.started_at.with(|at| *at);
        let now = el0::read_cntpct_el0().bits();
        [
            state as u64,
            0,
            held,
            now.saturating_sub(since),
            u64::from(starts),
            0,
            0,
        ]
    }
}
