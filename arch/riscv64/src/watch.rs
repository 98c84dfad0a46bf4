//! Hangs: a critical partition that reports no job for too long. Its boot hart looks, by the same timer as its deadlines, also
//! while it never waits. When, stands in the hart.

use crate::context::NEVER;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::remote;
use cofferdam_core::ids::{CoreId, MAX_PARTITIONS, PartitionId, Slot};
use cofferdam_core::record::What;
use cofferdam_core::watch::Watch;
use cofferdam_lock::Lock;

/// The watchdogs of all partitions, a lock to each: who gives a sign of life waits for no other partition.
#[derive(Debug)]
pub(crate) struct Watches {
    dogs: [Lock<Watch>; MAX_PARTITIONS],
}

impl Watches {
    /// Nobody is watched.
    pub(crate) const fn new() -> Self {
        Self {
            dogs: [const { Lock::new(Watch::OFF) }; _],
        }
    }

    fn with<R>(&self, partition: PartitionId, f: impl FnOnce(&mut Watch) -> R) -> Option<R> {
        Some(self.dogs.get(partition.index())?.with(f))
    }
}

impl<P: Platform> Monitor<P> {
    /// The partition of a slot starts: if it has a limit, it is watched from now on.
    pub(crate) fn start_watch(&self, hart: &mut Hart, here: Here) {
        let (Some(hang), true) = (here.partition.on_hang, here.partition.boot == here.core) else {
            return;
        };
        let now = self.configuration.hardware.clint.now();
        let armed = self
            .watches
            .with(here.id, |dog| dog.arm(hang.after, now))
            .is_some();
        if armed {
            hart.quick.watch = now.saturating_add(hang.after);
        }
    }

    /// The partition of a slot does not run on this hart any more.
    pub(crate) fn end_watch(&self, here: Here) {
        if here.slot == Slot::Critical && here.partition.boot == here.core {
            let _ended = self.watches.with(here.id, |dog| *dog = Watch::OFF);
        }
    }

    /// A partition gave a sign of life.
    pub(crate) fn pet(&self, partition: PartitionId, now: u64) {
        let _petted = self.watches.with(partition, |dog| dog.pet(now));
    }

    /// Looks whether the critical partition of a hart is hung, if it is time.
    pub(crate) fn watch(&self, hart: &mut Hart, now: u64) {
        if now >= hart.quick.watch {
            hart.quick.watch = self.look_at_dog(hart.core(), now);
        }
    }

    fn look_at_dog(&self, core: CoreId, now: u64) -> u64 {
        let Some(id) = self.configuration.system.occupant(core, Slot::Critical) else {
            return NEVER;
        };
        let dog = self.watches.with(id, |dog| {
            (*dog).left(now).map(|left| (dog.expired(now), left))
        });
        match dog.flatten() {
            None => NEVER,
            // The first tick behind its limit.
            Some((false, left)) => now.saturating_add(left).saturating_add(1),
            Some((true, _)) => {
                let table = self.configuration.system.partition(id);
                if let Some(hang) = table.and_then(|table| table.on_hang) {
                    self.record(What::Hung, core, Some(id), 0);
                    self.end_from_outside(id, hang.policy);
                }
                NEVER
            }
        }
    }

    /// Ends a critical partition, whatever it does: its harts load it to let go of it.
    fn end_from_outside(&self, id: PartitionId, policy: cofferdam_core::table::Policy) {
        let outcome = self.life.with(|life| life.end_from_outside(id, policy));
        if outcome.safe_state {
            P::safe_state();
        }
        self.ask(Slot::Critical, outcome.signal, remote::LIFE);
    }
}
