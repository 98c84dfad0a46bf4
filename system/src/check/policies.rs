//! What follows when a partition crashes, hangs, resets or powers off.

use super::scene::{Scene, View};
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Failure, OnFault, Policy};
use crate::source::Place;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        for policy in policies(view) {
            if policy.value == Policy::SafeState {
                check_safe_state(scene, policy.place, out);
                check_not_rich(view, policy.place, out);
            }
        }
        check_power_off(view, out);
    }
    let features = &scene.raw.features;
    let tests = features.self_tests.as_ref().and_then(|t| t.on_failure);
    if let Some(failure) = tests.filter(|f| f.value == Failure::SafeState) {
        check_safe_state(scene, failure.place, out);
    }
    let health = features.health_monitor.as_ref().and_then(|h| h.on_fault);
    if let Some(fault) = health.filter(|f| f.value == OnFault::SafeState) {
        check_safe_state(scene, fault.place, out);
    }
}

fn policies(view: &View<'_>) -> impl Iterator<Item = At<Policy>> {
    let raw = view.raw;
    let hang = raw.on_hang.as_ref().and_then(|hang| hang.then);
    [raw.on_crash, hang, raw.on_reset, raw.on_power_off]
        .into_iter()
        .flatten()
}

/// The safe state is one that the board describes.
pub(super) fn check_safe_state(scene: &Scene<'_>, place: Place, out: &mut Mistakes) {
    if scene.board.safe_state.is_empty() {
        out.push(
            Draft::new(
                Code::SafeStateUndefined,
                format!("the board `{}` names no safe state", scene.board.name),
                place,
                "nothing to set",
            )
            .help("write `stop`, or give the board a `safe_state:`"),
        );
    }
}

/// A rich partition is not trusted, and so does not decide that the critical function ends.
fn check_not_rich(view: &View<'_>, place: Place, out: &mut Mistakes) {
    let Some(criticality) = view.raw.criticality.filter(|c| !c.value.is_critical()) else {
        return;
    };
    out.push(
        Draft::new(
            Code::RichCommandsSafeState,
            format!("`{}` could stop the critical function at will", view.name()),
            place,
            "ends everybody's work",
        )
        .and(criticality.place, "QM: not trusted by anything above it")
        .help("write `restart` or `stop`"),
    );
}

/// A partition that asks to be off and is started again would never be off.
fn check_power_off(view: &View<'_>, out: &mut Mistakes) {
    let policy = view.raw.on_power_off;
    if let Some(policy) = policy.filter(|p| p.value == Policy::Restart) {
        out.push(
            Draft::new(
                Code::PowerOffRestarts,
                format!("`{}` could never be off", view.name()),
                policy.place,
                "asks for the opposite",
            )
            .help("write `stop` (or `safe_state`); a reset is `on_reset: restart`"),
        );
    }
}
