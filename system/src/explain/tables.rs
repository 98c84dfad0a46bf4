//! The text form: one table for each question of a review.

mod channels;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use super::map::{Owner, stretches};
use super::words::{
    address, core_name, image, interrupt, interrupts, moves, registers, sharing, size, time, worlds,
};
use crate::arch::{World, route};
use crate::model::{BankId, Device, DeviceId, Partition, Reach, System};

pub(super) fn all(system: &System) -> String {
    let mut sections = vec![
        ("Partitions", partitions(system)),
        ("Memory", memory(system)),
        ("Cores", cores(system)),
        ("Interrupts", interrupt_table(system)),
        ("Devices", devices(system)),
    ];
    if !system.channels.is_empty() {
        sections.push(("Channels", channels::table(system)));
    }
    let mut text = String::new();
    for (title, table) in sections {
        text.push_str(&format!("{title}\n{table}\n\n"));
    }
    text
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    table
}

fn partitions(system: &System) -> Table {
    let mut table = table([
        "",
        "criticality",
        "world",
        "image",
        "time",
        "on crash",
        "on hang",
        "on reset",
        "on power off",
    ]);
    for partition in &system.partitions {
        let hang = partition.on_hang.map_or("not detected".to_owned(), |hang| {
            format!("{} after {}", hang.then.as_str(), time(hang.after))
        });
        table.add_row([
            partition.name.clone(),
            partition.criticality.as_str().to_owned(),
            partition
                .world
                .map_or("none", |world| world.as_str())
                .to_owned(),
            image(&partition.image),
            timing(partition),
            partition.on_crash.as_str().to_owned(),
            hang,
            partition.on_reset.as_str().to_owned(),
            partition.on_power_off.as_str().to_owned(),
        ]);
    }
    table
}

/// Deadline, budget and moves in one line.
fn timing(partition: &Partition) -> String {
    let deadline = partition
        .deadline
        .map(|d| format!("every {}, done within {}", time(d.period), time(d.within)));
    let budget = partition
        .budget
        .map(|b| format!("at most {} in {}", time(b.time), time(b.period)));
    let migration = partition
        .migration
        .map(|by| format!("moves by {}", moves(by)));
    let parts: Vec<_> = deadline
        .into_iter()
        .chain(budget)
        .chain(migration)
        .collect();
    if parts.is_empty() {
        return "-".to_owned();
    }
    parts.join("; ")
}

fn memory(system: &System) -> Table {
    let mut table = table(["from", "to", "size", "bank", "owner", "use", "in reach of"]);
    let mut banks: Vec<_> = system.board.banks.iter().enumerate().collect();
    banks.sort_by_key(|(_, bank)| bank.region);
    for (index, bank) in banks {
        for stretch in stretches(system, BankId::new(index)) {
            let region = stretch.region;
            let owner = match stretch.owner {
                Owner::Nobody => "-",
                owner => owner.name(system),
            };
            table.add_row([
                address(region.start().get()),
                address(region.end().get().saturating_sub(1)),
                size(region.len().get()),
                bank.name.clone(),
                owner.to_owned(),
                stretch.what,
                worlds(&bank.worlds),
            ]);
        }
    }
    table
}

fn cores(system: &System) -> Table {
    let mut table = table(["core", "MPIDR", "runs", "starts here"]);
    for core in system.board.core_ids() {
        let on_core: Vec<_> = system.on_core(core).collect();
        let boots: Vec<_> = on_core
            .iter()
            .filter(|p| p.cores.boot == core)
            .map(|p| p.name.as_str())
            .collect();
        let runs = match on_core.as_slice() {
            [] => "nothing: parked".to_owned(),
            some => sharing(some),
        };
        let index = core.index();
        table.add_row([
            index.to_string(),
            core_name(&system.board, index),
            runs,
            boots.join(", "),
        ]);
    }
    table
}

/// The board's devices with their owners.
fn owned(system: &System) -> impl Iterator<Item = (Owner, &Device)> {
    let owner = |index| Owner::of_device(system, DeviceId::new(index));
    let devices = system.board.devices.iter().enumerate();
    devices.map(move |(index, device)| (owner(index), device))
}

fn interrupt_table(system: &System) -> Table {
    let mut table = table(["INTID", "number", "device", "owner", "routed as"]);
    let mut rows: Vec<_> = owned(system)
        .filter(|(_, d)| !d.interrupts.is_empty())
        .collect();
    rows.sort_by_key(|(_, device)| device.interrupts.first().map(|i| i.number()));
    for (owner, device) in rows {
        let (number, intid) = interrupts(device).unwrap_or_default();
        table.add_row([
            intid,
            number,
            device.name.clone(),
            owner.name(system).to_owned(),
            owner.route(system).unwrap_or("-").to_owned(),
        ]);
    }
    for row in channels::interrupts(system).chain(completions(system)) {
        table.add_row(row);
    }
    table
}

/// What tells a partition that a request of its is done.
fn completions(system: &System) -> impl Iterator<Item = [String; 5]> {
    system.partitions.iter().filter_map(|partition| {
        let (number, id) = interrupt(system.completion(partition.id)?);
        Some([
            id.to_string(),
            number,
            "services".to_owned(),
            partition.name.clone(),
            route(&system.board.controller, Some(World::NonSecure)).to_owned(),
        ])
    })
}

fn devices(system: &System) -> Table {
    let mut table = table([
        "device",
        "type",
        "registers",
        "size",
        "owner",
        "in reach of",
        "bus master of",
    ]);
    for (owner, device) in owned(system) {
        let bytes = device
            .region
            .map_or("-".to_owned(), |r| size(r.len().get()));
        let reaches = match &device.reaches {
            None => "-".to_owned(),
            Some(Reach::Worlds(some)) => worlds(some),
            Some(Reach::All) => "all memory".to_owned(),
        };
        let count = match device.count {
            1 => device.kind.as_str().to_owned(),
            count => format!("{} x {count}", device.kind.as_str()),
        };
        table.add_row([
            device.name.clone(),
            count,
            registers(device),
            bytes,
            owner.name(system).to_owned(),
            worlds(&device.worlds),
            reaches,
        ]);
    }
    table
}
