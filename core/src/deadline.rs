//! The monitor's own judgement of a critical partition's periodic task.
//!
//! The partition reports each finished job by number, and with the first one when that job was
//! released. From then on the monitor knows every release, `first + number * period`, without asking:
//! a partition that drifts, skips or lags cannot hide it. A job that is never reported counts when a later
//! one is.

use crate::table::Deadline;

/// What is known of one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judge {
    first_release: Option<u64>,
    next: u64,
    /// Jobs reported.
    pub jobs: u64,
    /// Jobs reported late or not at all.
    pub missed: u64,
    /// Longest time from release to report, in ticks.
    pub worst: u64,
}

/// A report that makes no sense; it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This job was reported before.
    Repeated,
    /// The job is not released yet.
    Early,
}

impl Judge {
    /// Nothing reported yet.
    pub const NEW: Self = Self {
        first_release: None,
        next: 0,
        jobs: 0,
        missed: 0,
        worst: 0,
    };

    /// The partition starts afresh: its jobs count from 0 again, what was counted stays.
    pub fn restart(&mut self) {
        self.first_release = None;
        self.next = 0;
    }

    /// Job `number` is done at `now`. `release`: of this job, used of the first report only.
    pub fn report(
        &mut self,
        deadline: &Deadline,
        number: u64,
        release: u64,
        now: u64,
    ) -> Result<(), Refused> {
        if number < self.next {
            return Err(Refused::Repeated);
        }
        let into_task = number.saturating_mul(deadline.period);
        let first = match self.first_release {
            Some(first) => first,
            None => release.saturating_sub(into_task),
        };
        let taken = now
            .checked_sub(first.saturating_add(into_task))
            .ok_or(Refused::Early)?;
        self.first_release = Some(first);
        let skipped = number.saturating_sub(self.next);
        let late = u64::from(taken > deadline.within);
        self.missed = self.missed.saturating_add(skipped).saturating_add(late);
        self.worst = self.worst.max(taken);
        self.jobs = self.jobs.saturating_add(1);
        self.next = number.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: Deadline = Deadline {
        period: 100,
        within: 80,
    };

    #[test]
    fn a_job_in_time_is_met_and_one_after_its_bound_missed() {
        let mut judge = Judge::NEW;
        assert_eq!(judge.report(&DEADLINE, 0, 1000, 1080), Ok(()));
        assert_eq!((judge.missed, judge.worst), (0, 80));
        assert_eq!(judge.report(&DEADLINE, 1, 0, 1181), Ok(()));
        assert_eq!((judge.jobs, judge.missed, judge.worst), (2, 1, 81));
    }

    #[test]
    fn skipped_jobs_are_missed() {
        let mut judge = Judge::NEW;
        judge.report(&DEADLINE, 0, 1000, 1010).unwrap();
        judge.report(&DEADLINE, 4, 0, 1410).unwrap();
        assert_eq!((judge.jobs, judge.missed), (2, 3));
    }

    #[test]
    fn a_later_release_cannot_be_claimed() {
        let mut judge = Judge::NEW;
        judge.report(&DEADLINE, 0, 1000, 1010).unwrap();
        judge.report(&DEADLINE, 1, 1300, 1310).unwrap();
        assert_eq!(judge.missed, 1);
    }

    #[test]
    fn nonsense_changes_nothing() {
        let mut judge = Judge::NEW;
        judge.report(&DEADLINE, 3, 1300, 1310).unwrap();
        let before = judge;
        assert_eq!(judge.report(&DEADLINE, 3, 0, 1320), Err(Refused::Repeated));
        assert_eq!(judge.report(&DEADLINE, 9, 0, 1320), Err(Refused::Early));
        assert_eq!(
            judge.report(&DEADLINE, u64::MAX, 0, 1320),
            Err(Refused::Early)
        );
        assert_eq!(judge, before);
    }
}
