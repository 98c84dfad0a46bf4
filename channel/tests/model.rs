//! Two honest ends against a model of two queues: every order of what they do, restarts included.
mod common;

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{
    Armed, Budget, Checksum, Configuration, Doorbell, Endpoint, Epoch, Link, NotReceived, Refused,
    Unfit, Violation,
};
use cofferdam_channel::shared::Shared;
use common::Ram;
use proptest::prelude::*;
use std::collections::VecDeque;

const SLOTS: usize = 4;
const LONGEST: usize = 82;
const PLENTY: Budget = Budget {
    frames: u32::MAX,
    bytes: u32::MAX,
};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize),
    Receive,
    Arm,
    Disarm,
    Close,
    /// Into the monitor's current epoch, or into a new one if it has been in that already.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..=LONGEST + 1).prop_map(Step::Send),
        12 => Just(Step::Receive),
        4 => Just(Step::Arm),
        1 => Just(Step::Disarm),
        1 => Just(Step::Close),
        2 => Just(Step::Restart),
    ]
}

/// What is known of one end without its code.
#[derive(Default)]
struct End {
    epoch: u32,
    closed: bool,
    /// Frames that it sent and the other end did not take.
    queue: VecDeque<Vec<u8>>,
    /// It asked for a doorbell that was not rung yet.
    asks: bool,
    sent: u64,
    taken: u64,
    lost: u64,
    /// It saw the other end in this epoch.
    met: bool,
}

struct Model {
    ends: [End; 2],
    epoch: u32,
}

impl Model {
    fn up(&self) -> bool {
        let [first, second] = &self.ends;
        first.epoch == second.epoch && !first.closed && !second.closed
    }

    /// The link as `end` must see it.
    fn link(&self, end: usize) -> Link {
        match (self.ends[end].closed, self.up()) {
            (true, _) => Link::Closed,
            (false, true) => Link::Up,
            (false, false) if self.ends[end].met => Link::Left,
            (false, false) => Link::Down,
        }
    }

    fn restart(&mut self, end: usize) -> Epoch {
        self.epoch += u32::from(self.ends[end].epoch == self.epoch);
        for end in &mut self.ends {
            end.lost += end.queue.len() as u64;
            end.queue.clear();
        }
        let end = &mut self.ends[end];
        (end.epoch, end.closed, end.asks, end.met) = (self.epoch, false, false, false);
        Epoch::new(self.epoch).expect("not 0")
    }

    /// Sending `frame` from `end`: what the endpoint must answer.
    fn send(&mut self, end: usize, frame: &[u8]) -> Result<Doorbell, Refused> {
        if frame.is_empty() || frame.len() > LONGEST {
            return Err(Refused::Length);
        }
        if !self.up() {
            return Err(Refused::NotUp(self.link(end)));
        }
        if self.ends[end].queue.len() == SLOTS {
            return Err(Refused::Full);
        }
        self.ends[end].queue.push_back(frame.to_vec());
        self.ends[end].sent += 1;
        let asked = std::mem::take(&mut self.ends[1 - end].asks);
        Ok(if asked {
            Doorbell::Ring
        } else {
            Doorbell::Silent
        })
    }

    fn receive(&mut self, end: usize) -> Result<Option<Vec<u8>>, NotReceived> {
        if !self.up() {
            return Err(NotReceived::NotUp(self.link(end)));
        }
        let frame = self.ends[1 - end].queue.pop_front();
        self.ends[end].taken += u64::from(frame.is_some());
        Ok(frame)
    }

    fn arm(&mut self, end: usize) -> Armed {
        let asleep = !self.up() || self.ends[1 - end].queue.is_empty();
        self.ends[end].asks = asleep;
        if asleep { Armed::Asleep } else { Armed::Awake }
    }
}

fn configuration(side: Side, crc: bool) -> Configuration {
    Configuration {
        geometry: Geometry::new(4, 68).expect("a ring"),
        side,
        checksum: if crc {
            Checksum::Crc32c(Engine::Table)
        } else {
            Checksum::Off
        },
    }
}

fn receive(end: &mut Endpoint<Shared>) -> Result<Option<Vec<u8>>, NotReceived> {
    let mut frame = vec![0; LONGEST];
    let length = end.receive(&mut PLENTY.clone(), &mut frame)?;
    Ok(length.map(|length| frame[..length].to_vec()))
}

/// One step of one end, compared with the model's.
fn compare(
    real: &mut Endpoint<Shared>,
    model: &mut Model,
    end: usize,
    (step, number): (Step, usize),
) -> Result<(), TestCaseError> {
    match step {
        Step::Send(length) => {
            let frame: Vec<u8> = (0..length).map(|at| (at * 7 + number) as u8).collect();
            prop_assert_eq!(real.send(&frame), model.send(end, &frame));
        }
        Step::Receive => prop_assert_eq!(receive(real), model.receive(end)),
        Step::Arm => prop_assert_eq!(real.arm(), model.arm(end)),
        Step::Disarm => {
            real.disarm();
            model.ends[end].asks = false;
        }
        Step::Close => {
            real.close();
            model.ends[end].closed = true;
        }
        Step::Restart => real.restart(model.restart(end)),
    }
    prop_assert_eq!(real.link(), model.link(end));
    model.ends[end].met |= model.up();
    Ok(())
}

proptest! {
    #[test]
    fn two_ends_are_two_queues(
        crc: bool,
        steps in prop::collection::vec((0..2usize, step()), 1..120),
    ) {
        let ram = Ram::new(configuration(Side::First, crc).geometry);
        let mut model = Model { ends: [End::default(), End::default()], epoch: 1 };
        let mut ends = [Side::First, Side::Second].map(|side| {
            Endpoint::new(ram.shared(), configuration(side, crc), Epoch::MIN).expect("it fits")
        });
        for end in &mut model.ends {
            end.epoch = 1;
        }
        for (number, (end, step)) in steps.into_iter().enumerate() {
            compare(&mut ends[end], &mut model, end, (step, number))?;
        }
        for (number, end) in ends.iter_mut().enumerate() {
            let counters = *end.counters();
            let known = &model.ends[number];
            prop_assert_eq!(counters.violations, [0; Violation::ALL.len()]);
            prop_assert_eq!((counters.sent, counters.received), (known.sent, known.taken));
            // Every frame is taken, in the ring, or counted as perhaps lost.
            let lost = known.queue.len() as u64 + known.lost;
            prop_assert_eq!(known.sent, model.ends[1 - number].taken + lost);
            end.restart(Epoch::MAX);
            prop_assert!(end.counters().abandoned >= lost);
        }
    }
}

fn two_ends(ram: &Ram) -> (Endpoint<Shared>, Endpoint<Shared>) {
    let end = |side| Endpoint::new(ram.shared(), configuration(side, true), Epoch::MIN);
    let fits = "the memory is as large as it must be";
    (
        end(Side::First).expect(fits),
        end(Side::Second).expect(fits),
    )
}

#[test]
fn a_budget_ends_a_drain() {
    let ram = Ram::new(configuration(Side::First, true).geometry);
    let (mut first, mut second) = two_ends(&ram);
    for n in 0..4 {
        assert_eq!(first.send(&[n; 50]), Ok(Doorbell::Silent));
    }
    let mut frame = [0; LONGEST];
    let mut budget = Budget {
        frames: 9,
        bytes: 51,
    };
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(50)));
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(50)));
    assert_eq!(
        budget,
        Budget {
            frames: 7,
            bytes: 0
        }
    );
    assert_eq!(
        second.receive(&mut budget, &mut frame),
        Ok(None),
        "no bytes left"
    );
    let mut budget = Budget {
        frames: 1,
        bytes: 9999,
    };
    assert_eq!(second.receive(&mut budget, &mut frame), Ok(Some(50)));
    assert_eq!(
        second.receive(&mut budget, &mut frame),
        Ok(None),
        "no frames left"
    );
    assert_eq!(frame[..50], [2; 50]);
}

#[test]
fn one_request_is_one_doorbell() {
    let ram = Ram::new(configuration(Side::First, true).geometry);
    let (mut first, mut second) = two_ends(&ram);
    assert_eq!(second.arm(), Armed::Asleep);
    assert_eq!(first.send(&[1; 20]), Ok(Doorbell::Ring));
    assert_eq!(first.send(&[2; 20]), Ok(Doorbell::Silent));
    assert_eq!(second.arm(), Armed::Awake);
    assert_eq!(receive(&mut second), Ok(Some(vec![1; 20])));
    assert_eq!(receive(&mut second), Ok(Some(vec![2; 20])));
    assert_eq!(second.arm(), Armed::Asleep);
    assert_eq!(first.send(&[3; 20]), Ok(Doorbell::Ring));
    assert_eq!(first.counters().doorbells, 2);
}

#[test]
fn ends_of_two_builds_do_not_meet() {
    let ram = Ram::new(Geometry::new(4, 1500).expect("a ring"));
    let other = Configuration {
        geometry: Geometry::new(4, 69).expect("a ring"),
        ..configuration(Side::Second, true)
    };
    let mut first =
        Endpoint::new(ram.shared(), configuration(Side::First, true), Epoch::MIN).expect("fits");
    let mut second = Endpoint::new(ram.shared(), other, Epoch::MIN).expect("fits");
    assert_eq!(second.link(), Link::Quarantined(Violation::Header));
    assert_eq!(second.send(&[1]), Err(Refused::NotUp(second.link())));
    assert_eq!(first.link(), Link::Quarantined(Violation::Header));
}

#[test]
fn memory_that_is_too_small_is_refused() {
    let ram = Ram::new(Geometry::new(2, 68).expect("a ring"));
    let large = Configuration {
        geometry: Geometry::new(64, 1500).expect("a ring"),
        ..configuration(Side::First, true)
    };
    let refused = Endpoint::new(ram.shared(), large, Epoch::MIN).map(|_| ());
    assert_eq!(refused, Err(Unfit::Memory));
}

#[test]
fn a_buffer_that_is_too_short_takes_nothing() {
    let ram = Ram::new(configuration(Side::First, true).geometry);
    let (mut first, mut second) = two_ends(&ram);
    assert_eq!(first.send(&[1; 20]), Ok(Doorbell::Silent));
    let mut short = [0; LONGEST - 1];
    let refused = second.receive(&mut PLENTY.clone(), &mut short);
    assert_eq!(refused, Err(NotReceived::ShortBuffer));
    assert_eq!(receive(&mut second), Ok(Some(vec![1; 20])));
}
