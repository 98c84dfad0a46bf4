//! The calls of both ends.

use cofferdam_abi::call::{Call, Error, check};

use crate::console::generated::channel::net0::NUMBER;

/// A cross call: any of them, for the relay.
const RELAYED: u32 = 0xf200_0000;

/// x1 to x7 of a call.
type Answer = Result<[u64; 7], Error>;

/// Whose end it is: [`own`] or [`relay`], with a call and its first argument.
pub type End = fn(Call, u64) -> Answer;

/// Makes a call.
pub fn own(function: Call, argument: u64) -> Answer {
    let mut arguments = [0; 17];
    arguments[0] = argument;
    answer(smccc::smc64(function.function_id(), arguments))
}

/// Has the critical partition make it: only x1 to x3 come back.
pub fn relay(function: Call, argument: u64) -> Answer {
    let mut arguments = [0; 17];
    (arguments[0], arguments[1]) = (function.function_id().into(), argument);
    let mut all = smccc::smc64(RELAYED, arguments);
    all[4..].fill(0);
    answer(all)
}

fn answer([status, x1, x2, x3, x4, x5, x6, x7, ..]: [u64; 18]) -> Answer {
    check(status)?;
    Ok([x1, x2, x3, x4, x5, x6, x7])
}

/// What an end learns.
pub struct Seen {
    pub delivered: bool,
    pub epoch: u64,
    pub other_runs: bool,
    pub deliveries: u64,
    pub floods: u64,
    pub denied: bool,
}

pub fn begin(end: End) -> Result<u64, Error> {
    let [epoch, ..] = end(Call::ChannelBegin, NUMBER)?;
    Ok(epoch)
}

pub fn ring(end: End) -> Result<(), Error> {
    end(Call::ChannelRing, NUMBER).map(drop)
}

pub fn acknowledge(end: End) -> Result<Seen, Error> {
    let [delivered, epoch, runs, _, deliveries, floods, denied] =
        end(Call::ChannelAcknowledge, NUMBER)?;
    Ok(Seen {
        delivered: delivered != 0,
        epoch,
        other_runs: runs != 0,
        deliveries,
        floods,
        denied: denied != 0,
    })
}
