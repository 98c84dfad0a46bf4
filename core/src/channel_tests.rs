use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const CRITICAL: PartitionId = PartitionId(0);
const RICH: PartitionId = PartitionId(1);

const TABLE: Channel = Channel {
    ends: [
        End {
            partition: RICH,
            limit: Limit::new(100, 2),
            interrupt: Some(208),
        },
        End {
            partition: CRITICAL,
            limit: Limit::new(50, 1),
            interrupt: None,
        },
    ],
    begins: Limit::new(1000, 3),
    hold_off: 5000,
};

#[test]
fn only_its_ends_may_call_and_only_of_channels_that_there_are() {
    assert_eq!(TABLE.side(RICH), Ok(Side::First));
    assert_eq!(TABLE.side(CRITICAL), Ok(Side::Second));
    assert_eq!(TABLE.side(PartitionId(2)), Err(Error::Denied));
    assert_eq!(find::<()>(&[], 0), Err(Error::NotSupported));
    assert_eq!(find(&['a', 'b'], 1), Ok(&'b'));
    assert_eq!(find(&['a', 'b'], 2), Err(Error::InvalidParameter));
    assert_eq!(find(&['a', 'b'], u64::MAX), Err(Error::InvalidParameter));
}

#[test]
fn both_ends_begin_the_same_epoch_and_who_asks_again_gets_the_next() {
    let mut link = Link::NEW;
    assert_eq!(link.begin(&TABLE, Side::First, 0), Ok((1, [false; 2])));
    assert_eq!(link.begin(&TABLE, Side::Second, 0), Ok((1, [false; 2])));
    // The other end is told of it.
    assert_eq!(link.begin(&TABLE, Side::Second, 0), Ok((2, [true, false])));
    assert_eq!(link.begin(&TABLE, Side::First, 0), Ok((2, [false; 2])));
}

#[test]
fn who_asks_too_often_is_busy() {
    let mut link = Link::NEW;
    for epoch in 1..=4 {
        assert_eq!(link.begin(&TABLE, Side::First, 0).map(|it| it.0), Ok(epoch));
    }
    let before = link;
    assert_eq!(link.begin(&TABLE, Side::First, 999), Err(Error::Busy));
    assert_eq!(link, before);
    // Not the other one's fault.
    assert_eq!(link.begin(&TABLE, Side::Second, 999).map(|it| it.0), Ok(4));
    assert_eq!(link.begin(&TABLE, Side::First, 1000).map(|it| it.0), Ok(5));
}

#[test]
fn a_new_start_moves_the_epoch_and_the_other_end_is_told() {
    let mut link = Link::NEW;
    assert!(link.begin(&TABLE, Side::First, 0).is_ok());
    assert_eq!(link.ring(&TABLE, Side::Second, 0), Ok(Ring::Rung(true)));
    assert_eq!(link.started(&TABLE, Side::First, 0), [false, true]);
    let seen = link.acknowledge(&TABLE, Side::First, 0);
    assert!(!seen.delivered, "rung for the one before");
    assert_eq!(seen.epoch, 2);
    assert!(link.acknowledge(&TABLE, Side::Second, 0).delivered);
    assert_eq!(link.begin(&TABLE, Side::First, 0), Ok((2, [false; 2])));
}

#[test]
fn a_flood_ends_the_epoch_and_holds_the_channel_off() {
    let mut link = Link::NEW;
    assert!(link.begin(&TABLE, Side::First, 0).is_ok());
    assert_eq!(link.ring(&TABLE, Side::First, 10), Ok(Ring::Rung(true)));
    for _ in 1..FLOOD {
        assert_eq!(link.ring(&TABLE, Side::First, 10), Ok(Ring::Rung(false)));
    }
    // The critical end's doorbell stands already; the flooder's own is rung.
    assert_eq!(link.ring(&TABLE, Side::First, 10), Ok(Ring::Flood));
    assert_eq!(link.flood(&TABLE, 10), [true, false]);
    let held = link;
    for side in [Side::First, Side::Second] {
        assert_eq!(link.ring(&TABLE, side, 10), Err(Error::Denied));
        assert_eq!(link.begin(&TABLE, side, 5009), Err(Error::Busy));
    }
    assert_eq!(link, held);
    let seen = link.acknowledge(&TABLE, Side::Second, 5009);
    assert_eq!((seen.epoch, seen.floods, seen.denied), (2, 1, true));
    assert_eq!(link.begin(&TABLE, Side::Second, 5010), Ok((2, [false; 2])));
    assert_eq!(link.ring(&TABLE, Side::First, 5010), Ok(Ring::Rung(true)));
}

#[test]
fn rings_that_are_acknowledged_are_no_flood() {
    let mut link = Link::NEW;
    for now in 0..10 * u64::from(FLOOD) {
        assert!(matches!(
            link.ring(&TABLE, Side::First, now),
            Ok(Ring::Rung(_))
        ));
        link.acknowledge(&TABLE, Side::Second, now);
    }
}

#[test]
fn the_last_epoch_is_the_end() {
    let mut link = Link {
        epoch: u32::MAX - 1,
        ..Link::NEW
    };
    assert!(link.begin(&TABLE, Side::First, 0).is_ok());
    assert!(link.begin(&TABLE, Side::First, 0).is_ok());
    assert_eq!(link.begin(&TABLE, Side::Second, 0), Err(Error::Denied));
    link.started(&TABLE, Side::First, 0);
    assert_eq!(link.begin(&TABLE, Side::First, 0), Err(Error::Denied));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Begin(Side),
    Rings(Side, u32),
    Acknowledge(Side),
    Started(Side),
    Wait(u64),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::First), Just(Side::Second)];
    (
        side,
        0..6_u8,
        0..3000_u64,
        prop_oneof![1..4_u32, 100..300_u32],
    )
        .prop_map(|(side, kind, ticks, rings)| match kind {
            0 => Step::Begin(side),
            1 => Step::Rings(side, rings),
            2 => Step::Acknowledge(side),
            3 => Step::Started(side),
            4 => Step::Wait(ticks),
            _ => Step::Look,
        })
}

const fn index(side: Side) -> usize {
    match side {
        Side::First => 0,
        Side::Second => 1,
    }
}

/// What a channel promises, kept apart from how it keeps it.
#[derive(Default)]
struct Model {
    now: u64,
    /// All that each end was given.
    given: [BTreeSet<u32>; 2],
    /// Rung since the last acknowledgement that found a delivery, by the end that is to hear it.
    standing: [bool; 2],
    excess: [u32; 2],
    deliveries: [Vec<u64>; 2],
    held_until: Option<u64>,
    floods: u64,
}

impl Model {
    fn told(&mut self, due: Due) {
        for (side, due) in due.into_iter().enumerate() {
            if due {
                self.deliveries[side].push(self.now);
            }
        }
    }

    fn epoch_ended(&mut self, told: &[usize]) {
        for &side in told {
            (self.standing[side], self.excess[side]) = (true, 0);
        }
    }

    fn begin(&mut self, link: &mut Link, side: Side) {
        let (own, before) = (index(side), *link);
        match link.begin(&TABLE, side, self.now) {
            Ok((epoch, due)) => {
                assert!(self.held_until.is_none_or(|until| self.now >= until));
                assert!(epoch != 0 && self.given[own].insert(epoch), "given twice");
                assert_eq!(self.given[own].last(), Some(&epoch), "went back");
                if epoch != before.epoch {
                    self.epoch_ended(&[1 - own]);
                }
                (self.standing[own], self.excess[own]) = (false, 0);
                self.held_until = None;
                self.told(due);
            }
            Err(error) => {
                assert_eq!((error, &*link), (Error::Busy, &before));
                let held = self.held_until.is_some_and(|until| self.now < until);
                let emptied = self.given[own].len() >= TABLE.begins.burst as usize;
                assert!(held || emptied, "refused for nothing");
            }
        }
    }

    fn ring(&mut self, link: &mut Link, side: Side) {
        let (other, before) = (1 - index(side), *link);
        match link.ring(&TABLE, side, self.now) {
            Err(error) => {
                assert_eq!((error, &*link), (Error::Denied, &before));
                assert!(self.held_until.is_some());
            }
            Ok(ring) => {
                assert!(self.held_until.is_none());
                self.excess[other] += u32::from(self.standing[other]);
                self.standing[other] = true;
                let flood = self.excess[other] == FLOOD;
                assert_eq!(flood, ring == Ring::Flood);
                match ring {
                    Ring::Rung(deliver) if deliver => self.deliveries[other].push(self.now),
                    Ring::Rung(_) => {}
                    Ring::Flood => {
                        let due = link.flood(&TABLE, self.now);
                        self.held_until = Some(self.now + TABLE.hold_off);
                        self.floods += 1;
                        self.epoch_ended(&[0, 1]);
                        self.told(due);
                    }
                }
            }
        }
    }

    fn acknowledge(&mut self, link: &mut Link, side: Side) {
        let own = index(side);
        let before = link.bells[own].counts().1;
        let seen = link.acknowledge(&TABLE, side, self.now);
        if seen.counts.1 > before {
            self.deliveries[own].push(self.now);
        }
        assert!(self.standing[own] || !seen.delivered, "nobody rang");
        self.standing[own] &= !seen.delivered;
        self.excess[own] = 0;
        assert_eq!(seen.counts.1, self.deliveries[own].len() as u64);
        assert_eq!(
            (seen.floods, seen.denied),
            (self.floods, self.held_until.is_some())
        );
        // The model learns of an epoch from what is given; it never goes back.
        assert!(
            self.given[own]
                .last()
                .is_none_or(|last| *last <= seen.epoch)
        );
    }

    fn take(&mut self, link: &mut Link, step: Step) {
        match step {
            Step::Begin(side) => self.begin(link, side),
            Step::Rings(side, count) => (0..count).for_each(|_| self.ring(link, side)),
            Step::Acknowledge(side) => self.acknowledge(link, side),
            Step::Started(side) => {
                let before = link.epoch;
                let due = link.started(&TABLE, side, self.now);
                assert_eq!(link.epoch, before + 1);
                let own = index(side);
                self.epoch_ended(&[1 - own]);
                (self.standing[own], self.excess[own]) = (false, 0);
                self.told(due);
            }
            Step::Wait(ticks) => self.now += ticks,
            Step::Look => {
                let due = link.due(&TABLE, self.now);
                self.told(due);
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_the_ends_do_the_promises_hold(steps in prop::collection::vec(step(), 1..120)) {
        let mut link = Link::NEW;
        let mut model = Model::default();
        for step in steps {
            model.take(&mut link, step);
        }
        for (end, deliveries) in TABLE.ends.iter().zip(&model.deliveries) {
            for (n, from) in deliveries.iter().enumerate() {
                for (m, until) in deliveries.iter().enumerate().skip(n) {
                    let most = u64::from(end.limit.burst) + (until - from) / end.limit.interval;
                    prop_assert!((m - n + 1) as u64 <= most);
                }
            }
        }
        // Nothing that was rung is lost: with time, each end hears of it.
        let later = model.now + 1000;
        for side in [Side::First, Side::Second] {
            let seen = link.acknowledge(&TABLE, side, later);
            prop_assert_eq!(seen.delivered, model.standing[index(side)]);
        }
    }
}
