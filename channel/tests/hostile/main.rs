//! An honest end against one that writes anything, anywhere, between any two of its accesses.
//!
//! It may get nonsense or nothing, but must not panic, touch what is not its own, or work for
//! longer than its budget; and a new epoch with an honest other end is a good link again.
mod attacker;
#[path = "../common/mod.rs"]
mod common;

use attacker::{Attacker, Tampered};
use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::authentication::SipHash;
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{
    Armed, Budget, Checksum, Configuration, Doorbell, Endpoint, Epoch, Link, Refused, Violation,
};
use cofferdam_channel::memory::Memory;
use common::Ram;
use proptest::prelude::*;

/// What the honest end does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize),
    Receive(Budget),
    Arm,
    Disarm,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..90usize).prop_map(Step::Send),
        6 => (0..12u32, 0..400u32).prop_map(|(frames, bytes)| Step::Receive(Budget { frames, bytes })),
        1 => Just(Step::Arm),
        1 => Just(Step::Disarm),
        1 => Just(Step::Restart),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Reach {
    /// The other end's section, as where the hardware keeps the two apart.
    Section,
    /// All of the memory.
    Everything,
}

/// Whether frames have a checksum, and a tag.
type Guards = (bool, bool);

/// An end in the first epoch.
fn endpoint<M: Memory>(memory: M, side: Side, (crc, tag): Guards) -> Endpoint<M, Option<SipHash>> {
    let tag = tag.then(|| SipHash::new([[1; 16], [2; 16]]));
    let fits = "the memory is as large as it must be";
    let mut end = Endpoint::authenticated(memory, configuration(side, crc), tag).expect(fits);
    end.restart(Epoch::MIN);
    end
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

/// More accesses than this a call cannot need: some of its own, and for each slot a header, a tag, a longest frame, and
/// what is read and written around them.
fn most_accesses(frames: u32) -> usize {
    30 + frames as usize * (82usize.div_ceil(8) + 20)
}

/// Plays the steps. The other end is honest too, but its memory is the attacker's.
fn play<H: Memory, P: Memory>(
    honest: &mut Endpoint<H, Option<SipHash>>,
    peer: &mut Endpoint<P, Option<SipHash>>,
    steps: &[Step],
    accesses: impl Fn() -> usize,
) -> Result<(), TestCaseError> {
    let mut frame = [0; 82];
    for step in steps {
        // Something for the attacker to spoil.
        let _: Result<Doorbell, Refused> = peer.send(&[7; 60]);
        let before = accesses();
        let mut frames = 0;
        match *step {
            Step::Send(length) => {
                let sent = honest.send(&frame[..length.min(82)]);
                prop_assert!(sent.is_ok() || length > 0 || sent == Err(Refused::Length));
                frames = 1;
            }
            Step::Receive(mut budget) => {
                frames = budget.frames;
                let length = honest.receive(&mut budget, &mut frame);
                if let Ok(Some(length)) = length {
                    prop_assert!((1..=82).contains(&length));
                }
            }
            Step::Arm => {
                let _: Armed = honest.arm();
            }
            Step::Disarm => honest.disarm(),
            Step::Restart => {
                let epoch = honest.epoch().saturating_add(1);
                honest.restart(epoch);
                peer.restart(epoch);
            }
        }
        prop_assert!(accesses() - before <= most_accesses(frames), "{step:?}");
    }
    Ok(())
}

/// Both ends begin anew and pass more frames than there are slots, both ways.
fn recovers<H: Memory, P: Memory>(
    honest: &mut Endpoint<H, Option<SipHash>>,
    peer: &mut Endpoint<P, Option<SipHash>>,
) -> Result<(), TestCaseError> {
    let epoch = honest.epoch().saturating_add(1);
    honest.restart(epoch);
    peer.restart(epoch);
    let violations = honest.counters().violations;
    for n in 0..9u8 {
        pass(honest, peer, &[n; 33])?;
        pass(peer, honest, &[n; 82])?;
    }
    prop_assert_eq!(honest.counters().violations, violations);
    prop_assert_eq!(honest.link(), Link::Up);
    Ok(())
}

fn pass<F: Memory, T: Memory>(
    from: &mut Endpoint<F, Option<SipHash>>,
    to: &mut Endpoint<T, Option<SipHash>>,
    frame: &[u8],
) -> Result<(), TestCaseError> {
    let mut budget = Budget {
        frames: 1,
        bytes: 1,
    };
    let mut received = [0; 82];
    prop_assert_eq!(from.send(frame), Ok(Doorbell::Silent));
    let length = to.receive(&mut budget, &mut received);
    prop_assert_eq!(length, Ok(Some(frame.len())));
    prop_assert_eq!(&received[..frame.len()], frame);
    Ok(())
}

/// Plays `steps` against an attacker; answers how often the honest end saw him, by violation.
fn attack(
    reach: Reach,
    guards: Guards,
    (seed, every): (u64, usize),
    steps: &[Step],
) -> Result<[u64; Violation::ALL.len()], TestCaseError> {
    let geometry = configuration(Side::First, guards.0).geometry;
    let ram = Ram::new(geometry);
    let reach = match reach {
        Reach::Section => geometry.section()..geometry.bytes(),
        Reach::Everything => 0..geometry.bytes(),
    };
    let attacker = Attacker::new(seed, every, reach, geometry);
    let tampered = Tampered::new(ram.shared(), attacker);
    let mut honest = endpoint(&tampered, Side::First, guards);
    let mut peer = endpoint(ram.shared(), Side::Second, guards);
    play(&mut honest, &mut peer, steps, || tampered.accesses.get())?;
    tampered.calm();
    recovers(&mut honest, &mut peer)?;
    Ok(honest.counters().violations)
}

proptest! {
    #[test]
    fn whatever_is_written_to_the_other_section(
        guards: Guards,
        how in (any::<u64>(), 1..40usize),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        attack(Reach::Section, guards, how, &steps)?;
    }

    #[test]
    fn whatever_is_written_anywhere(
        guards: Guards,
        how in (any::<u64>(), 1..40usize),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        attack(Reach::Everything, guards, how, &steps)?;
    }
}

/// The attacker above is worth something: every check that the honest end makes is needed against him.
#[test]
#[cfg_attr(miri, ignore = "many runs; each is played by the tests above")]
fn the_attacker_provokes_every_violation() {
    let steps: Vec<Step> = (0..200)
        .map(|n| match n % 16 {
            0 => Step::Restart,
            1..9 => Step::Send(60),
            _ => Step::Receive(Budget {
                frames: 2,
                bytes: 400,
            }),
        })
        .collect();
    let mut seen = [0; Violation::ALL.len()];
    for seed in 1..400 {
        let violations =
            attack(Reach::Section, (true, true), (seed * 77, 20), &steps).expect("held");
        for (sum, more) in seen.iter_mut().zip(violations) {
            *sum += more;
        }
    }
    assert!(!seen.contains(&0), "{seen:?}");
}
