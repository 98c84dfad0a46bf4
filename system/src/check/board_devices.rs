//! The devices of a board and their interrupts.

use super::board_parts::worlds;
use super::region_of;
use crate::arch::{DeviceKind, interrupts};
use crate::code::Code;
use crate::fields::{At, Size};
use crate::mistake::{Draft, Mistakes};
use crate::model::{Device, Interrupt};
use crate::raw::board as raw;

pub(super) fn devices(raw: &[raw::Device], lines: Option<u32>, out: &mut Mistakes) -> Vec<Device> {
    raw.iter()
        .filter_map(|raw| {
            let worlds = worlds(raw.worlds.as_ref(), &raw.name, out);
            let count = count(raw, out)?;
            let interrupts = match &raw.interrupt {
                Some(interrupt) => interrupts(interrupt, count, lines, out),
                None => Vec::new(),
            };
            Some(Device {
                name: raw.name.value.clone(),
                kind: DeviceKind::from_type(&raw.kind.as_ref()?.value),
                region: match raw.at {
                    Some(_) => Some(region_of(raw.at, raw.size, out)?),
                    None => None,
                },
                count,
                interrupts,
                worlds,
                reaches: raw.reaches.clone(),
                place: raw.name.place,
            })
        })
        .collect()
}

/// How many alike; they share the region evenly.
fn count(raw: &raw::Device, out: &mut Mistakes) -> Option<u32> {
    let Some(count) = raw.count else {
        return Some(1);
    };
    let even = |size: At<Size>| size.value.0.is_multiple_of(u64::from(count.value));
    if count.value == 0 || count.value > 1024 || !raw.size.is_none_or(even) {
        let place = raw.size.map_or(raw.name.place, |size| size.place);
        out.push(
            Draft::new(
                Code::DeviceCount,
                format!(
                    "`{}` cannot be {} devices alike",
                    raw.name.value, count.value
                ),
                count.place,
                "this many",
            )
            .and(place, "of this in all")
            .help("give a count from 1 to 1024 by which the size can be divided"),
        );
        return None;
    }
    Some(count.value)
}

/// The interrupts that are free for channels: of no device.
pub(super) fn doorbells(
    raw: &raw::Board,
    lines: Option<u32>,
    devices: &[Device],
    out: &mut Mistakes,
) -> Vec<Interrupt> {
    let Some(raw) = &raw.doorbells else {
        return Vec::new();
    };
    let count = raw.count.map_or(1, |count| count.value);
    let all = interrupts(raw, count, lines, out);
    let mut owners = devices.iter();
    let owner = owners.find(|it| it.interrupts.iter().any(|own| all.contains(own)));
    if let Some(device) = owner {
        out.push(
            Draft::new(
                Code::BoardDoorbellTaken,
                "an interrupt for doorbells is a device's",
                raw.place,
                "no device may have any of these",
            )
            .and(device.place, "has one")
            .help("give those that nothing on the board is wired to"),
        );
    }
    all.into_iter().filter(|it| it.is_shared()).collect()
}
