//! From what `board.yaml` says to a checked [`Board`].
//!
//! A board that is wrong in itself is no ground to judge a system on: [`board`] gives one only when it
//! found no mistake.

use std::path::Path;

use super::board_devices::{devices, doorbells};
use super::board_monitor::monitor;
use super::board_parts::{banks, safe_state};
use crate::arch;
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Board, Emulator, HardwareId};
use crate::raw::board as raw;
use crate::source::Place;
use cofferdam_core::region::Region;

/// Checks a board. `name` is what the system calls it: the name of its folder.
pub(crate) fn board(
    raw: &raw::Board,
    name: &str,
    file: &Path,
    out: &mut Mistakes,
) -> Option<Board> {
    let mut own = Mistakes::default();
    super::version(raw.version, &mut own);
    check_name(raw, name, &mut own);
    let cores = cores(raw.cores.as_ref(), &mut own);
    let (model, numbers) = cores.unwrap_or_default();
    let protection_entries = arch::entries(raw.cores.as_ref(), &mut own);
    let controller = raw
        .controller
        .as_ref()
        .and_then(|c| arch::controller(c, numbers.len(), &mut own));
    let banks = banks(&raw.banks, &mut own);
    let devices = devices(&raw.devices, controller.map(|c| c.lines()), &mut own);
    let monitor = raw
        .monitor
        .as_ref()
        .and_then(|m| monitor(m, &banks, &devices, &mut own));
    let doorbells = doorbells(raw, controller.map(|c| c.lines()), &devices, &mut own);
    let safe_state = safe_state(&raw.safe_state, &devices, &mut own);
    let complete = own.is_empty();
    out.append(own);
    let board = Board {
        name: name.to_owned(),
        file: file.to_owned(),
        arch: raw.arch?,
        core_model: model,
        cores: numbers,
        protection_entries,
        controller: controller?,
        banks,
        devices,
        monitor: monitor?,
        doorbells,
        safe_state,
        emulator: emulator(raw),
        controller_place: raw.controller.as_ref()?.place,
    };
    let mut own = Mistakes::default();
    check_overlaps(&board, &mut own);
    arch::check_board(&board, &mut own);
    let complete = complete && own.is_empty();
    out.append(own);
    complete.then_some(board)
}

fn emulator(raw: &raw::Board) -> Option<Emulator> {
    let raw = raw.emulator.as_ref()?;
    Some(Emulator {
        machine: raw.machine.clone()?,
        flash_banks: raw.flash_banks.unwrap_or_default(),
        memory: raw.memory.map(|size| size.0),
    })
}

fn check_name(raw: &raw::Board, folder: &str, out: &mut Mistakes) {
    if let Some(name) = raw.name.as_ref().filter(|name| name.value != folder) {
        out.push(
            Draft::new(
                Code::BoardName,
                format!("the board calls itself `{}`", name.value),
                name.place,
                "not the name of its folder",
            )
            .help(format!("write `name: {folder}`")),
        );
    }
}

fn cores(raw: Option<&raw::Cores>, out: &mut Mistakes) -> Option<(String, Vec<HardwareId>)> {
    let raw = raw?;
    let numbers = raw.numbers.as_ref()?;
    if numbers.is_empty() {
        out.push(empty_list(
            raw.place,
            "a board without cores",
            "list at least one core",
        ));
    }
    for (index, core) in numbers.iter().enumerate() {
        let earlier = numbers.iter().take(index).find(|e| e.value == core.value);
        if let Some(earlier) = earlier {
            out.push(twice(*core, *earlier));
        }
    }
    let numbers = numbers.iter().map(|core| HardwareId(core.value)).collect();
    Some((raw.model.as_ref()?.value.clone(), numbers))
}

fn twice(core: At<u64>, earlier: At<u64>) -> Draft {
    Draft::new(
        Code::BoardCoreTwice,
        format!("two cores have the hardware number {:#x}", core.value),
        core.place,
        "the same number again",
    )
    .and(earlier.place, "first here")
    .help("give each core its own number")
}

/// A list that must have an item.
pub(crate) fn empty_list(place: Place, message: &str, help: &str) -> Draft {
    Draft::new(Code::EmptyList, message, place, "nothing in this list").help(help)
}

/// No two things of a board share an address.
fn check_overlaps(board: &Board, out: &mut Mistakes) {
    let mut things: Vec<(&str, Place, Region)> = Vec::new();
    things.extend(
        board
            .banks
            .iter()
            .map(|b| (b.name.as_str(), b.place, b.region)),
    );
    for device in &board.devices {
        things.extend(
            device
                .region
                .map(|r| (device.name.as_str(), device.place, r)),
        );
    }
    let controller = board.controller.regions();
    let place = board.controller_place;
    things.extend(
        controller
            .into_iter()
            .map(|(name, region)| (name, place, region)),
    );
    for (index, (name, place, region)) in things.iter().enumerate() {
        for (other, other_place, other_region) in things.iter().take(index) {
            if let Some(shared) = region.intersection(*other_region) {
                let (from, to) = (shared.start().get(), shared.end().get());
                out.push(
                    Draft::new(
                        Code::BoardOverlap,
                        format!("`{other}` and `{name}` both have {from:#x}..{to:#x}"),
                        *place,
                        format!(
                            "`{name}` has {:#x}..{:#x}",
                            region.start().get(),
                            region.end().get()
                        ),
                    )
                    .and(
                        *other_place,
                        format!(
                            "`{other}` has {:#x}..{:#x}",
                            other_region.start().get(),
                            other_region.end().get()
                        ),
                    )
                    .help("correct the address or the size of one of them"),
                );
            }
        }
    }
}
