//! The two ends of a channel: whose they are, their addresses, what they accept.

use std::net::Ipv4Addr;

use cofferdam_abi::virtualnet::{ETHERNET_HEADER, Side};

use super::scene::{Link, Scene};
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Accept, Doorbells, End, Neighbour, PartitionId};
use crate::raw::channel as raw;
use crate::suggest::did_you_mean;

/// Doorbells of an end without a limit of its own: from one to the next, and at once.
const DOORBELLS: Doorbells = Doorbells {
    interval: std::time::Duration::from_micros(500),
    burst: 8,
};

/// An address and the bits of its network.
type Address = (Ipv4Addr, u8);

pub(super) fn check(scene: &Scene<'_>, number: usize, link: &Link<'_>, out: &mut Mistakes) {
    let ends = &link.raw.ends;
    if ends.len() != 2 {
        out.push(
            Draft::new(
                Code::ChannelEnds,
                format!("a channel has two ends, this one {}", ends.len()),
                link.raw.name.place,
                "needs two `ends`",
            )
            .help("name two partitions in `ends`, one critical and one rich"),
        );
        return;
    }
    for end in ends {
        check_partition(scene, end, out);
        check_rules(scene, end, out);
        check_limit(link.raw, end, out);
    }
    let networks: Vec<_> = ends
        .iter()
        .filter_map(|end| Some((end, network(end, out)?)))
        .collect();
    if let [first, second] = networks.as_slice() {
        check_reach(first, second, out);
        check_once(scene, number, first, out);
    }
}

fn check_partition(scene: &Scene<'_>, end: &raw::End, out: &mut Mistakes) {
    if Link::partition(end, scene).is_none() {
        let known = scene.partitions.iter().map(|view| view.name());
        out.push(
            Draft::new(
                Code::ChannelEndUnknown,
                format!("there is no partition `{}`", end.name.value),
                end.name.place,
                "unknown",
            )
            .and(scene.raw.partitions_place, "the partitions")
            .help(did_you_mean(&end.name.value, known)),
        );
    }
}

/// What the end's own code keeps: a stock kernel has a firewall of its own and no such code.
fn check_rules(scene: &Scene<'_>, end: &raw::End, out: &mut Mistakes) {
    let rich = Link::partition(end, scene).is_some_and(|(_, view)| view.raw.is_rich());
    let neighbour = end.neighbour.as_ref().map(|neighbour| neighbour.place);
    let accept = end.accept.as_ref().map(|accept| accept.place);
    let limit = end.limit.as_ref().and_then(|limit| limit.bytes);
    let bytes = limit.map(|bytes| bytes.place);
    for place in [neighbour, accept, bytes].into_iter().flatten() {
        if rich {
            out.push(
                Draft::new(
                    Code::ChannelRulesOfRich,
                    format!("nothing would hold `{}` to this", end.name.value),
                    place,
                    "for the critical end only",
                )
                .help("take it out: a rich partition has a firewall of its own"),
            );
        }
    }
    let Some(accept) = &end.accept else {
        return;
    };
    for list in [&accept.tcp, &accept.udp] {
        for (n, port) in list.iter().enumerate() {
            check_port(*port, list.get(..n).unwrap_or_default(), out);
        }
    }
}

fn check_port(port: At<u32>, earlier: &[At<u32>], out: &mut Mistakes) {
    if !(1..=0xffff).contains(&port.value) {
        out.push(
            Draft::new(
                Code::ChannelPort,
                format!("{} is no port", port.value),
                port.place,
                "not a port",
            )
            .help("give a number from 1 to 65535"),
        );
    }
    if let Some(first) = earlier.iter().find(|it| it.value == port.value) {
        out.push(
            Draft::new(
                Code::ChannelPortTwice,
                format!("port {} is listed twice", port.value),
                port.place,
                "listed again here",
            )
            .and(first.place, "first listed here")
            .help("keep one of the two"),
        );
    }
}

fn check_limit(channel: &raw::Channel, end: &raw::End, out: &mut Mistakes) {
    let Some(limit) = &end.limit else {
        return;
    };
    if let Some(burst) = limit.burst.filter(|burst| burst.value == 0) {
        out.push(
            Draft::new(
                Code::ChannelBurstZero,
                "a burst of 0 lets no doorbell through",
                burst.place,
                "at least one",
            )
            .help("give 1 or more"),
        );
    }
    let frame = channel.mtu.map_or(0, |mtu| {
        u64::from(mtu.value).saturating_add(ETHERNET_HEADER as u64)
    });
    if let Some(bytes) = limit.bytes.filter(|bytes| bytes.value.0 < frame) {
        out.push(
            Draft::new(
                Code::ChannelBytesTooFew,
                "the longest frame would never be taken",
                bytes.place,
                format!("it has {frame} bytes"),
            )
            .help(format!("give {frame}B/s or more, or a smaller MTU")),
        );
    }
}

/// The address of an end, reported if it is none, or none of a station.
fn network(end: &raw::End, out: &mut Mistakes) -> Option<Address> {
    let written = end.address.as_ref()?;
    let Some((address, prefix)) = parse(&written.value) else {
        out.push(
            Draft::new(
                Code::ChannelAddressInvalid,
                format!("`{}` is no address with a prefix", written.value.0),
                written.place,
                "not an address",
            )
            .help("write an IPv4 address and the bits of its network, as in 10.7.0.1/24"),
        );
        return None;
    };
    let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
    let host = address.to_bits() & hosts;
    let special = matches!(address.octets(), [0 | 127 | 224.., ..]);
    if special || !(8..=30).contains(&prefix) || host == 0 || host == hosts {
        out.push(
            Draft::new(
                Code::ChannelAddressUnsuited,
                format!("no single station has the address {address}/{prefix}"),
                written.place,
                "not one of a station",
            )
            .help("give a unicast address within a network of 8 to 30 bits, such as 10.7.0.1/24"),
        );
        return None;
    }
    Some((address, prefix))
}

fn parse(written: &raw::Written) -> Option<Address> {
    let (address, prefix) = written.0.split_once('/')?;
    let prefix = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    Some((address.parse().ok()?, prefix))
}

/// The first bits, which all stations of a network have.
fn bits((address, prefix): Address) -> u32 {
    let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
    address.to_bits() & !hosts
}

fn place(end: &raw::End) -> crate::source::Place {
    let address = end.address.as_ref();
    address.map_or(end.name.place, |address| address.place)
}

fn check_reach(first: &(&raw::End, Address), second: &(&raw::End, Address), out: &mut Mistakes) {
    let ((one, a), (other, b)) = (first, second);
    let (code, message, help) = if a.0 == b.0 {
        let message = format!("both ends have the address {}", a.0);
        let help = "give each end an address of its own";
        (Code::ChannelAddressTwice, message, help)
    } else if (bits(*a), a.1) != (bits(*b), b.1) {
        let message = format!(
            "{}/{} and {}/{} do not reach each other",
            a.0, a.1, b.0, b.1
        );
        let help = "give both ends addresses of one network, with the same prefix";
        (Code::ChannelSubnets, message, help)
    } else {
        return;
    };
    out.push(
        Draft::new(code, message, place(other), "this end")
            .and(place(one), "and this one")
            .help(help),
    );
}

/// A partition with two links to one network would send all on the first.
fn check_once(
    scene: &Scene<'_>,
    number: usize,
    (end, address): &(&raw::End, Address),
    out: &mut Mistakes,
) {
    let earlier = scene.channels.iter().take(number);
    let clash = earlier.flat_map(|link| &link.raw.ends).find(|other| {
        let theirs = other.address.as_ref().and_then(|it| parse(&it.value));
        theirs.is_some_and(|theirs| {
            let shorter = theirs.1.min(address.1);
            bits((theirs.0, shorter)) == bits((address.0, shorter))
        })
    });
    if let Some(other) = clash {
        out.push(
            Draft::new(
                Code::ChannelSubnetTwice,
                "two channels with one network",
                place(end),
                "this network",
            )
            .and(place(other), "is taken here")
            .help("give each channel a network of its own"),
        );
    }
}

/// The ends of a channel without mistakes.
pub(super) fn finish(scene: &Scene<'_>, channel: &raw::Channel) -> Option<[End; 2]> {
    let [first, second] = channel.ends.as_slice() else {
        return None;
    };
    Some([
        finish_end(scene, first, Side::First)?,
        finish_end(scene, second, Side::Second)?,
    ])
}

fn finish_end(scene: &Scene<'_>, raw: &raw::End, side: Side) -> Option<End> {
    let (address, prefix) = parse(&raw.address.as_ref()?.value)?;
    let ports = |list: &[At<u32>]| {
        let port = |port: &At<u32>| u16::try_from(port.value).ok();
        list.iter().map(port).collect::<Option<Vec<_>>>()
    };
    let accept = match &raw.accept {
        Some(accept) => Accept {
            echo: accept.icmp.contains(&raw::Icmp::Echo),
            tcp: ports(&accept.tcp)?,
            udp: ports(&accept.udp)?,
        },
        None => Accept::default(),
    };
    let limit = raw.limit.as_ref();
    let rate = limit.and_then(|limit| limit.doorbells);
    let burst = limit.and_then(|limit| limit.burst);
    let (index, view) = Link::partition(raw, scene)?;
    Some(End {
        partition: PartitionId::new(index),
        side,
        interrupted: !view.raw.is_critical(),
        address,
        prefix,
        neighbour: raw.neighbour.as_ref().map_or(Neighbour::Arp, |it| it.value),
        accept,
        doorbells: Doorbells {
            interval: rate.map_or(DOORBELLS.interval, |rate| rate.0),
            burst: burst.map_or(DOORBELLS.burst, |burst| burst.value),
        },
        bytes: limit
            .and_then(|limit| limit.bytes)
            .map(|bytes| bytes.value.0),
    })
}
