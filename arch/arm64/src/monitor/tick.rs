//! What is looked at from time to time: doorbells that waited, partitions that hang, the health monitor's next step.

use super::Monitor;
use crate::platform::Platform;
use crate::register;
use arm_sysregs::el0::accessors as el0;
use cofferdam_core::ids::{CoreId, MAX_PARTITIONS, PartitionId};
use cofferdam_core::life::Run;
use cofferdam_core::record::What;
use cofferdam_core::watch::{OutOfRange, Request, Requested};

impl<P: Platform> Monitor<P> {
    /// The monitor's tick on a core that has no critical partition, whose Secure timer is free: Linux cannot
    /// reach it, and no critical path pays for it.
    pub fn tick(&self, core: CoreId) {
        self.watch(core);
        let next = el0::read_cntpct_el0().bits() + self.configuration.tick;
        register::set_secure_timer(next.min(self.next_step(core)), true);
    }

    /// Delivers doorbells that waited, and ends partitions that hang. On cores without a critical partition this is a tick's work; on the others
    /// it comes with a critical partition's own sign of life.
    pub fn watch(&self, core: CoreId) {
        self.deliver_doorbells();
        self.release();
        let now = el0::read_cntpct_el0().bits();
        for (index, table) in self.system().partitions.iter().enumerate() {
            let (Ok(index), Some(hang)) = (u8::try_from(index), table.on_hang) else {
                continue;
            };
            let id = PartitionId(index);
            if !self.is_silent(id, now) || self.life(|life| life.run(id)) != Run::Running {
                continue;
            }
            self.record(What::Hung, core, Some(id), 0);
            self.watches
                .with(|watches| watches[index as usize % MAX_PARTITIONS] = Requested::OFF);
            // From outside: the partition's cores are called, and do the rest themselves.
            let outcome = self.life(|life| life.end_from_outside(id, hang.policy));
            if outcome.safe_state {
                P::safe_state();
            }
            self.call_cores(outcome.signal);
        }
        self.step(core);
    }

    pub(super) fn watched<R>(
        &self,
        partition: PartitionId,
        f: impl FnOnce(&mut Requested) -> R,
    ) -> Option<R> {
        self.watches
            .with(|watches| watches.get_mut(partition.index()).map(f))
    }

    /// Whether a partition gave no sign of life for too long.
    pub fn is_silent(&self, partition: PartitionId, now: u64) -> bool {
        self.watched(partition, |dog| dog.watch.expired(now)) == Some(true)
    }

    /// Ticks until a partition is silent for too long; none if it is not watched.
    pub fn silence_left(&self, partition: PartitionId, now: u64) -> Option<u64> {
        self.watched(partition, |dog| dog.watch.left(now)).flatten()
    }

    /// Serves a request to a rich partition's watchdog.
    pub fn watchdog(
        &self,
        partition: PartitionId,
        request: Request,
        limit: u64,
    ) -> Result<[u64; 2], OutOfRange> {
        let now = el0::read_cntpct_el0().bits();
        self.watched(partition, |dog| {
            dog.serve(request, limit, P::COUNTER_HZ, now)
        })
        .unwrap_or(Err(OutOfRange))
    }
}
