//! What TrustZone, the GIC and the exception levels allow.
//!
//! TrustZone separates two worlds and nothing finer: what Non-secure software can reach is decided
//! by world alone. So there is one partition to a world, the critical one in the Secure one, and
//! all that it relies on must be out of the other's reach.

use super::super::linux::is_linux;
use super::entry;
use super::migration;
use super::reach::{check_bus_masters, check_devices, check_memory};
use super::words::{DeviceKind, World};
use crate::check::images::LEAST_FOR_LINUX;
use crate::check::scene::{Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{BankKind, Board, Controller, HookPoint};

/// Checks a board by itself.
pub(crate) fn check_board(board: &Board, out: &mut Mistakes) {
    if matches!(
        board.controller,
        Controller::Plic { .. } | Controller::Aplic { .. }
    ) {
        out.push(
            Draft::new(
                Code::OtherArchitecture,
                "an arm64 board has no PLIC",
                board.controller_place,
                "of another architecture",
            )
            .help("write `type: gicv3` or `gicv2`"),
        );
    }
    let monitor = &board.monitor;
    let own = [
        (monitor.flash_bank, monitor.flash_place),
        (monitor.ram_bank, monitor.ram_place),
    ];
    for (bank, place) in own {
        let bank = board
            .bank(bank)
            .filter(|b| b.worlds.contains(&World::NonSecure));
        if let Some(bank) = bank {
            out.push(
                Draft::new(
                    Code::MonitorExposed,
                    format!(
                        "Non-secure software can reach the monitor in `{}`",
                        bank.name
                    ),
                    place,
                    "the monitor's own",
                )
                .and(bank.place, "`worlds` has non_secure")
                .help("name a bank that has `worlds: [secure]`"),
            );
        }
    }
    let timer = monitor.timer.and_then(|id| board.device(id));
    let unsuited = timer.filter(|timer| timer.kind != DeviceKind::HypervisorTimer);
    if let (Some(timer), Some(place)) = (unsuited, monitor.timer_place) {
        out.push(
            Draft::new(
                Code::MonitorTimerUnsuited,
                format!("the monitor cannot use `{}` as its timer", timer.name),
                place,
                format!("of type {}", timer.kind.as_str()),
            )
            .and(timer.place, "declared here")
            .help("name a device of type cnthp"),
        );
    }
}

/// Checks a system.
pub(crate) fn check_system(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        entry::check(view, out);
        // In a wrong world everything else is wrong too: that would be said once for each thing.
        if check_world(scene, view, out) {
            entry::check_level(view, out);
            check_memory(scene, view, out);
            check_devices(scene, view, out);
        }
        check_timer(scene, view, out);
        check_controller(scene, view, out);
        migration::check(scene, view, out);
    }
    check_watched(scene, out);
    check_hooks(scene, out);
    for (earlier, later) in scene.pairs() {
        check_one_to_a_world(earlier, later, out);
        check_bus_masters(earlier, later, out);
        check_bus_masters(later, earlier, out);
    }
}

/// The critical partition is Secure, the rich one is not. Says whether the world can stay.
fn check_world(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) -> bool {
    if !view.raw.has_world {
        out.push(
            Draft::new(
                Code::MissingKey,
                "a partition has no `world`",
                view.raw.name.place,
                "`world` is missing here",
            )
            .help("add `world:`"),
        );
    }
    let Some(world) = view.raw.world else {
        return false;
    };
    if is_linux(view) && world.value == World::Secure {
        out.push(
            Draft::new(
                Code::LinuxSecure,
                why_not_secure(scene.board),
                world.place,
                "the Secure world",
            )
            .help("write `world: non_secure`"),
        );
        return false;
    }
    let Some(criticality) = view.raw.criticality else {
        return true;
    };
    let (code, message, help) = match (criticality.value.is_critical(), world.value) {
        (true, World::Secure) | (false, World::NonSecure) => return true,
        // One of the two kinds is missing, which has been told: it may be this one.
        _ if !scene.has_both_kinds() => return true,
        (true, World::NonSecure) => (
            Code::CriticalNotSecure,
            "a critical partition in reach of the rich one",
            "write `world: secure`",
        ),
        (false, World::Secure) => (
            Code::RichSecure,
            "a rich partition in the Secure world can reach everything",
            "write `world: non_secure`",
        ),
    };
    out.push(
        Draft::new(code, message, world.place, "the wrong world")
            .and(criticality.place, "for this criticality")
            .help(help),
    );
    false
}

/// Why a Linux cannot be in the Secure world of a board.
fn why_not_secure(board: &Board) -> String {
    let banks = board.banks.iter();
    let secure = banks.filter(|bank| bank.kind == BankKind::Ram && bank.worlds == [World::Secure]);
    let largest = secure.map(|bank| bank.region.len().get()).max();
    match largest.unwrap_or(0) {
        bytes if bytes < LEAST_FOR_LINUX => format!(
            "a Linux kernel needs {} MiB of Secure RAM, and `{}` has {} KiB in one piece",
            LEAST_FOR_LINUX >> 20,
            board.name,
            bytes >> 10
        ),
        _ => "no device tree is made for a Linux in the Secure world".to_owned(),
    }
}

fn check_one_to_a_world(earlier: &View<'_>, later: &View<'_>, out: &mut Mistakes) {
    let (Some(a), Some(b)) = (earlier.raw.world, later.raw.world) else {
        return;
    };
    // One that is in the wrong world has been told so.
    if a.value == b.value && earlier.raw.is_critical() == later.raw.is_critical() {
        out.push(
            Draft::new(
                Code::WorldTwoPartitions,
                format!(
                    "nothing separates `{}` from `{}`",
                    earlier.name(),
                    later.name()
                ),
                b.place,
                "the same world",
            )
            .and(a.place, "already taken here")
            .help("TrustZone separates worlds only: take one of the two partitions out"),
        );
    }
}

/// Only a Secure timer brings a critical partition back to a core that a rich one has.
fn check_timer(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    let has_timer = view
        .devices
        .iter()
        .any(|o| o.device.kind == DeviceKind::SecureTimer);
    if !view.raw.is_critical() || has_timer || !view.devices_complete {
        return;
    }
    let known = scene
        .board
        .devices
        .iter()
        .find(|d| d.kind == DeviceKind::SecureTimer);
    let help = match known {
        Some(timer) => format!("add `{}` to its devices", timer.name),
        None => "the board has no device of type cntps to give it".to_owned(),
    };
    let rich = scene
        .partitions
        .iter()
        .find(|other| other.raw.is_rich() && view.shares_core_with(other));
    if let Some(rich) = rich {
        let place = rich
            .raw
            .cores
            .as_ref()
            .map_or(rich.raw.name.place, |c| c.place);
        out.push(
            Draft::new(
                Code::SecureTimerMissing,
                format!("`{}` could never take its core back", view.name()),
                view.raw.name.place,
                "has no device of type cntps",
            )
            .and(place, format!("`{}` has the core too", rich.name()))
            .help(help),
        );
    } else if let Some(deadline) = &view.raw.deadline {
        out.push(
            Draft::new(
                Code::DeadlineWithoutTimer,
                format!("nothing releases the jobs of `{}`", view.name()),
                deadline.place,
                "needs a timer",
            )
            .and(view.raw.name.place, "has no device of type cntps")
            .help(help),
        );
    }
}

/// GICv2 has no Secure Group 1: while a critical partition runs, Group 0 is its own and the
/// monitor cannot interrupt it.
fn check_controller(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    if !matches!(scene.board.controller, Controller::GicV2 { .. }) || !view.raw.is_critical() {
        return;
    }
    let budget = view.raw.budget.as_ref().map(|b| ("a budget", b.place));
    let hang = view
        .raw
        .on_hang
        .as_ref()
        .map(|h| ("hang detection", h.place));
    for (what, place) in budget.into_iter().chain(hang) {
        out.push(
            Draft::new(
                Code::ControllerCannotPreempt,
                format!("{what} of a critical partition needs a GICv3"),
                place,
                "must interrupt the critical partition",
            )
            .and(scene.board.controller_place, "cannot do that")
            .help("take it out, or choose a board with a gicv3"),
        );
    }
    check_one_core(scene, view, out);
}

/// To end or restart a critical partition, the monitor has to call each of its cores but the one that runs into
/// the reason.
fn check_one_core(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    let cores = view.raw.cores.as_ref();
    let Some(second) = cores.and_then(|cores| cores.all().nth(1)) else {
        return;
    };
    out.push(
        Draft::new(
            Code::ControllerOneCore,
            "a critical partition of several cores needs a GICv3",
            second.place,
            "could not be called back from this core",
        )
        .and(scene.board.controller_place, "cannot do that")
        .help("leave it one core, or choose a board with a gicv3"),
    );
}

/// Most of a health monitor's round is the interrupt controller, and it knows a GICv3's registers only.
fn check_watched(scene: &Scene<'_>, out: &mut Mistakes) {
    let health = scene.raw.features.health_monitor.as_ref();
    let period = health.and_then(|health| health.period);
    let (Controller::GicV2 { .. }, Some(period)) = (&scene.board.controller, period) else {
        return;
    };
    out.push(
        Draft::new(
            Code::ControllerNotWatched,
            "the health monitor needs a GICv3",
            period.place,
            "would have to look at the interrupt controller",
        )
        .and(scene.board.controller_place, "which it does not know")
        .help("take `health_monitor:` out, test at boot only, or choose a board with a gicv3"),
    );
}

/// With one Secure group, an interrupt of the monitor's would come to the critical partition while that runs.
fn check_hooks(scene: &Scene<'_>, out: &mut Mistakes) {
    if !matches!(scene.board.controller, Controller::GicV2 { .. }) {
        return;
    }
    for hook in &scene.raw.hooks {
        if let Some(at) = hook.at.filter(|at| at.value == HookPoint::Interrupt) {
            out.push(
                Draft::new(
                    Code::HookController,
                    "an interrupt of the monitor's own needs a GICv3",
                    at.place,
                    "hooked here",
                )
                .and(scene.board.controller_place, "has one Secure group")
                .help("hook a switch, or choose a board with a gicv3"),
            );
        }
    }
}
