//! A critical partition under every order of moves, ends, loads and signals: it has one core from its start to its end.

use super::*;
use crate::ids::CoreSet;
use crate::life::{Next, Start};
use crate::region::Region;
use crate::table::{Core, Entry, Fpu, Partition, Policy};
use proptest::prelude::*;

const CRITICAL: PartitionId = PartitionId(0);
const RICH: PartitionId = PartitionId(1);
const CORES: u8 = 3;

const fn ram(start: u64) -> Region {
    match Region::from_raw(start, 0x1000) {
        Ok(region) => region,
        Err(_) => panic!("a region"),
    }
}

const fn partition(slot: Slot, memory: &'static [Region]) -> Partition {
    Partition {
        name: "",
        slot,
        boot: CoreId(0),
        cores: CoreSet::from_bits(0b111),
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

const fn core(n: u64) -> Core {
    Core {
        hardware_id: n,
        critical: Some(CRITICAL),
        rich: Some(RICH),
    }
}

static SYSTEM: System = System {
    partitions: &[
        partition(Slot::Critical, &[ram(0x1000)]),
        partition(Slot::Rich, &[ram(0x8000)]),
    ],
    cores: &[core(0), core(1), core(2)],
    fpu: Fpu::Lazy,
    instruction: 4,
    hooked: &[],
};

const ENTRY: Start = Start {
    entry: 0x1000,
    argument: 0,
};
const RICH_ENTRY: Start = Start {
    entry: 0x8000,
    argument: 0,
};

const RULE: Rule = Rule {
    partition: CRITICAL,
    call: true,
    power_down: true,
};

/// What may happen next; what cannot, in the state that it meets, is skipped.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask { to: u8 },
    RichOn { core: u8 },
    RichOff { core: u8 },
    JobDone,
    End { policy: Policy },
    Hang,
    Signal { on: u8 },
    Loaded,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_u8).prop_map(|to| Step::Ask { to }),
        2 => (1..CORES).prop_map(|core| Step::RichOn { core }),
        2 => (0..CORES).prop_map(|core| Step::RichOff { core }),
        1 => Just(Step::JobDone),
        1 => prop_oneof![3 => Just(Policy::Restart), 1 => Just(Policy::Stop)]
            .prop_map(|policy| Step::End { policy }),
        1 => Just(Step::Hang),
        12 => (0..CORES).prop_map(|on| Step::Signal { on }),
        4 => Just(Step::Loaded),
    ]
}

/// The cores around it.
struct Machine {
    life: Life,
    mover: Mover,
    /// Which core runs the critical partition; a move that is asked for leaves it where it is.
    on: Option<u8>,
    loading: bool,
    /// It waits for its move, and is held back meanwhile.
    held: bool,
    signals: CoreSet,
    jobs: u32,
    forced: u32,
}

impl Machine {
    fn booted() -> Self {
        let mut life = Life::new(&SYSTEM);
        life.launch(RICH);
        life.loaded(RICH, Some(RICH_ENTRY));
        let mut machine = Self {
            life,
            mover: Mover::new(RULE),
            on: None,
            loading: false,
            held: false,
            signals: CoreSet::EMPTY,
            jobs: 0,
            forced: 0,
        };
        let outcome = machine.life.launch(CRITICAL);
        machine.carry_out(0, outcome);
        machine
    }

    fn signal(&mut self, core: u8) {
        self.signals = self.signals.union(CoreSet::one(CoreId(core)));
    }

    fn carry_out(&mut self, core: u8, outcome: Outcome) {
        self.signals = self.signals.union(outcome.signal);
        match outcome.next {
            Next::Resume => {}
            Next::Idle => {
                if self.on == Some(core) {
                    self.on = None;
                    self.held = false;
                }
            }
            Next::Load => {
                assert_eq!(core, 0, "loaded on its first core");
                assert_eq!(self.on.take_if(|on| *on == core).and(self.on), None);
                self.held = false;
                self.loading = true;
                self.mover.forget(CRITICAL);
            }
            Next::Start(_) => {
                assert_eq!(self.on, None, "on two cores at once");
                self.loading = false;
                self.on = Some(core);
            }
        }
    }

    /// As the monitor does at a signal: what the life says first, then a move.
    fn signalled(&mut self, on: u8) {
        let outcome = self.life.signalled(CRITICAL, CoreId(on));
        let enters = matches!(outcome.next, Next::Load | Next::Start(_));
        self.carry_out(on, outcome);
        if enters {
            // The way out serves one new context; what else there is waits for the next signal.
            return self.signal(on);
        }
        let outcome = self.life.signalled(RICH, CoreId(on));
        self.signals = self.signals.union(outcome.signal);
        if let Some(to) = self.mover.destination(&self.life, CoreId(on)) {
            assert_ne!(to, CoreId(on));
            assert!(!self.loading, "packed while it is loaded");
            assert_eq!(self.on, Some(on), "packed where it is not");
            match self.mover.leave(&mut self.life, CoreId(on)) {
                Some(outcome) => {
                    assert_eq!(self.on, Some(on), "left a core that it was not on");
                    self.carry_out(on, outcome);
                }
                // What ends it has called this core, or is done with it.
                None => assert!(self.on != Some(on) || self.signals.contains(CoreId(on))),
            }
        }
    }

    fn take(&mut self, step: Step) {
        match (step, self.on) {
            (Step::Ask { to }, Some(on)) if !self.held => {
                let asked = self.mover.ask(&self.life, CRITICAL, CoreId(on), CoreId(to));
                match asked {
                    Ok(()) => {
                        self.held = true;
                        self.signal(on);
                    }
                    Err(Stays::NoSuchCore) => assert!(to == on || to >= CORES),
                    // It is being ended, and does not know yet.
                    Err(stays) => {
                        assert_eq!(stays, Stays::Underway);
                        assert_ne!(self.life.run(CRITICAL), Run::Running);
                    }
                }
            }
            (Step::RichOn { core }, _) => {
                if let Ok(outcome) = self.life.power_on(RICH, CoreId(core), RICH_ENTRY) {
                    self.signals = self.signals.union(outcome.signal);
                }
            }
            (Step::RichOff { core }, _) => {
                if self.life.power(RICH, CoreId(core)) != Some(Power::On) {
                    return;
                }
                if self.on == Some(core)
                    && !self.held
                    && self.mover.power_down(&self.life, &SYSTEM, CoreId(core))
                {
                    self.forced += 1;
                    self.held = true;
                    self.signal(core);
                }
                self.life.power_off(RICH, CoreId(core));
            }
            (Step::JobDone, Some(_)) if !self.held => {
                self.jobs += 1;
                self.mover.job_done(CRITICAL);
            }
            (Step::End { policy }, Some(on)) if !self.held => {
                let outcome = self.life.end(CRITICAL, CoreId(on), policy);
                self.carry_out(on, outcome);
            }
            (Step::Hang, _) => {
                let outcome = self.life.end_from_outside(CRITICAL, Policy::Restart);
                self.signals = self.signals.union(outcome.signal);
            }
            (Step::Signal { on }, _) if self.signals.contains(CoreId(on)) => {
                self.signals = self.signals.minus(CoreSet::one(CoreId(on)));
                self.signalled(on);
            }
            (Step::Loaded, _) if self.loading => {
                let outcome = self.life.loaded(CRITICAL, Some(ENTRY));
                self.carry_out(0, outcome);
            }
            _ => {}
        }
        self.check();
    }

    fn check(&self) {
        let power = |core| self.life.power(CRITICAL, CoreId(core));
        let off = |core: &u8| power(*core) != Some(Power::Off);
        let taken = (0..CORES).filter(off).count();
        match self.life.run(CRITICAL) {
            Run::Running => {
                assert_eq!(taken, 1, "it has one core");
                let here = (0..CORES).find(off);
                assert_eq!(place(&self.life, &SYSTEM, CRITICAL), here.map(CoreId));
                match here.map(|core| (core, power(core))) {
                    Some((core, Some(Power::On))) => assert_eq!(self.on, Some(core)),
                    // In between: it runs nowhere, and the other core is called.
                    Some((core, _)) => {
                        assert_eq!(self.on, None);
                        assert!(self.signals.contains(CoreId(core)), "nobody takes it over");
                    }
                    None => {}
                }
                if self.held {
                    let on = self.on.map(CoreId);
                    assert!(
                        on.is_some_and(|on| self.signals.contains(on)),
                        "held for good"
                    );
                }
            }
            Run::Recalling(_) => assert!(taken <= 1),
            Run::Stopped | Run::Loading | Run::Recalled => {
                assert_eq!((taken, self.on), (0, None));
            }
        }
        assert!(
            self.forced <= self.jobs + 1,
            "moved more than once for a job"
        );
    }
}

proptest! {
    #[test]
    fn no_order_of_events_gives_it_two_cores_or_none(steps in prop::collection::vec(step(), 0..300)) {
        let mut machine = Machine::booted();
        for step in steps {
            machine.take(step);
        }
    }

    #[test]
    fn whatever_happened_it_goes_on_in_one_place(steps in prop::collection::vec(step(), 0..100)) {
        let mut machine = Machine::booted();
        for step in steps {
            machine.take(step);
        }
        for _ in 0..16 {
            (0..CORES).for_each(|on| machine.take(Step::Signal { on }));
            machine.take(Step::Loaded);
        }
        match machine.life.run(CRITICAL) {
            Run::Running => {
                prop_assert!(machine.on.is_some());
                prop_assert!(!machine.held);
            }
            end => prop_assert_eq!(end, Run::Stopped),
        }
    }
}

fn running() -> Machine {
    let mut machine = Machine::booted();
    machine.take(Step::Loaded);
    machine
}

#[test]
fn a_move_ends_on_the_other_core() {
    let mut machine = running();
    for (on, to) in [(0, 1), (1, 2), (2, 0)] {
        machine.take(Step::Ask { to });
        assert_eq!(machine.on, Some(on));
        machine.take(Step::Signal { on });
        assert_eq!(machine.on, None);
        machine.take(Step::Signal { on: to });
        assert_eq!(machine.on, Some(to));
    }
}

#[test]
fn what_the_description_does_not_allow_is_refused() {
    let machine = running();
    let deaf = Rule {
        call: false,
        power_down: false,
        ..RULE
    };
    let mut mover = Mover::new(deaf);
    let asked = mover.ask(&machine.life, CRITICAL, CoreId(0), CoreId(1));
    assert_eq!(asked, Err(Stays::NotAllowed));
    assert!(!mover.power_down(&machine.life, &SYSTEM, CoreId(0)));
    let mut mover = Mover::new(RULE);
    let asked = mover.ask(&machine.life, RICH, CoreId(0), CoreId(1));
    assert_eq!(asked, Err(Stays::NotAllowed));
}

#[test]
fn it_is_not_moved_to_where_nobody_else_runs() {
    let mut machine = running();
    machine.take(Step::RichOff { core: 0 });
    assert_eq!((machine.on, machine.forced), (Some(0), 0));
}

#[test]
fn a_rich_partition_moves_it_once_for_a_job() {
    let mut machine = running();
    for core in [1, 2] {
        machine.take(Step::RichOn { core });
        machine.take(Step::Signal { on: core });
    }
    machine.take(Step::RichOff { core: 0 });
    machine.take(Step::Signal { on: 0 });
    machine.take(Step::Signal { on: 1 });
    assert_eq!((machine.on, machine.forced), (Some(1), 1));
    machine.take(Step::RichOff { core: 1 });
    assert_eq!((machine.on, machine.forced), (Some(1), 1));
    machine.take(Step::RichOn { core: 1 });
    machine.take(Step::Signal { on: 1 });
    machine.take(Step::JobDone);
    machine.take(Step::RichOff { core: 1 });
    assert_eq!(machine.forced, 2);
}

#[test]
fn one_that_hangs_on_its_way_is_restarted_at_home() {
    let mut machine = running();
    machine.take(Step::Ask { to: 2 });
    machine.take(Step::Signal { on: 0 });
    machine.take(Step::Hang);
    for on in [2, 0] {
        machine.take(Step::Signal { on });
    }
    assert!(machine.loading);
    machine.take(Step::Loaded);
    assert_eq!(machine.on, Some(0));
}
