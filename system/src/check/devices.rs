//! Who owns which device, and with it which interrupt.

use super::scene::{Owned, Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::Reach;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    let mut earlier: Vec<(&View<'_>, &Owned<'_>)> = Vec::new();
    for view in &scene.partitions {
        for owned in &view.devices {
            check_monitor(scene, owned, out);
            for (other_view, other) in &earlier {
                check_pair((other_view, other), (view, owned), out);
            }
            earlier.push((view, owned));
        }
        check_trust(view, out);
    }
    check_safe_state(scene, out);
}

/// The monitor's timer is nobody else's.
fn check_monitor(scene: &Scene<'_>, owned: &Owned<'_>, out: &mut Mistakes) {
    let monitor = &scene.board.monitor;
    if let Some(place) = monitor
        .timer_place
        .filter(|_| monitor.timer == Some(owned.id))
    {
        out.push(
            Draft::new(
                Code::DeviceOfMonitor,
                format!("`{}` is the monitor's own", owned.device.name),
                owned.place,
                "not for a partition",
            )
            .and(place, "the board gives it to the monitor")
            .help(format!("take `{}` from the list", owned.device.name)),
        );
    }
}

/// A bus master that reaches all memory is a partition's only if the description says that it is trusted.
fn check_trust(view: &View<'_>, out: &mut Mistakes) {
    let masters = || {
        let all = |owned: &&Owned<'_>| owned.device.reaches == Some(Reach::All);
        view.devices.iter().filter(all)
    };
    let trusted = &view.raw.dma;
    for owned in masters() {
        let name = &owned.device.name;
        if !trusted.iter().any(|it| it.value == *name) {
            out.push(
                Draft::new(
                    Code::DmaUntrusted,
                    format!(
                        "`{}` can have `{name}` read and write all memory, the monitor's too",
                        view.name()
                    ),
                    owned.place,
                    "a bus master, which nothing stops",
                )
                .and(owned.device.place, "reaches all memory")
                .help(format!(
                    "take `{name}` from the list; or write `dma: {{ {name}: trusted }}` if whoever drives it is trusted like the monitor"
                )),
            );
        }
    }
    for name in trusted {
        if !masters().any(|it| it.device.name == name.value) {
            out.push(
                Draft::new(
                    Code::DmaUnsuited,
                    format!(
                        "`{}` of `{}` is no bus master that reaches all memory",
                        name.value,
                        view.name()
                    ),
                    name.place,
                    "needs no trust",
                )
                .help(format!("take `{}` out of `dma:`", name.value)),
            );
        }
    }
}

/// A device, and an interrupt, has one owner.
fn check_pair(
    (a_view, a): (&View<'_>, &Owned<'_>),
    (b_view, b): (&View<'_>, &Owned<'_>),
    out: &mut Mistakes,
) {
    let same_owner = a_view.raw.name.place == b_view.raw.name.place;
    let name = &b.device.name;
    let (by_a, by_b) = (
        format!("listed by `{}`", a_view.name()),
        format!("listed by `{}`", b_view.name()),
    );
    if a.id == b.id {
        let (code, message) = if same_owner {
            (Code::DeviceTwice, format!("`{name}` is listed twice"))
        } else {
            (Code::DeviceTwoOwners, format!("`{name}` has two owners"))
        };
        out.push(
            Draft::new(code, message, b.place, by_b)
                .and(a.place, by_a)
                .help(format!("take `{name}` from one of the lists")),
        );
        return;
    }
    let shared = b
        .device
        .interrupts
        .iter()
        .find(|i| a.device.interrupts.contains(i));
    if let (Some(interrupt), false) = (shared, same_owner) {
        out.push(
            Draft::new(
                Code::InterruptTwoOwners,
                format!(
                    "`{}` and `{name}` share an interrupt ({}), their owners do not",
                    a.device.name,
                    interrupt.number()
                ),
                b.place,
                by_b,
            )
            .and(a.place, by_a)
            .help("give both devices to one partition, or leave one out"),
        );
    }
}

/// Nobody rich holds the outputs that must become safe.
fn check_safe_state(scene: &Scene<'_>, out: &mut Mistakes) {
    let mut seen = Vec::new();
    for pin in &scene.board.safe_state {
        if seen.contains(&pin.device) {
            continue;
        }
        seen.push(pin.device);
        for (view, place) in scene.owners(pin.device).filter(|(v, _)| v.raw.is_rich()) {
            out.push(
                Draft::new(
                    Code::SafeStateDeviceRich,
                    format!("`{}` could undo the safe state", view.name()),
                    place,
                    "a rich partition has it",
                )
                .and(pin.place, "the board's safe state needs it")
                .help("give it to a critical partition, or to nobody"),
            );
        }
    }
}
