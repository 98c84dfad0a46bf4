//! Physical memory protection: how many entries a hart has, and how many its partition takes.

use crate::check::scene::{Link, Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::Controller;
use crate::raw::board::Cores;
use cofferdam_abi::virtualnet::Geometry;
use cofferdam_core::region::Region;

/// PMP entries that the monitor uses, of the 0, 16 or 64 of a hart (privileged specification 1.12; before it, there could
/// be any number to 16).
const ENTRIES: u64 = 16;
/// Those for the monitor's text and for the guards of a hart's two stacks.
const OF_MONITOR: usize = 3;

/// How many PMP entries the monitor finds on each hart of a board.
pub(crate) fn entries(cores: Option<&Cores>, out: &mut Mistakes) -> usize {
    let said = cores.and_then(|it| it.protection_entries);
    let few = said.filter(|it| it.value <= OF_MONITOR as u64);
    if let Some(few) = few {
        out.push(
            Draft::new(
                Code::PmpEntries,
                format!("{} PMP entries keep nobody apart", few.value),
                few.place,
                "too few",
            )
            .help(format!(
                "the monitor has {OF_MONITOR} for itself; a hart with fewer than {} is not supported",
                OF_MONITOR + 1
            )),
        );
    }
    let entries = said.map_or(ENTRIES, |it| it.value.min(ENTRIES));
    usize::try_from(entries).unwrap_or_default()
}

/// Entries that a region takes: one if it is a naturally aligned power of two, else two. As `cofferdam_riscv64::pmp`.
fn entries_for(region: Region) -> usize {
    let (start, len) = (region.start().get(), region.len().get());
    if len.is_power_of_two() && len >= 8 && start.is_multiple_of(len) {
        1
    } else {
        2
    }
}

/// A partition reaches its memory, its devices, its channels and, in the simplest case, a page of the controller.
pub(super) fn check_entries(scene: &Scene<'_>, view: &View<'_>, out: &mut Mistakes) {
    let memory = view
        .memory
        .iter()
        .filter_map(|piece| Some((piece.raw.name.value.as_str(), piece.region?)));
    let devices = view
        .devices
        .iter()
        .filter_map(|owned| Some((owned.device.name.as_str(), owned.device.region?)));
    let costs: Vec<(&str, usize)> = memory
        .chain(devices)
        .map(|(name, region)| (name, entries_for(region)))
        .chain(channels(scene, view))
        .collect();
    let cores = view.raw.cores.iter().flat_map(|cores| cores.all());
    let cores = cores.filter_map(|core| usize::try_from(core.value).ok());
    let files = scene.board.controller.files_of(cores);
    let page = usize::from(reaches_controller(scene, view));
    let files = files.into_iter().map(entries_for);
    let controller = files.fold(page, usize::saturating_add);
    let needed = costs
        .iter()
        .fold(controller, |sum, (_, cost)| sum.saturating_add(*cost));
    let most = scene.board.protection_entries.saturating_sub(OF_MONITOR);
    if needed <= most {
        return;
    }
    let names: Vec<_> = costs
        .iter()
        .map(|(name, cost)| format!("{name} {cost}"))
        .collect();
    out.push(
        Draft::new(
            Code::PmpEntries,
            format!(
                "`{}` needs {needed} PMP entries, and a hart has {most} for it",
                view.name()
            ),
            view.raw.name.place,
            format!("{}; interrupt controller {controller}", names.join(", ")),
        )
        .help("give it fewer devices, or memory of a power of two bytes at a multiple of its size, which takes one"),
    );
}

/// Its channels, with the entries that each takes: for the section that the end writes, and for the whole that it reads.
fn channels<'a>(scene: &'a Scene<'_>, view: &View<'_>) -> impl Iterator<Item = (&'a str, usize)> {
    let own = view.raw.name.place;
    scene.channels.iter().filter_map(move |link| {
        let is_own =
            |end| Link::partition(end, scene).is_some_and(|(_, it)| it.raw.name.place == own);
        let side = link.raw.ends.iter().position(is_own)?;
        let whole = link.memory.as_ref()?.region?;
        let geometry = Geometry::new(link.raw.slots?.value, link.raw.mtu?.value).ok()?;
        let bytes = u64::try_from(geometry.section()).ok()?;
        let start = whole
            .start()
            .get()
            .checked_add(bytes.checked_mul(side as u64)?)?;
        let section = Region::from_raw(start, bytes).ok()?;
        let name = link.raw.name.value.as_str();
        Some((
            name,
            entries_for(section).saturating_add(entries_for(whole)),
        ))
    })
}

/// Whether some hart's context of the controller is its own to reach: alone with interrupts, and all of them devices', as
/// `cofferdam_sossl` generates it.
fn reaches_controller(scene: &Scene<'_>, view: &View<'_>) -> bool {
    if matches!(scene.board.controller, Controller::Aplic { .. }) {
        return false;
    }
    let owners = scene.partitions.iter().filter(|it| has_interrupts(it));
    let is_called = !view.raw.is_critical() && channels(scene, view).next().is_some();
    has_interrupts(view) && owners.count() == 1 && !is_called
}

fn has_interrupts(view: &View<'_>) -> bool {
    view.devices
        .iter()
        .any(|owned| !owned.device.interrupts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::At;
    use crate::source::{Place, Sources};

    #[test]
    fn a_board_can_have_fewer_entries_and_not_too_few() {
        let of = |value: Option<u64>| {
            let mut mistakes = Mistakes::default();
            let place = Place::start_of(Sources::default().add("board.yaml".into(), String::new()));
            let cores = Cores {
                place,
                model: None,
                numbers: None,
                protection_entries: value.map(|value| At { place, value }),
            };
            let entries = entries(Some(&cores), &mut mistakes);
            mistakes.is_empty().then_some(entries)
        };
        assert_eq!(of(None), Some(16));
        assert_eq!(of(Some(8)), Some(8));
        assert_eq!(of(Some(64)), Some(16));
        assert_eq!(of(Some(4)), Some(4));
        assert_eq!(of(Some(3)), None);
        assert_eq!(of(Some(0)), None);
    }

    #[test]
    fn a_power_of_two_takes_one_entry() {
        let entries = |start, len| entries_for(Region::from_raw(start, len).unwrap());
        assert_eq!(entries(0x8000_0000, 0x20_0000), 1);
        assert_eq!(entries(0x8010_0000, 0x20_0000), 2, "not aligned");
        assert_eq!(entries(0x8000_0000, 0x30_0000), 2);
    }
}
