//! Where the memory of partitions and channels lies.

use cofferdam_core::region::Region;

use super::scene::{Piece, Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Bank, BankKind};

/// What stage-1 tables and protection hardware can tell apart.
const PAGE: u64 = 4 << 10;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        check_has_ram(view, out);
    }
    let mut earlier: Vec<(&str, &Piece<'_>)> = Vec::new();
    for (owner, piece) in scene.pieces() {
        check_piece(scene, owner, piece, out);
        for other in &earlier {
            check_overlap(*other, (owner, piece), out);
        }
        earlier.push((owner, piece));
    }
}

/// `0x4000_0000..0x8000_0000`
fn span(region: Region) -> String {
    format!("{:#x}..{:#x}", region.start().get(), region.end().get())
}

/// The image goes to the piece named `ram`.
fn check_has_ram(view: &View<'_>, out: &mut Mistakes) {
    if !view
        .memory
        .iter()
        .any(|piece| piece.raw.name.value == "ram")
    {
        let place = view
            .memory
            .first()
            .map_or(view.raw.name.place, |p| p.raw.name.place);
        out.push(
            Draft::new(
                Code::MemoryRamMissing,
                format!("`{}` has no memory named `ram`", view.name()),
                place,
                "its image has nowhere to go",
            )
            .help("name the piece that the image goes to `ram`"),
        );
    }
}

fn check_piece(scene: &Scene<'_>, owner: &str, piece: &Piece<'_>, out: &mut Mistakes) {
    if let Some((_, bank)) = piece.bank {
        check_is_ram(piece, bank, out);
    }
    let Some(region) = piece.region else {
        return;
    };
    if !region.is_aligned(PAGE) {
        let place = match piece.raw.size {
            Some(size) if region.start().is_aligned(PAGE) => size.place,
            _ => piece.place(),
        };
        out.push(
            Draft::new(
                Code::MemoryMisaligned,
                format!("`{}` is not made of whole pages", piece.raw.name.value),
                place,
                "not a multiple of 4 KiB",
            )
            .help("make address and size multiples of 4KiB"),
        );
    }
    if !over_device(scene, piece, region, out) {
        outside_bank(piece, region, out);
    }
    of_monitor(scene, owner, piece, region, out);
}

fn check_is_ram(piece: &Piece<'_>, bank: &Bank, out: &mut Mistakes) {
    if bank.kind != BankKind::Ram {
        let place = piece
            .raw
            .bank
            .as_ref()
            .map_or(piece.place(), |name| name.place);
        out.push(
            Draft::new(
                Code::MemoryNotRam,
                format!("`{}` cannot be written", bank.name),
                place,
                "not RAM",
            )
            .and(bank.place, "declared here")
            .help("name a bank of `type: ram`"),
        );
    }
}

/// An address at which there is a device instead. Says whether it is so.
fn over_device(scene: &Scene<'_>, piece: &Piece<'_>, region: Region, out: &mut Mistakes) -> bool {
    let hits = scene.board.devices.iter().filter_map(|device| {
        let registers = device.region.filter(|r| r.overlaps(region))?;
        Some((device, registers))
    });
    let Some((device, registers)) = hits.min_by_key(|(_, registers)| *registers) else {
        return false;
    };
    out.push(
        Draft::new(
            Code::MemoryOverDevice,
            format!(
                "`{}` covers the device `{}`",
                piece.raw.name.value, device.name
            ),
            piece.place(),
            span(region),
        )
        .and(device.place, format!("registers at {}", span(registers)))
        .help("leave `at:` out to have it placed, or give an address in its bank"),
    );
    true
}

fn outside_bank(piece: &Piece<'_>, region: Region, out: &mut Mistakes) {
    let Some((_, bank)) = piece.bank else {
        return;
    };
    if bank.region.contains(region) {
        return;
    }
    // The address is right and the size is not: point at that.
    let place = match piece.raw.size {
        Some(size) if bank.region.contains_address(region.start()) => size.place,
        _ => piece.place(),
    };
    out.push(
        Draft::new(
            Code::MemoryOutsideBank,
            format!("`{}` does not lie in `{}`", piece.raw.name.value, bank.name),
            place,
            span(region),
        )
        .and(bank.place, span(bank.region))
        .help("correct address or size, or leave `at:` out to have it placed"),
    );
}

fn of_monitor(
    scene: &Scene<'_>,
    owner: &str,
    piece: &Piece<'_>,
    region: Region,
    out: &mut Mistakes,
) {
    let monitor = &scene.board.monitor;
    let own = [
        (monitor.flash, monitor.flash_place),
        (monitor.ram, monitor.ram_place),
    ];
    for (taken, place) in own.into_iter().filter(|(taken, _)| taken.overlaps(region)) {
        out.push(
            Draft::new(
                Code::MemoryOfMonitor,
                format!(
                    "`{}` of `{owner}` covers the monitor's own memory",
                    piece.raw.name.value
                ),
                piece.place(),
                span(region),
            )
            .and(place, format!("the monitor has {}", span(taken)))
            .help(format!(
                "start at {:#x} or above, or leave `at:` out to have it placed",
                taken.end().get()
            )),
        );
    }
}

fn check_overlap(
    (a_owner, a): (&str, &Piece<'_>),
    (b_owner, b): (&str, &Piece<'_>),
    out: &mut Mistakes,
) {
    let (Some(a_region), Some(b_region)) = (a.region, b.region) else {
        return;
    };
    let Some(shared) = a_region.intersection(b_region) else {
        return;
    };
    out.push(
        Draft::new(
            Code::MemoryOverlap,
            format!(
                "`{}` of `{a_owner}` and `{}` of `{b_owner}` both have {}",
                a.raw.name.value,
                b.raw.name.value,
                span(shared)
            ),
            b.place(),
            format!("`{b_owner}` has {}", span(b_region)),
        )
        .and(
            a.place(),
            format!("`{a_owner}` has {}", span(a_region)),
        )
        .help(
            "move one of them: leave `at:` out to have it placed, in a bank that its partition can reach",
        ),
    );
}
