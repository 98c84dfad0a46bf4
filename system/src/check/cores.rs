//! Which partition runs on which core.

use super::scene::{Scene, View};
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::raw::partition::Cores;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        if let Some(cores) = &view.raw.cores {
            check_present(scene, cores, out);
            check_once(cores, out);
            check_boot(cores, out);
            check_shared_with_somebody(scene, view, cores, out);
        }
    }
    for (earlier, later) in scene.pairs() {
        check_owners(earlier, later, out);
    }
}

/// Every core is one of the board's.
fn check_present(scene: &Scene<'_>, cores: &Cores, out: &mut Mistakes) {
    let count = scene.board.cores.len();
    let absent = |core: &At<u32>| usize::try_from(core.value).map_or(true, |n| n >= count);
    for core in cores.all().filter(absent) {
        out.push(
            Draft::new(
                Code::CoreAbsent,
                format!("the board has no core {}", core.value),
                core.place,
                "no such core",
            )
            .help(format!(
                "give a core from 0 to {}: `{}` has {count}",
                count.saturating_sub(1),
                scene.board.name
            )),
        );
    }
}

/// A core is listed once, be it shared or own.
fn check_once(cores: &Cores, out: &mut Mistakes) {
    for (index, core) in cores.all().enumerate() {
        if let Some(earlier) = cores.all().take(index).find(|c| c.value == core.value) {
            out.push(
                Draft::new(
                    Code::CoreTwice,
                    format!("core {} is listed twice", core.value),
                    core.place,
                    "listed again",
                )
                .and(earlier.place, "first listed here")
                .help("list it once: under `shared` or under `own`"),
            );
        }
    }
}

/// A partition starts on one of its cores.
fn check_boot(cores: &Cores, out: &mut Mistakes) {
    let Some(boot) = cores.boot else {
        return;
    };
    if !cores.all().any(|core| core.value == boot.value) {
        out.push(
            Draft::new(
                Code::BootCoreNotListed,
                format!("it starts on core {}, which it does not have", boot.value),
                boot.place,
                "neither shared nor own",
            )
            .and(cores.place, "its cores")
            .help(format!(
                "add core {} to `shared` or `own`, or start on one of those listed",
                boot.value
            )),
        );
    }
}

/// `shared` means that another partition lists the core as shared too.
fn check_shared_with_somebody(
    scene: &Scene<'_>,
    view: &View<'_>,
    cores: &Cores,
    out: &mut Mistakes,
) {
    let others = || {
        scene
            .partitions
            .iter()
            .filter(|other| other.raw.name.place != view.raw.name.place)
    };
    // Whose cores could not be read may share any.
    if others().any(|other| other.raw.cores.is_none()) {
        return;
    }
    for core in &cores.shared {
        let listed = others()
            .filter_map(|other| other.raw.cores.as_ref())
            .any(|cores| cores.all().any(|c| c.value == core.value));
        if !listed {
            out.push(
                Draft::new(
                    Code::CoreSharedAlone,
                    format!("core {} is shared with nobody", core.value),
                    core.place,
                    "no other partition has it",
                )
                .help(format!("move it to `own: [{}]`", core.value)),
            );
        }
    }
}

/// A core that one partition owns is no other's.
fn check_owners(earlier: &View<'_>, later: &View<'_>, out: &mut Mistakes) {
    let (Some(a), Some(b)) = (&earlier.raw.cores, &later.raw.cores) else {
        return;
    };
    for core in b.all() {
        let Some(other) = a.all().find(|other| other.value == core.value) else {
            continue;
        };
        let shares = |list: &[At<u32>]| list.iter().any(|c| c.value == core.value);
        if shares(&a.shared) && shares(&b.shared) {
            continue;
        }
        out.push(
            Draft::new(
                Code::CoreTwoOwners,
                format!(
                    "core {} belongs to `{}` and to `{}`",
                    core.value,
                    earlier.name(),
                    later.name()
                ),
                core.place,
                format!("`{}` has it here", later.name()),
            )
            .and(other.place, format!("`{}` has it here", earlier.name()))
            .help("list it under `shared` in both, or take it from one of them"),
        );
    }
}
