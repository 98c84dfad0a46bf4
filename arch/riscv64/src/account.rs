//! The monitor's own calls (`cofferdam_abi::call`): reports of jobs, by which deadlines are judged, and counters.

use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use cofferdam_abi::call::{Call, Error, SUCCESS};
use cofferdam_abi::stats::State;
use cofferdam_core::ids::{CoreId, PartitionId, Slot};
use cofferdam_core::life::Run;
use cofferdam_core::record::What;

impl<P: Platform> Monitor<P> {
    /// A call of the monitor's own.
    pub(crate) fn monitor_call(
        &self,
        hart: &mut Hart,
        here: Here,
        call: Call,
        arguments: [u64; 3],
    ) {
        let critical = here.slot == Slot::Critical;
        let [first, second, _] = arguments;
        match call {
            Call::PowerOff if critical => return self.end(hart, here, What::PowerOff, 0),
            Call::Reset if critical => return self.end(hart, here, What::Reset, 0),
            Call::Crash if critical => return self.end(hart, here, What::Crashed, first),
            _ => {}
        }
        let answer = match call {
            Call::Version => Ok([u64::from(cofferdam_abi::VERSION), 0, 0, 0, 0, 0, 0]),
            Call::JobDone if critical => self.job_done(here, first, second).map(|()| [0; 7]),
            Call::Stats => self.stats(arguments),
            Call::Event => Ok(self.record_words(first)),
            Call::ChannelBegin | Call::ChannelRing | Call::ChannelAcknowledge => {
                self.channel_call(here, call, first)
            }
            _ => Err(Error::NotSupported),
        };
        match answer {
            Ok(values) => hart.current().answer_with(SUCCESS.cast_unsigned(), values),
            Err(error) => hart.current().answer((error as i64).cast_unsigned(), 0),
        }
    }

    /// A critical partition finished a job.
    fn job_done(&self, here: Here, number: u64, release: u64) -> Result<(), Error> {
        let now = self.configuration.hardware.clint.now();
        let deadline = here.partition.deadline.ok_or(Error::Denied)?;
        let judge = self.judges.get(here.id.index()).ok_or(Error::Denied)?;
        judge
            .with(|judge| judge.report(&deadline, number, release, now))
            .map_err(|_| Error::InvalidParameter)?;
        // A job that was reported before is no sign of life.
        self.pet(here.id, now);
        self.deliver_doorbells(now);
        Ok(())
    }

    /// One page of counters (see [`cofferdam_abi::stats`]).
    fn stats(&self, [partition, core, page]: [u64; 3]) -> Result<[u64; 7], Error> {
        let id = u8::try_from(partition).map_err(|_| Error::InvalidParameter)?;
        let id = PartitionId(id);
        let table = self.configuration.system.partition(id);
        let table = table.ok_or(Error::InvalidParameter)?;
        let core = u8::try_from(core).map(CoreId).ok();
        let core = core.filter(|core| table.cores.contains(*core));
        let core = core.ok_or(Error::InvalidParameter)?;
        match page {
            0 => Ok(self.time_page(id, core, table.slot)),
            1 => {
                let judge = self.judges.get(id.index());
                let judge = judge.ok_or(Error::InvalidParameter)?.with(|judge| *judge);
                Ok([judge.jobs, judge.missed, judge.worst, 0, 0, 0, 0])
            }
            _ => Err(Error::InvalidParameter),
        }
    }

    fn time_page(&self, partition: PartitionId, core: CoreId, slot: Slot) -> [u64; 7] {
        let (run, starts) = self
            .life
            .with(|life| (life.run(partition), life.starts(partition)));
        let state = match run {
            Run::Stopped => State::Stopped,
            Run::Loading | Run::Recalled => State::Loading,
            Run::Running => State::Running,
            Run::Recalling(_) => State::Recalling,
        };
        let held = self.remote(core, slot).map_or(0, |remote| remote.held());
        // MTIME counts from the reset, with which the monitor starts.
        let now = self.configuration.hardware.clint.now();
        [state as u64, 0, held, now, u64::from(starts), 0, 0]
    }
}
