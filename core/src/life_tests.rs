//! The life of partitions under every order of events: the invariants that [`super`] names, and agreement
//! with a model that knows nothing of signals.

use super::*;
use crate::region::Region;
use crate::table::{Core, Entry};
use proptest::prelude::*;

const fn ram(start: u64) -> Region {
    match Region::from_raw(start, 0x1000) {
        Ok(region) => region,
        Err(_) => panic!("a region"),
    }
}

const fn partition(
    name: &'static str,
    slot: Slot,
    cores: u8,
    boot: u8,
    memory: &'static [Region],
) -> Partition {
    Partition {
        name,
        slot,
        boot: CoreId(boot),
        cores: CoreSet::from_bits(cores),
        memory,
        interrupts: &[],
        entry: Entry::PLAIN,
        caches: true,
        on_crash: Policy::Restart,
        on_reset: Policy::Restart,
        on_power_off: Policy::Stop,
        on_hang: None,
        deadline: None,
        budget: None,
    }
}

const fn core(n: u64, critical: Option<PartitionId>) -> Core {
    Core {
        hardware_id: n,
        critical,
        rich: Some(RICH),
    }
}

const CRITICAL: PartitionId = PartitionId(0);
const RICH: PartitionId = PartitionId(1);

static SYSTEM: System = System {
    partitions: &[
        partition("critical", Slot::Critical, 0b001, 0, &[ram(0x1000)]),
        partition("rich", Slot::Rich, 0b111, 1, &[ram(0x8000)]),
    ],
    cores: &[core(0, Some(CRITICAL)), core(1, None), core(2, None)],
    fpu: crate::table::Fpu::Lazy,
    instruction: 4,
    hooked: &[],
};

const ENTRY: Start = Start {
    entry: 0x8000,
    argument: 7,
};

/// What may happen next. Cores are numbers; what a core cannot do in its state is skipped.
#[derive(Clone, Copy, Debug)]
enum Step {
    PowerOn { by: u8, target: u8 },
    PowerOff { by: u8 },
    End { by: u8, policy: Policy },
    Hang { policy: Policy },
    Signal { on: u8 },
    Loaded { good: bool },
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        4 => Just(Policy::Restart),
        1 => Just(Policy::Stop),
        1 => Just(Policy::SafeState)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0..3_u8, 0..4_u8).prop_map(|(by, target)| Step::PowerOn { by, target }),
        1 => (0..3_u8).prop_map(|by| Step::PowerOff { by }),
        1 => (0..3_u8, policy()).prop_map(|(by, policy)| Step::End { by, policy }),
        1 => policy().prop_map(|policy| Step::Hang { policy }),
        4 => (0..3_u8).prop_map(|on| Step::Signal { on }),
        2 => prop::bool::weighted(0.9).prop_map(|good| Step::Loaded { good }),
    ]
}

/// The machine around [`Life`]: which core really runs the partition, who loads, which signals wait.
struct Machine {
    life: Life,
    runs: [bool; 3],
    loading: Option<u8>,
    signals: CoreSet,
    signals_since_run: [u32; 3],
}

impl Machine {
    fn booted() -> Self {
        let mut machine = Self {
            life: Life::new(&SYSTEM),
            runs: [false; 3],
            loading: None,
            signals: CoreSet::EMPTY,
            signals_since_run: [0; 3],
        };
        let outcome = machine.life.launch(RICH);
        machine.carry_out(1, outcome);
        machine
    }

    fn carry_out(&mut self, core: u8, outcome: Outcome) {
        for other in outcome.signal.iter() {
            self.signals_since_run[other.index()] += 1;
            assert!(
                self.signals_since_run[other.index()] <= 4,
                "a core is flooded with signals"
            );
        }
        self.signals = self.signals.union(outcome.signal);
        let here = usize::from(core);
        match outcome.next {
            Next::Resume => {}
            Next::Idle => {
                self.runs[here] = false;
                if self.loading == Some(core) {
                    self.loading = None;
                }
            }
            Next::Load => {
                assert_eq!(self.runs[here], core == 1 && self.runs[here]);
                self.runs[here] = false;
                assert_eq!(self.runs, [false; 3], "loaded while a core runs");
                assert_eq!(self.loading, None, "loaded twice at a time");
                self.loading = Some(core);
            }
            Next::Start(start) => {
                assert_eq!(start, ENTRY);
                assert!(self.loading.is_none() || self.loading == Some(core));
                self.loading = None;
                self.runs[here] = true;
                self.signals_since_run[here] = 0;
            }
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::PowerOn { by, target } if self.runs[usize::from(by)] => {
                let known = self.life.power(RICH, CoreId(target));
                let result = self.life.power_on(RICH, CoreId(target), ENTRY);
                match (known, result) {
                    (None, Err(PowerError::NoSuchCore))
                    | (Some(Power::On), Err(PowerError::AlreadyOn))
                    | (Some(Power::Starting(_)), Err(PowerError::OnPending))
                    | (Some(Power::Off), Err(PowerError::Stopping)) => {}
                    (Some(Power::Off), Ok(outcome)) => self.carry_out(by, outcome),
                    other => panic!("{other:?}"),
                }
            }
            Step::PowerOff { by } if self.runs[usize::from(by)] => {
                let outcome = self.life.power_off(RICH, CoreId(by));
                self.carry_out(by, outcome);
            }
            Step::End { by, policy } if self.runs[usize::from(by)] => {
                let outcome = self.life.end(RICH, CoreId(by), policy);
                assert_ne!(outcome.next, Next::Resume, "who ends does not go on");
                self.carry_out(by, outcome);
            }
            Step::Hang { policy } => {
                let outcome = self.life.end_from_outside(RICH, policy);
                self.signals = self.signals.union(outcome.signal);
            }
            Step::Signal { on } if self.signals.contains(CoreId(on)) => {
                self.signals = self.signals.minus(CoreSet::one(CoreId(on)));
                let outcome = self.life.signalled(RICH, CoreId(on));
                self.carry_out(on, outcome);
            }
            Step::Loaded { good } => {
                if let Some(core) = self.loading {
                    let outcome = self.life.loaded(RICH, good.then_some(ENTRY));
                    self.carry_out(core, outcome);
                }
            }
            _ => {}
        }
        self.check();
    }

    fn check(&self) {
        for core in 0..3_u8 {
            let on = self.life.power(RICH, CoreId(core)) == Some(Power::On);
            assert_eq!(on, self.runs[usize::from(core)], "core {core}");
        }
        match self.life.run(RICH) {
            Run::Loading => assert!(self.loading.is_some(), "nobody loads"),
            Run::Stopped => assert_eq!(self.runs, [false; 3], "stopped, but a core runs"),
            Run::Recalled => {
                assert_eq!(self.runs, [false; 3]);
                assert!(
                    self.signals.contains(CoreId(1)),
                    "the boot core is not called"
                );
            }
            Run::Recalling(_) => {
                let waits = (0..3).any(|n| self.runs[n] && self.signals.contains(CoreId(n as u8)));
                let any = !self.signals.is_empty();
                assert!(waits || any, "a recall that nobody carries on");
            }
            Run::Running => {}
        }
    }

    /// Delivers what is pending, and loads, until nothing is left to do.
    fn settle(&mut self) {
        for _ in 0..32 {
            for on in 0..3 {
                self.take(Step::Signal { on });
            }
            self.take(Step::Loaded { good: true });
        }
    }
}

proptest! {
    #[test]
    fn no_order_of_events_breaks_an_invariant(steps in prop::collection::vec(step(), 0..200)) {
        let mut machine = Machine::booted();
        for step in steps {
            machine.take(step);
        }
    }

    /// The model: a partition that settles either runs on its boot core or is stopped, and a restart is
    /// always followed by a start.
    #[test]
    fn whatever_happened_a_recall_ends(steps in prop::collection::vec(step(), 0..100)) {
        let mut machine = Machine::booted();
        for step in steps {
            machine.take(step);
        }
        let recalling = machine.life.run(RICH);
        let starts = machine.life.starts(RICH);
        machine.settle();
        match (recalling, machine.life.run(RICH)) {
            (Run::Recalling(Then::Stop) | Run::Stopped, end) => prop_assert_eq!(end, Run::Stopped),
            (Run::Running, end) => prop_assert_eq!(end, Run::Running),
            (Run::Recalling(Then::Restart) | Run::Recalled | Run::Loading, end) => {
                prop_assert_eq!(end, Run::Running);
                prop_assert_eq!(machine.life.starts(RICH), starts + 1);
                prop_assert_eq!(machine.runs, [false, true, false]);
            }
        }
    }

    #[test]
    fn an_entry_outside_of_its_memory_is_refused(entry in any::<u64>()) {
        let mut machine = Machine::booted();
        machine.take(Step::Loaded { good: true });
        let start = Start { entry, argument: 0 };
        let inside = entry & 3 == 0 && (0x8000..=0x8ffc).contains(&entry);
        let result = machine.life.power_on(RICH, CoreId(2), start);
        prop_assert_eq!(result.is_ok(), inside);
        if !inside {
            prop_assert_eq!(result, Err(PowerError::BadEntry));
            prop_assert_eq!(machine.life.power(RICH, CoreId(2)), Some(Power::Off));
        }
    }
}

#[test]
fn a_stop_is_not_turned_into_a_restart() {
    let mut machine = Machine::booted();
    machine.take(Step::Loaded { good: true });
    machine.take(Step::PowerOn { by: 1, target: 2 });
    machine.take(Step::Signal { on: 2 });
    machine.take(Step::End {
        by: 1,
        policy: Policy::Stop,
    });
    machine.take(Step::End {
        by: 2,
        policy: Policy::Restart,
    });
    machine.settle();
    assert_eq!(machine.life.run(RICH), Run::Stopped);
}

#[test]
fn a_load_is_not_ended() {
    let mut life = Life::new(&SYSTEM);
    life.launch(RICH);
    let outcome = life.end(RICH, CoreId(1), Policy::SafeState);
    assert_eq!(outcome, Outcome::just(Next::Resume));
    let outcome = life.end_from_outside(RICH, Policy::SafeState);
    assert_eq!(outcome, Outcome::just(Next::Resume));
    assert_eq!(life.loaded(RICH, Some(ENTRY)).next, Next::Start(ENTRY));
}

#[test]
fn a_failed_load_stops_the_partition() {
    let mut machine = Machine::booted();
    machine.take(Step::Loaded { good: false });
    assert_eq!(machine.life.run(RICH), Run::Stopped);
    assert_eq!(machine.life.starts(RICH), 0);
}

#[test]
fn a_critical_partition_that_is_not_loaded_leaves_its_outputs_safe() {
    for (partition, safe_state) in [(CRITICAL, true), (RICH, false)] {
        let mut life = Life::new(&SYSTEM);
        life.launch(partition);
        let outcome = life.loaded(partition, None);
        assert_eq!((outcome.next, outcome.safe_state), (Next::Idle, safe_state));
    }
}

#[test]
fn images_that_start_outside_are_not_started() {
    let mut life = Life::new(&SYSTEM);
    life.launch(RICH);
    let outside = Start {
        entry: 0x1000,
        argument: 0,
    };
    assert_eq!(life.loaded(RICH, Some(outside)).next, Next::Idle);
    assert_eq!(life.run(RICH), Run::Stopped);
}
