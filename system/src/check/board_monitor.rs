//! What the monitor has for itself.

use cofferdam_abi::image::MAX_BYTES;
use cofferdam_core::region::{PhysAddr, Region};

use super::board_parts::{bank, device};
use super::region_of;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Bank, BankId, BankKind, Device, MonitorMemory};
use crate::raw::Chunk;
use crate::raw::board as raw;

/// Bytes kept for the image table: its largest size, in whole pages.
const TABLE: u64 = (MAX_BYTES as u64).next_multiple_of(0x1000);

pub(super) fn monitor(
    raw: &raw::Monitor,
    banks: &[Bank],
    devices: &[Device],
    out: &mut Mistakes,
) -> Option<MonitorMemory> {
    let flash = raw
        .flash
        .as_ref()
        .and_then(|chunk| monitor_chunk(chunk, BankKind::Flash, TABLE + 1, banks, out));
    let ram = raw
        .ram
        .as_ref()
        .and_then(|chunk| monitor_chunk(chunk, BankKind::Ram, 0, banks, out));
    let timer = match &raw.timer {
        Some(name) => Some(device(name, devices, out)?),
        None => None,
    };
    let (flash_bank, flash_of, flash) = flash?;
    let (ram_bank, _, ram) = ram?;
    let image_table = flash.end();
    // `monitor_chunk` made sure that a table and a byte fit behind it.
    let images_at = image_table.get().saturating_add(TABLE);
    let images_len = flash_of.region.end().get().saturating_sub(images_at);
    Some(MonitorMemory {
        flash,
        flash_bank,
        ram,
        ram_bank,
        image_table: PhysAddr::new(image_table.get()),
        images: Region::from_raw(images_at, images_len).ok()?,
        timer: timer.map(|(id, _)| id),
        flash_place: raw.flash.as_ref()?.name.place,
        ram_place: raw.ram.as_ref()?.name.place,
        timer_place: raw.timer.as_ref().map(|name| name.place),
    })
}

/// A piece of the monitor's own in a bank of this kind, with `behind` bytes of the bank after it.
fn monitor_chunk<'b>(
    chunk: &Chunk,
    kind: BankKind,
    behind: u64,
    banks: &'b [Bank],
    out: &mut Mistakes,
) -> Option<(BankId, &'b Bank, Region)> {
    let name = chunk.bank.as_ref()?;
    let (id, bank) = bank(name, banks, out)?;
    if bank.kind != kind {
        out.push(
            Draft::new(
                Code::MonitorBankKind,
                format!(
                    "`{}` is no memory for the monitor's {}",
                    bank.name, chunk.name.value
                ),
                name.place,
                "of the wrong kind",
            )
            .and(bank.place, "declared here")
            .help(match kind {
                BankKind::Flash => "name a bank of `type: flash`",
                BankKind::Ram => "name a bank of `type: ram`",
            }),
        );
    }
    let region = region_of(chunk.at, chunk.size, out)?;
    let room = bank.region.end().get().saturating_sub(region.end().get());
    if !bank.region.contains(region) || room < behind {
        out.push(
            Draft::new(
                Code::MonitorOutsideBank,
                format!(
                    "the monitor's {} does not fit in `{}`",
                    chunk.name.value, bank.name
                ),
                chunk.name.place,
                format!("{:#x}..{:#x}", region.start().get(), region.end().get()),
            )
            .and(
                bank.place,
                format!(
                    "{:#x}..{:#x}",
                    bank.region.start().get(),
                    bank.region.end().get()
                ),
            )
            .help("move it into the bank, leaving room behind the flash for images"),
        );
        return None;
    }
    if !region.is_aligned(0x1000) {
        out.push(
            Draft::new(
                Code::MemoryMisaligned,
                format!(
                    "the monitor's {} is not made of whole pages",
                    chunk.name.value
                ),
                chunk.name.place,
                "not a multiple of 4 KiB",
            )
            .help("make address and size multiples of 4KiB"),
        );
    }
    Some((id, bank, region))
}
