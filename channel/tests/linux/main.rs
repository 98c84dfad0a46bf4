//! The Linux driver's endpoint, in C, against the one of this crate: the same steps, the same attacker with the same seed, and
//! then the same accesses, answers, counters and memory, access by access. So what is shown of one end holds for the other.
#![cfg(not(miri))]
#![expect(unsafe_code, reason = "calls C")]

#[path = "../hostile/attacker.rs"]
mod attacker;
#[path = "../common/mod.rs"]
mod common;
mod driver;
mod packets;

use attacker::{Attacker, Tampered};
use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{
    Armed, Budget, Checksum, Configuration, Doorbell, Endpoint, Epoch, Link, Refused, Violation,
};
use cofferdam_channel::memory::Memory;
use cofferdam_channel::shared::Shared;
use common::Ram;
use driver::{End, Sent};
use proptest::prelude::*;

const SLOTS: u32 = 4;
const MTU: u32 = 68;
const LONGEST: usize = 82;

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize),
    Receive(u32),
    Arm,
    Disarm,
    Look,
    Reassert,
    Close,
    /// Both ends.
    Begin,
    /// The end under test alone.
    BeginAlone,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..LONGEST + 2).prop_map(Step::Send),
        12 => (0..9u32).prop_map(Step::Receive),
        3 => Just(Step::Arm),
        1 => Just(Step::Disarm),
        1 => Just(Step::Look),
        2 => Just(Step::Reassert),
        1 => Just(Step::Close),
        3 => Just(Step::Begin),
        1 => Just(Step::BeginAlone),
    ]
}

fn configuration(side: Side, crc: bool) -> Configuration {
    Configuration {
        geometry: Geometry::new(SLOTS, MTU).expect("a ring"),
        side,
        checksum: if crc {
            Checksum::Crc32c(Engine::Table)
        } else {
            Checksum::Off
        },
    }
}

/// What a step answered, the same for both ends.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    link: driver::Link,
    sent: Option<Sent>,
    frame: Option<Vec<u8>>,
    asleep: Option<bool>,
}

/// An end under test.
trait Under {
    fn step(&mut self, step: Step, frame: &[u8], epoch: Epoch) -> Seen;
}

impl<M: Memory> Under for End<'_, M> {
    fn step(&mut self, step: Step, frame: &[u8], epoch: Epoch) -> Seen {
        let mut seen = Seen {
            link: driver::Link::Closed,
            sent: None,
            frame: None,
            asleep: None,
        };
        match step {
            Step::Send(length) => seen.sent = Some(self.send(&frame[..length])),
            Step::Receive(mut slots) => {
                let mut buffer = [0; 88];
                let length = self.receive(&mut slots, &mut buffer) as usize;
                seen.frame = (length > 0).then(|| buffer[..length].to_vec());
            }
            Step::Arm => seen.asleep = Some(self.arm()),
            Step::Disarm => self.disarm(),
            Step::Look => {}
            Step::Reassert => self.reassert(),
            Step::Close => self.close(),
            Step::Begin | Step::BeginAlone => self.begin(epoch.get()),
        }
        seen.link = self.look();
        seen
    }
}

impl<M: Memory> Under for Endpoint<M> {
    fn step(&mut self, step: Step, frame: &[u8], epoch: Epoch) -> Seen {
        let mut seen = Seen {
            link: driver::Link::Closed,
            sent: None,
            frame: None,
            asleep: None,
        };
        match step {
            Step::Send(length) => {
                seen.sent = Some(match self.send(&frame[..length]) {
                    Ok(Doorbell::Silent) => Sent::Silent,
                    Ok(Doorbell::Ring) => Sent::Ring,
                    Err(Refused::Length) => Sent::Length,
                    Err(Refused::Full) => Sent::Full,
                    Err(Refused::NotUp(_)) => Sent::Down,
                });
            }
            Step::Receive(frames) => {
                let bytes = u32::MAX;
                let mut budget = Budget { frames, bytes };
                let mut buffer = [0; LONGEST];
                let length = self.receive(&mut budget, &mut buffer).ok().flatten();
                seen.frame = length.map(|length| buffer[..length].to_vec());
            }
            Step::Arm => seen.asleep = Some(self.arm() == Armed::Asleep),
            Step::Disarm => self.disarm(),
            Step::Look => {}
            Step::Reassert => self.reassert(),
            Step::Close => self.close(),
            Step::Begin | Step::BeginAlone => self.restart(epoch),
        }
        seen.link = match self.link() {
            Link::Down => driver::Link::Down,
            Link::Up => driver::Link::Up,
            Link::Left => driver::Link::Left,
            Link::Closed => driver::Link::Closed,
            Link::Quarantined(_) => driver::Link::Quarantined,
        };
        seen
    }
}

/// Plays the steps with an honest other end; answers what was seen, and of the memory what it was after each step.
fn play<U: Under>(
    end: &mut U,
    peer: &mut Endpoint<Shared>,
    ram: Shared,
    steps: &[Step],
) -> Vec<(Seen, Vec<u8>)> {
    let mut trace = Vec::new();
    let mut epoch = Epoch::MIN;
    let mut number = 0u8;
    for step in steps {
        number = number.wrapping_add(1);
        // Both directions have something in them, and rings are asked for.
        let mut taken = [0; LONGEST];
        let mut budget = Budget {
            frames: 1,
            bytes: u32::MAX,
        };
        let _: Result<Doorbell, Refused> = peer.send(&[number; 61]);
        let received = peer.receive(&mut budget, &mut taken);
        let _: Armed = peer.arm();
        if matches!(step, Step::Begin | Step::BeginAlone) {
            epoch = epoch.saturating_add(1);
        }
        let mut seen = end.step(*step, &[number; LONGEST + 2], epoch);
        if matches!(step, Step::Begin) {
            peer.restart(epoch);
        }
        // What the driver sent is what the other end gets.
        if let Ok(Some(length)) = received {
            seen.frame.get_or_insert_default().extend(&taken[..length]);
        }
        let mut memory = vec![0; ram.bytes()];
        ram.copy_out(0, &mut memory);
        trace.push((seen, memory));
    }
    trace
}

/// Plays the same against the same attacker with both; answers the violations that were seen.
fn both(
    second: bool,
    crc: bool,
    (seed, every): (u64, usize),
    steps: &[Step],
) -> Result<[u64; Violation::ALL.len()], TestCaseError> {
    let (side, other) = if second {
        (Side::Second, Side::First)
    } else {
        (Side::First, Side::Second)
    };
    let geometry = configuration(side, crc).geometry;
    let fits = "the memory is as large as it must be";
    let rams = [Ram::new(geometry), Ram::new(geometry)];
    let tampered = rams.each_ref().map(|ram| {
        let attacker = Attacker::new(seed, every, 0..geometry.bytes(), geometry);
        Tampered::new(ram.shared(), attacker)
    });
    let [mut rust_peer, mut c_peer] = rams
        .each_ref()
        .map(|ram| Endpoint::new(ram.shared(), configuration(other, crc), Epoch::MIN).expect(fits));

    let mut rust = Endpoint::new(&tampered[0], configuration(side, crc), Epoch::MIN).expect(fits);
    let expected = play(&mut rust, &mut rust_peer, rams[0].shared(), steps);

    let mut c = End::new(&tampered[1], SLOTS, MTU, second, crc).expect("the same ring");
    // As the Rust end does when it is made.
    c.close();
    c.begin(Epoch::MIN.get());
    let seen = play(&mut c, &mut c_peer, rams[1].shared(), steps);

    for (n, (seen, expected)) in seen.iter().zip(&expected).enumerate() {
        prop_assert_eq!(&seen.0, &expected.0, "step {}: {:?}", n, steps[n]);
        prop_assert!(
            seen.1 == expected.1,
            "memory after step {}: {:?}",
            n,
            steps[n]
        );
    }
    prop_assert_eq!(tampered[1].accesses.get(), tampered[0].accesses.get());
    prop_assert_eq!(&c.counters(), rust.counters());
    let violations = c.counters().violations;
    tampered[1].calm();
    recovers(&mut c, &mut c_peer);
    Ok(violations)
}

/// Both ends begin anew, and pass more frames than there are slots.
fn recovers<M: Memory>(driver: &mut End<'_, M>, peer: &mut Endpoint<Shared>) {
    driver.begin(u32::MAX);
    peer.restart(Epoch::MAX);
    for n in 0..9u8 {
        let frame = vec![n; 1 + usize::from(n) * 10];
        let mut budget = Budget {
            frames: 1,
            bytes: 1,
        };
        let mut taken = [0; 88];
        assert_eq!(driver.send(&frame), Sent::Silent);
        let length = peer.receive(&mut budget, &mut taken);
        assert_eq!(length, Ok(Some(frame.len())));
        assert_eq!(&taken[..frame.len()], frame);
        assert_eq!(peer.send(&frame), Ok(Doorbell::Silent));
        assert_eq!(driver.receive(&mut 1, &mut taken) as usize, frame.len());
        assert_eq!(&taken[..frame.len()], frame);
    }
}

proptest! {
    #[test]
    fn the_driver_does_what_this_crate_does(
        second: bool,
        crc: bool,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        // Nobody disturbs.
        let violations = both(second, crc, (1, usize::MAX), &steps)?;
        prop_assert_eq!(violations, [0; Violation::ALL.len()]);
    }

    #[test]
    fn the_driver_does_so_whatever_an_attacker_writes(
        second: bool,
        crc: bool,
        how in (any::<u64>(), 1..40usize),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        both(second, crc, how, &steps)?;
    }
}

/// So each check of the driver was needed.
#[test]
fn the_attacker_provokes_every_violation() {
    let steps: Vec<Step> = (0..200)
        .map(|n| match n % 16 {
            0 => Step::Begin,
            1..9 => Step::Send(60),
            _ => Step::Receive(2),
        })
        .collect();
    let mut seen = [0; Violation::ALL.len()];
    for seed in 1..400 {
        let violations = both(false, true, (seed * 77, 20), &steps).expect("the same");
        for (sum, more) in seen.iter_mut().zip(violations) {
            *sum += more;
        }
    }
    assert!(!seen.contains(&0), "{seen:?}");
}

#[test]
fn impossible_rings_are_refused() {
    let ram = Ram::new(Geometry::new(SLOTS, MTU).expect("a ring"));
    let memory = ram.shared();
    for (slots, mtu) in [
        (0, 68),
        (1, 68),
        (3, 68),
        (8192, 68),
        (4, 67),
        (4, 9001),
        (u32::MAX, u32::MAX),
    ] {
        assert!(Geometry::new(slots, mtu).is_err());
        assert!(End::new(&memory, slots, mtu, false, true).is_none());
    }
}
