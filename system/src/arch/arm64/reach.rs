//! Who can reach what: memory, devices and bus masters of one world against the other.

use super::words::World;
use crate::check::scene::{Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::Reach;
use crate::source::Place;

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
        let found = Reached {
            what: &bank.name,
            worlds: &bank.worlds,
            declared: bank.place,
            codes: [Code::MemoryWorld, Code::MemoryExposed],
        };
        let Some(draft) = found.draft(of.value, view, name.place, "memory of") else {
            continue;
        };
        out.push(draft.help(format!(
            "name a bank that has `worlds: [{}]`",
            of.value.as_str()
        )));
    }
}

/// Something that a partition of a world is to reach, and no other world.
struct Reached<'a> {
    what: &'a str,
    worlds: &'a [World],
    /// Where the board says so.
    declared: Place,
    /// Where the partition's world is not among them; where the other one is.
    codes: [Code; 2],
}

impl Reached<'_> {
    /// The mistake, if there is one. `role`: what it is of the partition.
    fn draft(&self, of: World, view: &View<'_>, place: Place, role: &str) -> Option<Draft> {
        let [unreachable, exposed] = self.codes;
        let (code, message) = if !self.worlds.contains(&of) {
            let message = format!("`{}` cannot reach `{}`", view.name(), self.what);
            (unreachable, message)
        } else if of == World::Secure && self.worlds.contains(&World::NonSecure) {
            let message = format!("Non-secure software can reach `{}`", self.what);
            (exposed, message)
        } else {
            return None;
        };
        let label = format!("{role} `{}`", view.name());
        let declared = format!("worlds: {}", list(self.worlds));
        Some(Draft::new(code, message, place, label).and(self.declared, declared))
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
        let found = Reached {
            what: &device.name,
            worlds: &device.worlds,
            declared: device.place,
            codes: [Code::DeviceWorld, Code::DeviceExposed],
        };
        let Some(draft) = found.draft(of.value, view, owned.place, "listed by") else {
            continue;
        };
        out.push(draft.help(format!(
            "list a device that has `worlds: [{}]` instead",
            of.value.as_str()
        )));
    }
}

/// No bus master of the rich partition reaches memory of the critical one.
pub(super) fn check_bus_masters(critical: &View<'_>, rich: &View<'_>, out: &mut Mistakes) {
    if !critical.raw.is_critical() || !rich.raw.is_rich() {
        return;
    }
    for owned in &rich.devices {
        // Memory that is Secure is what it must not reach; all else is refused as exposed.
        match &owned.device.reaches {
            Some(Reach::Worlds(worlds)) if worlds.contains(&World::Secure) => {}
            _ => continue,
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
