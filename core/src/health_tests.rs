use super::*;
use crate::ids::CoreId;
use proptest::prelude::*;

/// Opportunities for steps, each at most `gap` after the one before.
fn opportunities(gap: u64) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(1..=gap, 2000)
}

/// The longest time for which some piece was not looked at, counting from the first step on.
fn longest_unseen(schedule: &mut Schedule, pieces: usize, waits: &[u64]) -> u64 {
    let mut seen = vec![0; pieces];
    let (mut now, mut longest) = (0, 0);
    for wait in waits {
        now += wait;
        if let Some(piece) = schedule.step(now) {
            seen[piece] = now;
        }
        longest = seen.iter().map(|at| now - at).fold(longest, u64::max);
    }
    longest
}

proptest! {
    #[test]
    fn every_piece_is_seen_within_every_period(
        (gap, waits) in (1_u64..100).prop_flat_map(|gap| (Just(gap), opportunities(gap))),
        pieces in 1_usize..40,
        more in 0_u64..5000,
    ) {
        let period = (pieces as u64 + 1) * gap + more;
        let interval = interval(period, Some(gap), pieces).unwrap();
        let mut schedule = Schedule::new(interval, pieces, 0);
        let longest = longest_unseen(&mut schedule, pieces, &waits);
        prop_assert!(longest <= period, "{longest} of {period}");
    }

    #[test]
    fn the_monitors_own_ticks_are_enough(
        pieces in 1_usize..40,
        period in 100_u64..10_000,
        late in prop::collection::vec(0_u64..100, 500),
    ) {
        let interval = interval(period, None, pieces).unwrap();
        let mut schedule = Schedule::new(interval, pieces, 0);
        let mut seen = vec![0; pieces];
        for late in late {
            // A tick is set for the time when a step is due, and comes a little late.
            let now = schedule.due() + late % interval;
            let longest = seen.iter().map(|at| now - at).max().unwrap();
            prop_assert!(longest <= period, "{longest} of {period}");
            let piece = schedule.step(now).expect("due");
            seen[piece] = now;
        }
    }

    #[test]
    fn too_rare_opportunities_are_refused(gap in 1_u64..100, pieces in 1_usize..40, less in 1_u64..100) {
        let enough = (pieces as u64 + 1) * gap;
        prop_assert!(interval(enough, Some(gap), pieces).is_some());
        prop_assert_eq!(interval(enough.saturating_sub(less), Some(gap), pieces), None);
    }

    #[test]
    fn a_long_silence_is_not_made_up_for_in_a_burst(silence in 1_000_000_u64..1_000_000_000) {
        let mut schedule = Schedule::new(10, 5, 0);
        schedule.step(silence);
        let burst = (0..1000).filter(|_| schedule.step(silence).is_some()).count();
        prop_assert!(burst <= 1);
    }
}

#[test]
fn nothing_is_due_where_nothing_is_looked_at() {
    let mut off = Schedule::OFF;
    assert_eq!(off.step(u64::MAX), None);
    assert_eq!(interval(100, None, 0), None);
    assert_eq!(interval(3, None, 5), None);
}

const fn checks(on_fault: OnFault) -> Checks {
    let health = Health {
        period: 1,
        on_fault,
        driver: CoreSet::one(CoreId(1)),
        gap: None,
    };
    Checks {
        at_boot: true,
        asked_for: true,
        periodic: true,
        on_failure: Failure::Stop,
        health: Some(health),
    }
}

#[test]
fn what_can_be_repaired_is_repaired() {
    let repair = checks(OnFault::Repair);
    assert_eq!(repair.answer(Kind::Register.number(3)), Answer::Repair);
    assert_eq!(repair.answer(Kind::Shared.number(1)), Answer::Repair);
    let image = Kind::Image.fault();
    assert_eq!(repair.answer(image), Answer::Restart(PartitionId(0)));
    assert_eq!(
        repair.answer(Kind::Constants.fault()),
        Answer::End(Failure::Stop)
    );
    let silent = Kind::Silent.fault();
    assert_eq!(repair.answer(silent), Answer::End(Failure::Stop));
}

#[test]
fn faults_and_failed_self_tests_have_policies_of_their_own() {
    let end = checks(OnFault::End(Failure::SafeState));
    let safe = Answer::End(Failure::SafeState);
    assert_eq!(end.answer(Kind::Register.number(3)), safe);
    assert_eq!(end.answer(Kind::Image.fault()), safe);
    assert_eq!(end.answer(Kind::Constants.fault()), safe);
    assert_eq!(end.answer(Kind::Canary.fault()), Answer::End(Failure::Stop));
    assert_eq!(end.answer(Kind::Timer.fault()), Answer::End(Failure::Stop));
}

#[test]
fn codes_differ() {
    let all = [
        Kind::Register.fault(),
        Kind::Register.number(1),
        Kind::Context.fault(),
        Kind::Private.fault(),
        Kind::Distributor.fault(),
        Kind::Shared.fault(),
        Kind::Routing.fault(),
        Kind::Image.fault(),
        Kind::Constants.fault(),
        Kind::Digests.fault(),
        Kind::Canary.fault(),
        Kind::Timer.fault(),
        Kind::Silent.fault(),
    ];
    let mut codes: Vec<_> = all.iter().map(|fault| fault.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len());
}
