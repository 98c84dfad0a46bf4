//! The health monitor: looks again at what was set up and must not change, one piece a step, and repairs it or ends.
//!
//! [`cofferdam_core::health`] says which piece is due and what a fault does. A step runs in a handler with FIQ
//! masked, so each piece is bounded: at most 4 KiB of memory, or 32 interrupts, or one core's registers. Systems
//! without `health_monitor:` hold none of this: [`Platform::CHECKS`] is a constant.

pub mod digests;
pub mod interrupts;

use crate::gic::{Controller as _, GicV3};
use crate::monitor::Monitor;
use crate::platform::Platform;
use crate::{panic, stack};
use arm_sysregs::el0::accessors as el0;
use cofferdam_core::health::{Answer, Failure, Fault, Kind, Piece, Schedule, interval, others};
use cofferdam_core::ids::{CoreId, CoreSet};
use cofferdam_core::life::Run;
use cofferdam_core::migration::place;
use cofferdam_core::record::What;
use cofferdam_core::table::Policy;
use core::mem::replace;

/// Where the rounds are.
#[derive(Debug)]
pub struct State {
    schedule: Schedule,
    /// Cores that were asked to look at themselves and have not done so yet.
    asked: CoreSet,
    digests: digests::Table,
}

impl State {
    /// No round yet.
    pub const NEW: Self = Self {
        schedule: Schedule::OFF,
        asked: CoreSet::EMPTY,
        digests: digests::Table::EMPTY,
    };

    /// The table of digests.
    #[cfg(feature = "inject-faults")]
    pub const fn digests(&self) -> digests::Table {
        self.digests
    }
}

impl<P: Platform> Monitor<P> {
    /// Begins with the rounds. At boot, when the interrupt controller is set up.
    pub fn begin_rounds(&self) -> Result<(), &'static str> {
        let Some(health) = P::CHECKS.health else {
            return Ok(());
        };
        let gic = self
            .gic()
            .watched()
            .ok_or("the health monitor knows a GICv3 only")?;
        let digests = digests::Table::open(self.hardware())?;
        let pieces = others(interrupts::shared(gic)) + digests.len();
        let interval = interval(health.period, health.gap, pieces)
            .ok_or("the health monitor's period is too short for all that it looks at")?;
        let now = el0::read_cntpct_el0().bits();
        self.health.with(|state| {
            state.schedule = Schedule::new(interval, pieces, now);
            state.digests = digests;
        });
        Ok(())
    }

    /// Where the lowest word of stack number `n` of a core is.
    pub fn stack_bottom(&self, core: CoreId, n: u8) -> *mut u64 {
        (self.core_stacks(core) + stack::bottom(n)) as *mut u64
    }

    /// Puts a word at the bottom of each stack of this core, for the periodic self-tests.
    pub fn set_canaries(&self, core: CoreId) {
        for n in 0..stack::COUNT {
            // SAFETY: the lowest word of a stack of this core, which is mapped and far below what is in use.
            unsafe { self.stack_bottom(core, n).write_volatile(stack::CANARY) };
        }
    }

    /// When this core is needed for a step, if its tick makes them.
    pub fn next_step(&self, core: CoreId) -> u64 {
        match P::CHECKS.health {
            Some(health) if health.driver.contains(core) => {
                self.health.with(|state| state.schedule.due())
            }
            _ => u64::MAX,
        }
    }

    /// Looks at the next piece, if it is due and this core is the one that does so.
    pub fn step(&self, core: CoreId) {
        let (Some(health), Some(gic)) = (P::CHECKS.health, self.gic().watched()) else {
            return;
        };
        if !health.driver.contains(core) {
            return;
        }
        let now = el0::read_cntpct_el0().bits();
        let (piece, digests) = self
            .health
            .with(|state| (state.schedule.step(now), state.digests));
        let Some(piece) = piece else {
            return;
        };
        match Piece::of(piece, interrupts::shared(gic)) {
            Piece::Cores => self.ask_cores(core),
            Piece::Tables => {
                self.check(core, Kind::Distributor.fault(), &|repair| {
                    interrupts::control_is_right(gic, repair)
                });
                if !digests.is_right() {
                    self.found(core, Kind::Digests.fault());
                }
            }
            Piece::Shared(word) => {
                self.check(core, Kind::Shared.number(word), &|repair| {
                    interrupts::shared_is_right(gic, self.system(), word, repair)
                });
                self.check(core, Kind::Routing.number(word), &|repair| {
                    self.routing_is_right(gic, word, repair)
                });
            }
            Piece::Digest(n) => {
                let loaded = |id| self.life(|life| life.run(id)) == Run::Running;
                if let Err(fault) = digests.check(n, loaded) {
                    self.found(core, fault);
                }
            }
        }
    }

    /// Whether 32 shared interrupts go where their partitions are. One that moves takes its own along under the lock that is held
    /// here, and has none while it does not run.
    fn routing_is_right(&self, gic: &GicV3, word: u8, repair: bool) -> bool {
        let system = self.system();
        let Some(migration) = P::migration() else {
            return interrupts::routing_is_right(gic, system, word, repair, &|_, it| Some(it.boot));
        };
        self.life(|life| {
            let moves = migration.mover.with(|mover| mover.partition());
            interrupts::routing_is_right(gic, system, word, repair, &|id, it| {
                if id != moves {
                    return Some(it.boot);
                }
                let runs = life.run(id) == Run::Running;
                place(life, system, id).filter(|_| runs)
            })
        })
    }

    /// Every core looks at itself: its registers are in nobody else's reach.
    fn ask_cores(&self, driver: CoreId) {
        let cores = (0..).zip(self.system().cores);
        let all = cores.fold(CoreSet::EMPTY, |set, (core, _)| {
            set.union(CoreSet::one(CoreId(core)))
        });
        let silent = self.health.with(|state| replace(&mut state.asked, all));
        for core in silent.iter() {
            self.found(driver, Kind::Silent.number(core.0));
        }
        self.call_cores(all);
    }

    /// Whether this core was asked to look at itself; it is not any more.
    pub fn is_asked(&self, core: CoreId) -> bool {
        self.health.with(|state| {
            let asked = state.asked.contains(core);
            state.asked = state.asked.minus(CoreSet::one(core));
            asked
        })
    }

    /// Holds something against the tables. `is_right` says whether it is as they say, or makes it so.
    pub fn check(&self, core: CoreId, fault: Fault, is_right: &dyn Fn(bool) -> bool) {
        if is_right(false) || !self.found(core, fault) {
            return;
        }
        is_right(true);
        if !is_right(false) {
            self.end(core, fault, P::CHECKS.on_failure);
        }
        self.record(What::Repaired, core, None, fault.code());
    }

    /// Does what is to be done about a fault, but for a repair: says whether the caller is to make and record it.
    pub fn found(&self, core: CoreId, fault: Fault) -> bool {
        match P::CHECKS.answer(fault) {
            Answer::Repair => return true,
            Answer::Restart(partition) => {
                self.record(What::Faulty, core, Some(partition), fault.code());
                let outcome = self.life(|life| life.end_from_outside(partition, Policy::Restart));
                self.call_cores(outcome.signal);
            }
            Answer::End(failure) => self.end(core, fault, failure),
        }
        false
    }

    fn end(&self, core: CoreId, fault: Fault, failure: Failure) -> ! {
        let what = if fault.kind.is_self_test() {
            What::SelfTestFailed
        } else {
            What::Faulty
        };
        self.record(what, core, None, fault.code());
        panic::unhealthy(self, fault, failure)
    }
}
