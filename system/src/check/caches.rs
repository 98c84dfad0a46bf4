//! Which partition can be held to run without caches.

use super::scene::{Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::Caches;
use crate::source::Place;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        let off = view.raw.caches.filter(|it| it.value == Caches::Off);
        if let Some(off) = off {
            check_critical(view, off.place, out);
            check_channels(scene, view, off.place, out);
        }
    }
}

/// A rich partition switches its caches as it likes; a critical one is looked at with each job that it reports.
fn check_critical(view: &View<'_>, off: Place, out: &mut Mistakes) {
    let draft = match (view.raw.criticality, &view.raw.deadline) {
        (Some(criticality), _) if !criticality.value.is_critical() => Draft::new(
            Code::CachesNotHeld,
            "nothing keeps a rich partition from its caches",
            off,
            "not held",
        )
        .and(criticality.place, "rich")
        .help("take `caches:` out"),
        (Some(_), None) => Draft::new(
            Code::CachesNotHeld,
            "that a partition runs without caches is looked at with each job",
            off,
            "not held",
        )
        .and(view.raw.name.place, "has no `deadline`")
        .help("add a `deadline:`, or take `caches:` out"),
        _ => return,
    };
    out.push(draft);
}

/// The other end of a channel has the memory in its caches, which accesses without them do not see (Arm ARM, Mismatched memory
/// attributes).
fn check_channels(scene: &Scene<'_>, view: &View<'_>, off: Place, out: &mut Mistakes) {
    let ends = scene.raw.channels.iter().flat_map(|channel| &channel.ends);
    let end = ends.into_iter().find(|end| end.name.value == view.name());
    if let Some(end) = end {
        out.push(
            Draft::new(
                Code::CachesOfChannel,
                format!(
                    "without caches `{}` loses coherence with the other end",
                    view.name()
                ),
                off,
                "without caches",
            )
            .and(end.name.place, "an end of a channel")
            .help("write `caches: on`"),
        );
    }
}
