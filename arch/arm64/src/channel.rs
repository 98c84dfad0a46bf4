//! Channels: carries out what `cofferdam_core::channel` decides. An end is told by its interrupt, made pending in the
//! distributor, or asks.
//!
//! Nothing here has a timer. A doorbell that waits for its limit is looked at when an end calls, with the monitor's own
//! tick and with each `JobDone`: see [`Monitor::watch`](crate::monitor::Monitor::watch). A system without channels has none of this: the slice is empty
//! at compile time.

use crate::gic::Controller as _;
use crate::lock::{Held, Lock};
use crate::monitor::Monitor;
use crate::platform::Platform;
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::{Call, Error};
use cofferdam_abi::virtualnet::Side;
use cofferdam_core::channel::{self, Due, Link, Ring, find};
use cofferdam_core::ids::PartitionId;
use cofferdam_core::life::Run;
use cofferdam_core::record::What;
use cofferdam_core::service::{Caller, Registers, settle};

/// A channel and its state. The lock orders calls of its two ends, and is held for a few instructions.
#[derive(Debug)]
pub struct Channel {
    table: channel::Channel,
    link: Lock<Link>,
}

impl Channel {
    /// One that no end has begun yet.
    pub const fn new(table: channel::Channel) -> Self {
        Self {
            table,
            link: Lock::new(Link::NEW),
        }
    }
}

fn now() -> u64 {
    el0::read_cntpct_el0().bits()
}

impl<P: Platform> Monitor<P> {
    /// Answers a call of an end, but for a ring: what goes to x1 and on.
    #[inline(always)]
    pub fn channel_call(
        &self,
        call: Call,
        number: u64,
        caller: PartitionId,
    ) -> Result<[u64; 7], Error> {
        let channel = find(P::channels(), number)?;
        let side = channel.table.side(caller)?;
        match call {
            Call::ChannelBegin => self.begin(channel, side),
            Call::ChannelAcknowledge => Ok(self.acknowledge(channel, side)),
            _ => Err(Error::NotSupported),
        }
    }

    /// Answers the ring in the registers of `caller`. The vectors have a path of their own to it.
    // All of it goes into what they enter, and what is rare is a call at its end: the fewest instructions so.
    #[inline(always)]
    pub fn answer_ring(&self, registers: &mut Registers, caller: Caller) -> bool {
        let number = registers[1];
        let refuse = |registers, error| settle(registers, |_| Err(error));
        let channel = match find(P::channels(), number) {
            Ok(channel) => channel,
            Err(error) => return refuse(registers, error),
        };
        let side = match channel.table.side(caller.partition) {
            Ok(side) => side,
            Err(error) => return refuse(registers, error),
        };
        let mut link = channel.link.hold();
        match link.ring(&channel.table, side, now()) {
            Ok(Ring::Rung(deliver)) => {
                drop(link);
                if deliver {
                    self.interrupt(channel, side.other());
                }
                settle(registers, |_| Ok(()))
            }
            Ok(Ring::Flood) => self.flooded(registers, caller, channel, link),
            Err(error) => refuse(registers, error),
        }
    }

    #[cold]
    #[inline(never)]
    fn flooded(
        &self,
        registers: &mut Registers,
        caller: Caller,
        channel: &Channel,
        mut link: Held<'_, Link>,
    ) -> bool {
        let due = link.flood(&channel.table, now());
        drop(link);
        let (core, number) = (caller.core, registers[1]);
        self.record(What::Flooded, core, Some(caller.partition), number);
        self.tell(channel, due);
        settle(registers, |_| Err(Error::Denied))
    }

    fn begin(&self, channel: &Channel, side: Side) -> Result<[u64; 7], Error> {
        let begun = channel
            .link
            .with(|link| link.begin(&channel.table, side, now()));
        let (epoch, due) = begun?;
        self.tell(channel, due);
        Ok([u64::from(epoch), 0, 0, 0, 0, 0, 0])
    }

    fn acknowledge(&self, channel: &Channel, side: Side) -> [u64; 7] {
        let table = &channel.table;
        let seen = channel
            .link
            .with(|link| link.acknowledge(table, side, now()));
        let other = table.end(side.other()).partition;
        let runs = self.life(|life| life.run(other)) == Run::Running;
        let (rings, deliveries) = seen.counts;
        [
            u64::from(seen.delivered),
            u64::from(seen.epoch),
            u64::from(runs),
            rings,
            deliveries,
            seen.floods,
            u64::from(seen.denied),
        ]
    }

    /// A partition was started: its channels begin anew.
    pub fn start_channels(&self, partition: PartitionId) {
        for channel in P::channels() {
            if let Ok(side) = channel.table.side(partition) {
                let started = |link: &mut Link| link.started(&channel.table, side, now());
                self.tell(channel, channel.link.with(started));
            }
        }
    }

    /// Delivers doorbells that waited for their limit.
    pub fn deliver_doorbells(&self) {
        for channel in P::channels() {
            let due = channel.link.with(|link| link.due(&channel.table, now()));
            self.tell(channel, due);
        }
    }

    fn tell(&self, channel: &Channel, [first, second]: Due) {
        for (side, due) in [(Side::First, first), (Side::Second, second)] {
            if due {
                self.interrupt(channel, side);
            }
        }
    }

    #[inline(always)]
    fn interrupt(&self, channel: &Channel, side: Side) {
        if let Some(id) = channel.table.end(side).interrupt {
            self.gic().make_pending(id);
        }
    }
}
