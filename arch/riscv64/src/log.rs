//! Records of what happened to partitions ([`cofferdam_core::record`]), for whoever asks and for a panic's report.

use crate::monitor::Monitor;
use crate::platform::Platform;
use cofferdam_core::ids::{CoreId, PartitionId};
use cofferdam_core::record::{Record, Ring, What};

impl<P: Platform> Monitor<P> {
    /// Keeps a record, if the log is to have it.
    pub(crate) fn record(
        &self,
        what: What,
        core: CoreId,
        partition: Option<PartitionId>,
        data: u64,
    ) {
        if self.configuration.log.keeps(what) {
            let record = Record {
                time: self.configuration.hardware.clint.now(),
                what,
                core,
                partition,
                data,
            };
            self.records.with(|records| records.add(&record));
        }
    }

    /// A record as [`cofferdam_abi::call::Call::Event`] answers it.
    pub(crate) fn record_words(&self, number: u64) -> [u64; 7] {
        let (record, (oldest, next)) = self
            .records
            .with(|records| (records.get(number), records.range()));
        let [time, what, partition, data] = record.unwrap_or_default();
        [oldest, next, time, what, partition, data, 0]
    }

    /// Looks at the records for a panic's report, which must not wait for a lock: the hart that holds it may be the one that
    /// panics.
    pub(crate) fn last_records(&self, report: impl FnOnce(&Ring)) -> Option<()> {
        self.records.try_with(|records| report(records))
    }
}
