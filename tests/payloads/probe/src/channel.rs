//! The other end of a channel, and the monitor's part of it: memory that only the other end may write, rings that nobody asked for.

use cofferdam_abi::call::Error;
use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_partition::monitor;

use crate::faults::{is_executed, load, store, store_byte, store_word};
use crate::generated::channel::net0;
use crate::{Tally, Text};

const GEOMETRY: Geometry = match Geometry::new(net0::SLOTS, net0::MTU) {
    Ok(geometry) => geometry,
    Err(_) => panic!("the description's check let no such channel pass"),
};
/// Rings of a doorbell that stands which end an epoch, as `cofferdam_core::channel` has it.
const FLOOD: usize = 256;
/// `ret`.
const RETURN: u64 = 0x0000_8067;

/// Where the section of a side begins.
const fn section(side: Side) -> u64 {
    net0::MEMORY.0 as u64 + GEOMETRY.start(side) as u64
}

/// Calls; before any of it is written.
pub(crate) fn ring(tally: &mut Tally<Text>) {
    for number in [1, u64::MAX] {
        let refused = monitor::channel_ring(number) == Err(Error::InvalidParameter);
        tally.enter("ring of an unknown channel", refused);
    }
    let _epoch = monitor::channel_begin(net0::NUMBER);
    let rung = (0..=2 * FLOOD).take_while(|_| monitor::channel_ring(net0::NUMBER).is_ok());
    // One less if it stood before: the monitor rings, too, where a partition starts.
    let rung = (FLOOD - 1..=FLOOD).contains(&rung.count());
    let refused = monitor::channel_ring(net0::NUMBER) == Err(Error::Denied);
    let held_off = monitor::channel_begin(net0::NUMBER) == Err(Error::Busy);
    tally.enter("flood of rings", rung && refused && held_off);
}

/// Accesses.
pub(crate) fn attack(tally: &mut Tally<Text>) {
    let (own, other) = match net0::SIDE {
        0 => (section(Side::First), section(Side::Second)),
        _ => (section(Side::Second), section(Side::First)),
    };
    let last = GEOMETRY.section() as u64 - 8;
    let reached = load(other).is_some() && store(own, 0) && store(own + last, 0);
    tally.enter("its own part of a channel is not reached", reached);
    tally.enter("store to the other's section", !store(other, 0));
    tally.enter("store to its last word", !store(other + last, 0));
    tally.enter("store to its last byte", !store_byte(other + last + 7, 0));
    let _held = store_word(other, RETURN);
    tally.enter("instruction in a channel", !is_executed(other));
}
