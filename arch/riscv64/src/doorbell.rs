//! Calls of a channel's ends, and doorbells: carries out what `cofferdam_core::channel` decides. A critical end asks; a rich one is
//! told by a source of the interrupt controller, which it claims and completes as any, by the monitor.
//!
//! Its external interrupt is the software bit of SEIP, on each hart that has the source enabled above its threshold, while
//! the source is pending. The bit is made so on the way out of each trap that reaches Rust, before the rich slot goes on. Who rings asks the harts that have the source enabled to
//! look (`remote.rs`): one that has the critical slot loaded finds it when it loads the rich one, and is not disturbed.
//!
//! An exchange of slots drops the bit (`switch.S`), which nobody can read back: mip shows it and the controller's line as one. So while it is set,
//! the hart asks itself to look, too, and `switch.S` leaves a slot of which something is asked to Rust.
//!
//! Nothing here has a timer. A doorbell that waits for its limit is looked at when an end calls and with each `JobDone`.

use crate::aplic::{self, Aplic};
use crate::channel::Channel;
use crate::controller::Controller;
use crate::csr;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::plic::Register;
use crate::remote;
use cofferdam_abi::call::{Call, Error};
use cofferdam_abi::virtualnet::Side;
use cofferdam_core::channel::{Due, Link, Ring, find};
use cofferdam_core::ids::{CoreId, CoreSet, PartitionId};
use cofferdam_core::life::Run;

impl<P: Platform> Monitor<P> {
    /// Answers a call of an end: what goes to a1 and on.
    pub(crate) fn channel_call(
        &self,
        here: Here,
        call: Call,
        number: u64,
    ) -> Result<[u64; 7], Error> {
        let channel = find(P::channels(), number)?;
        let side = channel.table.side(here.id)?;
        match call {
            Call::ChannelBegin => self.begin(channel, side),
            Call::ChannelRing => self.ring(channel, side).map(|()| [0; 7]),
            Call::ChannelAcknowledge => Ok(self.acknowledge(channel, side)),
            _ => Err(Error::NotSupported),
        }
    }

    fn begin(&self, channel: &Channel, side: Side) -> Result<[u64; 7], Error> {
        let now = self.now();
        let begun = channel
            .link
            .with(|link| link.begin(&channel.table, side, now));
        let (epoch, due) = begun?;
        self.tell(channel, due);
        Ok([u64::from(epoch), 0, 0, 0, 0, 0, 0])
    }

    fn ring(&self, channel: &Channel, side: Side) -> Result<(), Error> {
        let (table, now) = (&channel.table, self.now());
        let (due, answer) = channel.link.with(|link| match link.ring(table, side, now) {
            Ok(Ring::Rung(deliver)) => (of(side.other(), deliver), Ok(())),
            Ok(Ring::Flood) => (link.flood(table, now), Err(Error::Denied)),
            Err(error) => ([false; 2], Err(error)),
        });
        self.tell(channel, due);
        answer
    }

    fn acknowledge(&self, channel: &Channel, side: Side) -> [u64; 7] {
        let (table, now) = (&channel.table, self.now());
        let seen = channel.link.with(|link| link.acknowledge(table, side, now));
        let other = table.end(side.other()).partition;
        let runs = self.life.with(|life| life.run(other)) == Run::Running;
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
    pub(crate) fn start_channels(&self, partition: PartitionId) {
        let now = self.now();
        for channel in P::channels() {
            if let Ok(side) = channel.table.side(partition) {
                let started = |link: &mut Link| link.started(&channel.table, side, now);
                self.tell(channel, channel.link.with(started));
            }
        }
    }

    /// Delivers doorbells that waited for their limit: with each job, which waits for no other hart. A channel that one is at is looked
    /// at with the next.
    pub(crate) fn deliver_doorbells(&self, now: u64) {
        for channel in P::channels() {
            let due = channel.link.try_with(|link| link.due(&channel.table, now));
            if let Some(due) = due {
                self.tell(channel, due);
            }
        }
    }

    fn tell(&self, channel: &Channel, [first, second]: Due) {
        for (side, due) in [(Side::First, first), (Side::Second, second)] {
            let end = channel.table.end(side);
            let (true, Some(source)) = (due, end.interrupt) else {
                continue;
            };
            match P::controller() {
                Controller::Plic(_) => {
                    channel.line.raise();
                    csr::fence_devices();
                    self.ask_to_look(end.partition, source, CoreSet::EMPTY);
                }
                Controller::Aplic(aplic) => {
                    // What was written for it, before.
                    csr::fence_devices();
                    aplic.ring(source);
                }
            }
        }
    }

    /// The partition that runs stored to a source's mode: while that was inactive, what was rung was lost. So is nothing if it is rung once too
    /// often.
    pub(crate) fn ring_again(&self, aplic: Aplic, here: Here, register: aplic::Register) {
        let aplic::Register::Source(stored) = register else {
            return;
        };
        if self.lines(here.id).any(|(source, _)| source == stored) {
            aplic.ring(stored);
        }
    }

    /// Asks the harts of a source's owner that have it enabled to look at it, but for some. Their thresholds do not count: while a
    /// critical slot is loaded, that may be the monitor's (`external.rs`).
    fn ask_to_look(&self, owner: PartitionId, source: u32, but: CoreSet) {
        let Some(table) = self.configuration.system.partition(owner) else {
            return;
        };
        let harts = table.cores.minus(but).iter();
        let harts = harts.filter(|core| self.is_enabled(*core, source));
        let harts = harts.fold(CoreSet::EMPTY, |all, core| all.union(CoreSet::one(core)));
        self.ask(table.slot, harts, remote::EXTERNAL);
    }

    /// Whether S-mode of a hart has a source enabled.
    fn is_enabled(&self, core: CoreId, source: u32) -> bool {
        let plic = P::controller().plic();
        plic.is_some_and(|it| it.is_enabled(it.supervisor_context(core), source))
    }

    /// Whether a source that is enabled and pending interrupts it.
    fn interrupts(&self, core: CoreId, source: u32) -> bool {
        let plic = P::controller().plic();
        plic.is_some_and(|it| it.interrupts(it.supervisor_context(core), source))
    }

    /// Whether a partition has such a source, that the monitor makes pending in the controller's place.
    pub(crate) fn has_doorbells(&self, partition: PartitionId) -> bool {
        P::controller().plic().is_some() && self.lines(partition).next().is_some()
    }

    /// Those of a partition.
    fn lines(&self, partition: PartitionId) -> impl Iterator<Item = (u32, &'static Channel)> {
        let channels = P::channels().iter();
        channels.filter_map(move |it| Some((it.source_of(partition)?, it)))
    }

    /// Before the rich slot of this hart goes on, or the hart sleeps with it: its doorbells are its external interrupt. What a device holds, the line
    /// of the controller says beside it.
    pub(crate) fn assert_doorbells(&self, hart: &Hart) {
        let Some(here) = self.here(hart) else {
            return;
        };
        let core = here.core;
        let is_asserted = self.lines(here.id).any(|(source, it)| {
            it.line.is_pending() && self.is_enabled(core, source) && self.interrupts(core, source)
        });
        if is_asserted {
            csr::set_pending(csr::SEI);
            // Until it is claimed each exchange comes by here.
            if let Some(remote) = self.remote(here.core, here.slot) {
                remote.post(remote::EXTERNAL);
            }
        } else {
            csr::clear_pending(csr::SEI);
        }
    }

    /// What the partition that runs loads from a register of its own, where `word` is what the controller says. A device's interrupt is
    /// claimed before a doorbell, whatever their priorities.
    pub(crate) fn load_doorbells(&self, here: Here, register: Register, word: u32) -> u32 {
        let mut lines = self.lines(here.id);
        match register {
            Register::Pending(n) => lines
                .filter(|(source, it)| source / 32 == n && it.line.is_pending())
                .fold(word, |word, (source, _)| word | 1 << (source % 32)),
            Register::Claim(_) if word == 0 => {
                let claimed = lines.find(|(source, it)| {
                    let plic = P::controller().plic();
                    let has_priority = plic.is_some_and(|it| it.has_priority(*source));
                    self.is_enabled(here.core, *source) && has_priority && it.line.claim()
                });
                claimed.map_or(0, |(source, _)| source)
            }
            _ => word,
        }
    }

    /// The partition that runs stored to a register of its own: a completion, or what says which of its harts a source interrupts. A
    /// completion counts where the source is not enabled, too: the kernel may have moved it to another hart since the claim.
    pub(crate) fn store_doorbells(&self, here: Here, register: Register, value: u32) {
        csr::fence_devices();
        for (source, it) in self.lines(here.id) {
            if matches!(register, Register::Claim(_)) && source == value {
                it.line.complete();
            }
            if it.line.is_pending() {
                // This one looks on its way out.
                self.ask_to_look(here.id, source, CoreSet::one(here.core));
            }
        }
    }

    /// A partition is to be loaded: nobody has rung for it.
    pub(crate) fn clear_doorbells(&self, partition: PartitionId) {
        for (_, it) in self.lines(partition) {
            it.line.clear();
        }
    }

    fn now(&self) -> u64 {
        self.configuration.hardware.clint.now()
    }
}

/// One end is due, or none.
const fn of(side: Side, due: bool) -> Due {
    match side {
        Side::First => [due, false],
        Side::Second => [false, due],
    }
}
