//! Which critical partition can move to another core.
//!
//! With a GICv2 a critical partition has one core (`controller-one-core`), so none moves there.

use super::words::State;
use crate::check::board::empty_list;
use crate::check::scene::{Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::raw::features::Fpu;
use crate::raw::partition::Migration;

pub(super) fn check(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    let Some(migration) = &view.raw.migration else {
        return;
    };
    if migration.by.is_empty() {
        out.push(empty_list(
            migration.place,
            "nothing moves the partition",
            "list `call`, `power_down` or both, or take `migration:` out",
        ));
    }
    if view.raw.is_rich() {
        out.push(
            Draft::new(
                Code::MigrationOnRich,
                "a rich partition moves its own work among its cores",
                migration.place,
                "not the monitor's to do",
            )
            .help("take `migration:` out, and list the cores under `cores:`"),
        );
        return;
    }
    check_cores(view, migration, out);
    check_registers(scene, view, migration, out);
}

fn check_cores(view: &View<'_>, migration: &Migration, out: &mut Mistakes) {
    let Some(cores) = view.raw.cores.as_ref() else {
        return;
    };
    if cores.all().nth(1).is_none() {
        out.push(
            Draft::new(
                Code::MigrationOneCore,
                "there is no core to move to",
                migration.place,
                "it may move",
            )
            .and(cores.place, "all the cores that it has")
            .help("list the cores that it may be on, under `shared` or `own`"),
        );
    }
}

/// What a move does not take along.
fn check_registers(scene: &Scene<'_>, view: &View<'_>, migration: &Migration, out: &mut Mistakes) {
    if let Some(Fpu::Exclusive(owner)) = &scene.raw.features.fpu
        && owner.value == view.name()
    {
        out.push(
            Draft::new(
                Code::MigrationFpuExclusive,
                "floating point that is a partition's own stays in the registers of its core",
                migration.place,
                "would leave it behind",
            )
            .and(owner.place, "its own here")
            .help("write `fpu: lazy` or `fpu: eager`"),
        );
    }
    let state = view.raw.entry.as_ref().and_then(|entry| entry.state);
    if let Some(state) = state.filter(|it| it.value == State::Aarch32) {
        out.push(
            Draft::new(
                Code::MigrationState,
                "the registers that AArch32 alone has are not moved",
                migration.place,
                "would leave them behind",
            )
            .and(state.place, "in AArch32")
            .help("take `migration:` out, or write `state: aarch64`"),
        );
    }
}
