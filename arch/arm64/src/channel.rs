//! Channels: carries out what `cofferdam_core::channel` decides. An end is told by its interrupt, made pending in the
//! distributor, or asks.
//!
//! Nothing here has a timer. A doorbell that waits for its limit is looked at when an end calls, with the monitor's own
//! tick and with each `JobDone`: see [`Monitor::watch`](crate::monitor::Monitor::watch). A system without channels has none of this: the slice is empty
//! at compile time.

use crate::gic::Controller as _;
use crate::lock::Lock;
use crate::monitor::Monitor;
use crate::platform::Platform;
use arm_sysregs::el0::accessors as el0;
use cofferdam_abi::call::{Call, Error};
use cofferdam_abi::virtualnet::Side;
use cofferdam_core::channel::{self, Due, Link, Ring, find};
use cofferdam_core::ids::{CoreId, PartitionId};
use cofferdam_core::life::Run;
use cofferdam_core::record::What;

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
    /// Answers a call of an end: what goes to x1 and on.
    #[inline(always)]
    pub fn channel_call(
        &self,
        call: Call,
        number: u64,
        caller: PartitionId,
        core: CoreId,
    ) -> Result<[u64; 7], Error> {
        let channel = find(P::channels(), number)?;
        let side = channel.table.side(caller)?;
        match call {
            Call::ChannelRing => self.ring(channel, side, number, core).map(|()| [0; 7]),
            Call::ChannelBegin => self.begin(channel, side),
            Call::ChannelAcknowledge => Ok(self.acknowledge(channel, side)),
            _ => Err(Error::NotSupported),
        }
    }

    fn ring(&self, channel: &Channel, side: Side, number: u64, core: CoreId) -> Result<(), Error> {
        let table = &channel.table;
        match channel.link.with(|link| link.ring(table, side, now()))? {
            Ring::Rung(true) => self.interrupt(channel, side.other()),
            Ring::Rung(false) => {}
            Ring::Flood(due) => {
                let caller = table.end(side).partition;
                self.record(What::Flooded, core, Some(caller), number);
                self.tell(channel, due);
                return Err(Error::Denied);
            }
        }
        Ok(())
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

    #[inline]
    fn interrupt(&self, channel: &Channel, side: Side) {
        if let Some(id) = channel.table.end(side).interrupt {
            self.gic().make_pending(id);
        }
    }
}
