//! Who can reach what: memory, devices and bus masters of one world against the other.

use super::words::World;
use crate::check::scene::{Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};

/// A partition reaches its memory, and the other world does not reach what is Secure.
pub(super) fn check_memory(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    let Some(of) = view.raw.world else {
        return;
    };
    for piece in &view.memory {
        let (Some((_, bank)), Some(name)) = (piece.bank, piece.raw.bank.as_ref()) else {
            continue;
        };
        // It is somebody else's memory: that has been told, and says more.
        if scene.overlaps_another(view, piece) {
            continue;
        }
        let (code, message) = if !bank.worlds.contains(&of.value) {
            let message = format!("`{}` cannot reach `{}`", view.name(), bank.name);
            (Code::MemoryWorld, message)
        } else if of.value == World::Secure && bank.worlds.contains(&World::NonSecure) {
            let message = format!("Non-secure software can reach `{}`", bank.name);
            (Code::MemoryExposed, message)
        } else {
            continue;
        };
        out.push(
            Draft::new(
                code,
                message,
                name.place,
                format!("memory of `{}`", view.name()),
            )
            .and(bank.place, format!("worlds: {}", list(&bank.worlds)))
            .help(format!(
                "name a bank that has `worlds: [{}]`",
                of.value.as_str()
            )),
        );
    }
}

fn list(worlds: &[World]) -> String {
    let names: Vec<_> = worlds.iter().map(|world| world.as_str()).collect();
    format!("[{}]", names.join(", "))
}

/// The same for devices.
pub(super) fn check_devices(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    let Some(of) = view.raw.world else {
        return;
    };
    for owned in &view.devices {
        let device = owned.device;
        if scene.owners(owned.id).count() > 1 {
            continue;
        }
        let (code, message) = if !device.worlds.contains(&of.value) {
            let message = format!("`{}` cannot reach `{}`", view.name(), device.name);
            (Code::DeviceWorld, message)
        } else if of.value == World::Secure && device.worlds.contains(&World::NonSecure) {
            let message = format!("Non-secure software can reach `{}`", device.name);
            (Code::DeviceExposed, message)
        } else {
            continue;
        };
        out.push(
            Draft::new(
                code,
                message,
                owned.place,
                format!("listed by `{}`", view.name()),
            )
            .and(device.place, format!("worlds: {}", list(&device.worlds)))
            .help(format!(
                "list a device that has `worlds: [{}]` instead",
                of.value.as_str()
            )),
        );
    }
}

/// No bus master of the rich partition reaches memory of the critical one.
pub(super) fn check_bus_masters(critical: &View<'_>, rich: &View<'_>, out: &mut Mistakes) {
    if !critical.raw.is_critical() || !rich.raw.is_rich() {
        return;
    }
    for owned in &rich.devices {
        // Memory that is Secure is what it must not reach; all else is refused as exposed.
        if !owned.device.reaches.contains(&World::Secure) {
            continue;
        }
        let reached = critical.memory.iter().find(|piece| {
            piece
                .bank
                .is_some_and(|(_, bank)| bank.worlds == [World::Secure])
        });
        if let Some(piece) = reached {
            out.push(
                Draft::new(
                    Code::DmaReachesCritical,
                    format!(
                        "`{}` can have `{}` read and write memory of `{}`",
                        rich.name(),
                        owned.device.name,
                        critical.name()
                    ),
                    owned.place,
                    "a bus master of a rich partition",
                )
                .and(
                    piece.raw.name.place,
                    format!("memory of `{}`", critical.name()),
                )
                .and(owned.device.place, "reaches Secure memory")
                .help(format!("take `{}` from the list", owned.device.name)),
            );
        }
    }
}
