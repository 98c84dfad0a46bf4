//! The devices of a board and their interrupts.

use super::board_parts::worlds;
use super::region_of;
use crate::arch::{DeviceKind, NumberError, PlicSource, Ppi, Spi};
use crate::code::Code;
use crate::fields::{At, Size};
use crate::mistake::{Draft, Mistakes};
use crate::model::{Device, Interrupt};
use crate::raw::board as raw;

pub(super) fn devices(raw: &[raw::Device], spis: Option<u32>, out: &mut Mistakes) -> Vec<Device> {
    raw.iter()
        .filter_map(|raw| {
            let worlds = worlds(raw.worlds.as_ref(), &raw.name, out);
            let count = count(raw, out)?;
            let interrupts = match &raw.interrupt {
                Some(interrupt) => interrupts(interrupt, count, spis, out),
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

fn interrupts(
    raw: &raw::Interrupt,
    devices: u32,
    spis: Option<u32>,
    out: &mut Mistakes,
) -> Vec<Interrupt> {
    let count = raw.count.map_or(1, |count| count.value);
    if count != 1 && count != devices {
        let place = raw.count.map_or(raw.place, |count| count.place);
        out.push(
            Draft::new(
                Code::DeviceCount,
                format!("{count} interrupts for {devices} devices"),
                place,
                "this many interrupts",
            )
            .and(raw.place, "of this device")
            .help(format!("give `count: {devices}` to both, or 1 interrupt")),
        );
        return Vec::new();
    }
    match (raw.spi, raw.ppi, raw.plic) {
        (None, None, Some(first)) => {
            let last = spis.unwrap_or(u32::MAX);
            let source = |n| PlicSource::new(n, last).map(Interrupt::Plic);
            range(first, count, "source", source, out)
        }
        (Some(first), None, None) => {
            let spi = |n| Spi::new(n, spis.unwrap_or(u32::MAX)).map(Interrupt::Spi);
            range(first, count, "SPI", spi, out)
        }
        (None, Some(first), None) => {
            let ppi = |n| Ppi::new(n).map(Interrupt::Ppi);
            range(first, count, "PPI", ppi, out)
        }
        _ => {
            out.push(
                Draft::new(
                    Code::InterruptKind,
                    "an interrupt is either shared or per core",
                    raw.place,
                    "needs one of the two",
                )
                .help("keep one of `spi: N` (shared) and `ppi: N` (per core)"),
            );
            Vec::new()
        }
    }
}

/// The interrupts that are free for channels: of no device.
pub(super) fn doorbells(
    raw: &raw::Board,
    spis: Option<u32>,
    devices: &[Device],
    out: &mut Mistakes,
) -> Vec<Interrupt> {
    let Some(raw) = &raw.doorbells else {
        return Vec::new();
    };
    let count = raw.count.map_or(1, |count| count.value);
    let all = interrupts(raw, count, spis, out);
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
    let is_shared = |it: &Interrupt| !matches!(it, Interrupt::Ppi(_));
    all.into_iter().filter(is_shared).collect()
}

/// `count` interrupts from `first` on; the first wrong one is reported.
fn range(
    first: At<u32>,
    count: u32,
    kind: &str,
    new: impl Fn(u32) -> Result<Interrupt, NumberError>,
    out: &mut Mistakes,
) -> Vec<Interrupt> {
    let numbers = (0..count).map(|n| first.value.saturating_add(n));
    let all: Result<Vec<_>, (u32, NumberError)> = numbers
        .map(|n| new(n).map_err(|error| (n, error)))
        .collect();
    match all {
        Ok(all) => all,
        Err((number, error)) => {
            out.push(wrong_number(first, number, kind, error));
            Vec::new()
        }
    }
}

fn wrong_number(first: At<u32>, number: u32, kind: &str, error: NumberError) -> Draft {
    let message = format!("the controller has no {kind} {number}");
    match error {
        NumberError::RawIntId { meant } => Draft::new(
            Code::InterruptRawIntid,
            message,
            first.place,
            format!("looks like an INTID: {number} is that of {kind} {meant}"),
        )
        .help(format!(
            "{kind}s are counted from 0 as in device trees: write {meant}"
        )),
        NumberError::Beyond { last } => Draft::new(
            Code::InterruptOutOfRange,
            message,
            first.place,
            format!("the last one is {last}"),
        )
        .help(format!(
            "give a number from 0 to {last}, or correct the controller's `spis`"
        )),
    }
}
