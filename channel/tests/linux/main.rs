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
use cofferdam_channel::authentication::{Authentication, Key, SipHash};
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

/// Whether frames have a checksum, and a tag.
type Guards = (bool, bool);

const KEY: Key = [*b"by this, frames,", *b"and tags by this"];

/// An end of this crate, in the first epoch.
fn endpoint<M: Memory>(memory: M, side: Side, (crc, tag): Guards) -> Endpoint<M, Option<SipHash>> {
    let configuration = configuration(side, crc);
    let tag = tag.then(|| SipHash::new(KEY));
    let fits = "the memory is as large as it must be";
    let mut end = Endpoint::authenticated(memory, configuration, tag).expect(fits);
    end.restart(Epoch::MIN);
    end
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

impl<M: Memory, A: Authentication> Under for Endpoint<M, A> {
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
    peer: &mut Endpoint<Shared, Option<SipHash>>,
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
    guards: Guards,
    (seed, every): (u64, usize),
    steps: &[Step],
) -> Result<[u64; Violation::ALL.len()], TestCaseError> {
    let (side, other) = if second {
        (Side::Second, Side::First)
    } else {
        (Side::First, Side::Second)
    };
    let geometry = configuration(side, guards.0).geometry;
    let rams = [Ram::new(geometry), Ram::new(geometry)];
    let tampered = rams.each_ref().map(|ram| {
        let attacker = Attacker::new(seed, every, 0..geometry.bytes(), geometry);
        Tampered::new(ram.shared(), attacker)
    });
    let peers = rams.each_ref();
    let [mut rust_peer, mut c_peer] = peers.map(|ram| endpoint(ram.shared(), other, guards));

    let mut rust = endpoint(&tampered[0], side, guards);
    let expected = play(&mut rust, &mut rust_peer, rams[0].shared(), steps);

    let (crc, tag) = guards;
    let key = tag.then_some(&KEY);
    let mut c = End::new(&tampered[1], (SLOTS, MTU), second, crc, key).expect("the same ring");
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
fn recovers<M: Memory>(driver: &mut End<'_, M>, peer: &mut Endpoint<Shared, Option<SipHash>>) {
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
        guards: Guards,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        // Nobody disturbs.
        let violations = both(second, guards, (1, usize::MAX), &steps)?;
        prop_assert_eq!(violations, [0; Violation::ALL.len()]);
    }

    #[test]
    fn the_driver_does_so_whatever_an_attacker_writes(
        second: bool,
        guards: Guards,
        how in (any::<u64>(), 1..40usize),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        both(second, guards, how, &steps)?;
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
        let violations = both(false, (true, true), (seed * 77, 20), &steps).expect("the same");
        for (sum, more) in seen.iter_mut().zip(violations) {
            *sum += more;
        }
    }
    assert!(!seen.contains(&0), "{seen:?}");
}

/// As `with_tags_no_number_comes_twice` of this crate.
#[test]
fn with_tags_no_number_comes_twice() {
    let last = u32::MAX;
    for (key, sent, taken, link) in [
        (None, last, last, driver::Link::Up),
        (Some(&KEY), last - 1, last - 1, driver::Link::Up),
        (Some(&KEY), last, 0, driver::Link::Left),
        (Some(&KEY), 0, last, driver::Link::Left),
    ] {
        let ram = Ram::new(configuration(Side::First, false).geometry);
        let memory = ram.shared();
        let mut end = End::new(&memory, (SLOTS, MTU), false, false, key).expect("a ring");
        end.begin(Epoch::MIN.get());
        let _peer = endpoint(ram.shared(), Side::Second, (false, key.is_some()));
        assert_eq!(end.look(), driver::Link::Up);
        end.skip(sent, taken);
        assert_eq!(end.look(), link);
        end.begin(2);
        assert_eq!(end.look(), driver::Link::Down);
    }
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
        assert!(End::new(&memory, (slots, mtu), false, true, None).is_none());
    }
}
