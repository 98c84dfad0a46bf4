//! riscv64: harts, physical memory protection, a PLIC or an APLIC with IMSICs.
//!
//! There are no worlds: who reaches what is a PMP image of each hart, so any two partitions can be kept apart as long
//! as a hart has entries for the regions of its own. A bus master passes by PMP, so a board lists none.

mod protection;
mod services;

pub(crate) use protection::entries;

use super::arm64::interrupt::NumberError;
use super::{Endianness, Level};
use crate::check::scene::{Link, Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Board, Caches, Controller, Interrupt, Profiling};
use crate::raw::features::Fpu;
use crate::source::Place;

/// A source of a PLIC or an APLIC, as in device trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(u32);

impl Source {
    /// Checks a number against the controller's highest; 0 is none (PLIC specification, interrupt sources).
    pub(crate) fn new(number: u32, highest: u32) -> Result<Self, NumberError> {
        if number == 0 || number > highest {
            return Err(NumberError::Beyond { last: highest });
        }
        Ok(Self(number))
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Checks a board by itself.
pub(super) fn check_board(board: &Board, out: &mut Mistakes) {
    let is_source = |it: &Interrupt| match board.controller {
        Controller::Plic { .. } => matches!(it, Interrupt::Plic(_)),
        Controller::Aplic { .. } => matches!(it, Interrupt::Aplic(_)),
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => true,
    };
    let devices = board.devices.iter();
    let devices = devices.map(|it| (it.place, it.interrupts.first()));
    let doorbells = (board.controller_place, board.doorbells.first());
    for (place, interrupt) in devices.chain([doorbells]) {
        if interrupt.is_some_and(|it| !is_source(it)) {
            out.push(
                Draft::new(
                    Code::InterruptKind,
                    "an interrupt of a controller that the board does not have",
                    place,
                    "has it, or is not its type",
                )
                .help("write `plic: N` on a board with a `plic`, `aplic: N` with an `aplic`"),
            );
        }
    }
    if matches!(
        board.controller,
        Controller::GicV2 { .. } | Controller::GicV3 { .. }
    ) {
        out.push(
            Draft::new(
                Code::OtherArchitecture,
                "a riscv64 board has no GIC",
                board.controller_place,
                "of another architecture",
            )
            .help("write `type: plic` or `aplic`, and `arch: arm64` if the board is of that"),
        );
    }
}

/// Checks a system.
pub(super) fn check_system(scene: &Scene<'_>, out: &mut Mistakes) {
    check_features(scene, out);
    check_files(scene, out);
    for link in &scene.channels {
        check_ends(scene, link, out);
    }
    services::check(scene, out);
    if let Some(hook) = scene.raw.hooks.first() {
        not_yet("hooks", hook.name.place, out);
    }
    for view in &scene.partitions {
        check_world(view, out);
        check_entry(view, out);
        check_supported(view, out);
        protection::check_entries(scene, view, out);
    }
}

/// A hart's IMSIC has one file for S-mode, which S-mode selects, claims and masks without a trap (but with Smstateen), and messages for
/// whoever is not loaded come to it, too.
fn check_files(scene: &Scene<'_>, out: &mut Mistakes) {
    if !matches!(scene.board.controller, Controller::Aplic { .. }) {
        return;
    }
    let shared = |view: &View<'_>| {
        let cores = view.raw.cores.as_ref();
        cores.map_or_else(Vec::new, |cores| cores.shared.clone())
    };
    for (earlier, later) in scene.pairs() {
        let others = shared(earlier);
        for core in shared(later) {
            let Some(other) = others.iter().find(|other| other.value == core.value) else {
                continue;
            };
            out.push(
                Draft::new(
                    Code::ControllerNotShared,
                    format!("the interrupts of core {} are one partition's", core.value),
                    core.place,
                    format!("`{}` shares it", later.name()),
                )
                .and(other.place, format!("`{}` does", earlier.name()))
                .and(
                    scene.board.controller_place,
                    "has one file of interrupts a core",
                )
                .help("give each cores of its `own`, or choose a board with a `plic`"),
            );
        }
    }
}

/// Of the features there are records, and floating point is exchanged at every switch.
fn check_features(scene: &Scene<'_>, out: &mut Mistakes) {
    let raw = &scene.raw.features;
    let Some(place) = raw.place else {
        return;
    };
    let other_fpu = raw.fpu.as_ref().filter(|it| !matches!(it, Fpu::Eager));
    let tests = raw.self_tests.as_ref().map(|it| it.place);
    let device = raw.log.as_ref().and_then(|log| log.device.as_ref());
    let found = [
        ("`fpu:` but `eager`", other_fpu.map(|_| place)),
        ("`self_tests:`", tests),
        (
            "`health_monitor:`",
            raw.health_monitor.as_ref().map(|_| place),
        ),
        (
            "`profiling:` but `none`",
            raw.profiling
                .filter(|it| *it != Profiling::None)
                .map(|_| place),
        ),
        ("a `device` of the log", device.map(|it| it.place)),
    ];
    for (what, place) in found {
        if let Some(place) = place {
            not_yet(what, place, out);
        }
    }
}

fn not_yet(what: &str, place: Place, out: &mut Mistakes) {
    out.push(
        Draft::new(
            Code::NotOnRiscv,
            format!("the riscv64 monitor does not have {what} yet"),
            place,
            "not supported",
        )
        .help("take it out"),
    );
}

fn check_world(view: &View<'_>, out: &mut Mistakes) {
    if view.raw.has_world {
        out.push(
            Draft::new(
                Code::OtherArchitecture,
                "riscv64 has no worlds",
                view.raw.world.map_or(view.raw.name.place, |it| it.place),
                "of another architecture",
            )
            .help("take `world:` out: partitions are kept apart by PMP"),
        );
    }
}

/// Every partition starts in S-mode.
fn check_entry(view: &View<'_>, out: &mut Mistakes) {
    let Some(entry) = &view.raw.entry else {
        return;
    };
    let level = entry.level.filter(|it| it.value != Level::Supervisor);
    if let Some(level) = level {
        out.push(
            Draft::new(
                Code::OtherArchitecture,
                "riscv64 has no exception levels",
                level.place,
                "of another architecture",
            )
            .help("write `level: supervisor`"),
        );
    }
    if let Some(state) = entry.state {
        out.push(
            Draft::new(
                Code::OtherArchitecture,
                "riscv64 has one state of execution",
                state.place,
                "of another architecture",
            )
            .help("take `state:` out"),
        );
    }
    if let Some(order) = entry.endianness.filter(|it| it.value == Endianness::Big) {
        not_yet("big-endian partitions", order.place, out);
    }
}

fn check_supported(view: &View<'_>, out: &mut Mistakes) {
    let raw = view.raw;
    let found = [
        ("budgets", raw.budget.as_ref().map(|it| it.place)),
        ("migration", raw.migration.as_ref().map(|it| it.place)),
        (
            "hang detection of a partition that reports no deadlines",
            raw.on_hang
                .as_ref()
                .filter(|_| raw.deadline.is_none())
                .map(|it| it.place),
        ),
        (
            "partitions without caches",
            raw.caches
                .filter(|it| it.value == Caches::Off)
                .map(|it| it.place),
        ),
    ];
    for (what, place) in found {
        if let Some(place) = place {
            not_yet(what, place, out);
        }
    }
}

/// A doorbell is a source of the interrupt controller, and a source has one owner.
fn check_ends(scene: &Scene<'_>, link: &Link<'_>, out: &mut Mistakes) {
    let is_rich =
        |end| Link::partition(end, scene).is_some_and(|(_, view)| !view.raw.is_critical());
    let mut rich = link.raw.ends.iter().filter(|end| is_rich(end));
    if let (Some(_), Some(second)) = (rich.next(), rich.next()) {
        not_yet(
            "channels between two rich partitions",
            second.name.place,
            out,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_0_is_none() {
        assert!(Source::new(0, 96).is_err());
        assert_eq!(Source::new(96, 96).map(Source::get), Ok(96));
        assert_eq!(Source::new(97, 96), Err(NumberError::Beyond { last: 96 }));
    }
}
