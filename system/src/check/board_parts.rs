//! The parts of a board, each checked by itself and against those before it.

use super::board::empty_list;
use super::region_of;
use crate::arch::{self, World};
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Bank, BankId, Device, DeviceId, SafePin};
use crate::raw::board as raw;
use crate::suggest::did_you_mean;

/// The worlds of a list that must have one at least.
pub(super) fn worlds(
    list: Option<&Vec<At<World>>>,
    owner: &At<String>,
    out: &mut Mistakes,
) -> Vec<World> {
    let Some(list) = list else {
        return Vec::new();
    };
    if list.is_empty() {
        let message = format!("no world can reach `{}`", owner.value);
        out.push(empty_list(owner.place, &message, "list at least one world"));
    }
    list.iter().map(|world| world.value).collect()
}

pub(super) fn banks(raw: &[raw::Bank], out: &mut Mistakes) -> Vec<Bank> {
    raw.iter()
        .filter_map(|raw| {
            let worlds = worlds(raw.worlds.as_ref(), &raw.name, out);
            Some(Bank {
                name: raw.name.value.clone(),
                kind: raw.kind?.value,
                region: region_of(raw.at, raw.size, out)?,
                worlds,
                place: raw.name.place,
            })
        })
        .collect()
}

/// A bank by name; an unknown one is reported.
pub(super) fn bank<'b>(
    name: &At<String>,
    banks: &'b [Bank],
    out: &mut Mistakes,
) -> Option<(BankId, &'b Bank)> {
    let found = banks.iter().enumerate().find(|(_, b)| b.name == name.value);
    if found.is_none() {
        out.push(
            Draft::new(
                Code::MemoryBankUnknown,
                format!("the board has no memory `{}`", name.value),
                name.place,
                "unknown",
            )
            .help(did_you_mean(
                &name.value,
                banks.iter().map(|b| b.name.as_str()),
            )),
        );
    }
    found.map(|(index, bank)| (BankId::new(index), bank))
}

/// A device by name; an unknown one is reported.
pub(super) fn device<'d>(
    name: &At<String>,
    devices: &'d [Device],
    out: &mut Mistakes,
) -> Option<(DeviceId, &'d Device)> {
    let found = devices
        .iter()
        .enumerate()
        .find(|(_, d)| d.name == name.value);
    if found.is_none() {
        let known = devices.iter().map(|d| d.name.as_str());
        out.push(
            Draft::new(
                Code::DeviceUnknown,
                format!("the board has no device `{}`", name.value),
                name.place,
                "unknown",
            )
            .help(did_you_mean(&name.value, known)),
        );
    }
    found.map(|(index, device)| (DeviceId::new(index), device))
}

pub(super) fn safe_state(raw: &[raw::Pin], devices: &[Device], out: &mut Mistakes) -> Vec<SafePin> {
    raw.iter()
        .filter_map(|raw| {
            let name = raw.device.as_ref()?;
            let (id, device) = device(name, devices, out)?;
            let (pin, value) = (raw.pin?, raw.value?);
            let Some(pins) = device.kind.pins() else {
                out.push(
                    Draft::new(
                        Code::SafeStatePin,
                        format!("the monitor cannot drive `{}`", device.name),
                        name.place,
                        "has no pins",
                    )
                    .and(device.place, "declared here")
                    .help(format!("name a device of type {}", arch::PIN_TYPES)),
                );
                return None;
            };
            if pin.value >= pins || value.value > 1 {
                out.push(
                    Draft::new(
                        Code::SafeStatePin,
                        format!("`{}` has no such output", device.name),
                        if pin.value >= pins {
                            pin.place
                        } else {
                            value.place
                        },
                        format!("pins are 0 to {}, values 0 and 1", pins.saturating_sub(1)),
                    )
                    .and(device.place, "declared here")
                    .help(format!("give a pin from 0 to {}", pins.saturating_sub(1))),
                );
            }
            Some(SafePin {
                device: id,
                pin: pin.value,
                high: value.value == 1,
                place: name.place,
            })
        })
        .collect()
}
