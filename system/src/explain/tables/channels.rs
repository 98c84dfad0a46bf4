//! Channels: what each end is, and the interrupts of their doorbells.

use comfy_table::Table;

use super::table as new_table;
use crate::arch::{World, route};
use crate::explain::map::end_names;
use crate::explain::words::{interrupt, time};
use crate::model::{Channel, Doorbells, End, Neighbour, System};

pub(super) fn table(system: &System) -> Table {
    let mut table = new_table([
        "channel", "frames", "checksum", "end", "address", "doorbell", "at most", "accepts",
    ]);
    for channel in &system.channels {
        let names = end_names(system, channel);
        for (end, name) in channel.ends.iter().zip(names) {
            let doorbell = match channel.interrupt_of(end) {
                Some(it) => interrupt(it).0,
                None => "asks".to_owned(),
            };
            let accepts = match end.interrupted {
                true => "-".to_owned(),
                false => accepts(end),
            };
            table.add_row([
                channel.name.clone(),
                format!(
                    "{} of {} bytes",
                    channel.geometry.slots(),
                    channel.geometry.frame_max()
                ),
                guards(channel),
                name.to_owned(),
                format!("{}/{}", end.address, end.prefix),
                doorbell,
                limit(end.doorbells),
                accepts,
            ]);
        }
    }
    table
}

/// What frames carry beside themselves.
fn guards(channel: &Channel) -> String {
    let checksum = channel.checksum.as_str();
    match channel.siphash {
        Some(_) => format!("{checksum}, siphash"),
        None => checksum.to_owned(),
    }
}

fn limit(doorbells: Doorbells) -> String {
    format!(
        "one in {}, {} at once",
        time(doorbells.interval),
        doorbells.burst
    )
}

fn accepts(end: &End) -> String {
    let accept = &end.accept;
    let arp = (end.neighbour == Neighbour::Arp).then(|| "arp".to_owned());
    let echo = accept.echo.then(|| "echo".to_owned());
    let tcp = accept.tcp.iter().map(|port| format!("tcp {port}"));
    let udp = accept.udp.iter().map(|port| format!("udp {port}"));
    let all: Vec<_> = arp.into_iter().chain(echo).chain(tcp).chain(udp).collect();
    if all.is_empty() {
        return "nothing".to_owned();
    }
    all.join(", ")
}

/// Rows of the table of interrupts.
pub(super) fn interrupts(system: &System) -> impl Iterator<Item = [String; 5]> {
    system.channels.iter().flat_map(|channel| {
        let names = end_names(system, channel);
        let called = channel.ends.iter().zip(names);
        let called = called.filter_map(|(end, name)| Some((channel.interrupt_of(end)?, name)));
        called.map(|(it, name)| {
            let (number, id) = interrupt(it);
            [
                id.to_string(),
                number,
                channel.name.clone(),
                name.to_owned(),
                route(&system.board.controller, Some(World::NonSecure)).to_owned(),
            ]
        })
    })
}
