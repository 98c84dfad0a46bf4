//! The last things that happened, for a panic's record and for whoever asks.

use crate::ids::{CoreId, PartitionId};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum What {
    /// The monitor booted.
    Boot = 1,
    /// A partition was started; data: how often by now.
    Started = 2,
    /// A partition was not loaded; data: why.
    LoadFailed = 3,
    /// A partition crashed; data: its cause.
    Crashed = 4,
    /// A partition asked for a reset.
    Reset = 5,
    /// A partition asked to be powered off.
    PowerOff = 6,
    /// A partition hung.
    Hung = 7,
    /// A partition spent its budget.
    BudgetSpent = 8,
    /// A periodic self-test failed; data: which.
    SelfTestFailed = 9,
    /// The health monitor found a fault and repaired it; data: which.
    Repaired = 10,
    /// The health monitor found a fault that it cannot repair, or is not to; data: which.
    Faulty = 11,
    /// A channel was flooded with rings by this partition, or by its answers to them; data: the channel.
    Flooded = 12,
}

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counter value.
    pub time: u64,
    /// What happened.
    pub what: What,
    /// On which core.
    pub core: CoreId,
    /// To whom, if to one.
    pub partition: Option<PartitionId>,
    /// More of it.
    pub data: u64,
}

/// The last `N` records.
#[derive(Clone, Copy, Debug)]
pub struct Ring<const N: usize> {
    records: [Option<Record>; N],
    next: u64,
}

impl<const N: usize> Ring<N> {
    /// No record yet.
    pub const NEW: Self = Self {
        records: [None; N],
        next: 0,
    };

    /// Adds a record; the oldest one goes.
    pub fn add(&mut self, record: Record) {
        if let Some(place) = self.place(self.next) {
            *place = Some(record);
        }
        self.next = self.next.saturating_add(1);
    }

    fn place(&mut self, number: u64) -> Option<&mut Option<Record>> {
        let index = number.checked_rem(N as u64)?;
        self.records.get_mut(usize::try_from(index).ok()?)
    }

    /// Numbers of the oldest record kept and of the next to come.
    pub fn range(&self) -> (u64, u64) {
        (self.next.saturating_sub(N as u64), self.next)
    }

    /// The record with this number, if it is kept.
    pub fn get(&self, number: u64) -> Option<Record> {
        let (oldest, next) = self.range();
        if !(oldest..next).contains(&number) {
            return None;
        }
        let index = usize::try_from(number.checked_rem(N as u64)?).ok()?;
        self.records.get(index).copied().flatten()
    }

    /// The records kept, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Record> {
        let (oldest, next) = self.range();
        (oldest..next).filter_map(|number| self.get(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_in_order() {
        let mut ring = Ring::<4>::NEW;
        for time in 0..10 {
            ring.add(Record {
                time,
                what: What::Boot,
                core: CoreId(0),
                partition: None,
                data: 0,
            });
        }
        assert!(ring.iter().map(|record| record.time).eq(6..10));
        assert_eq!(ring.range(), (6, 10));
        assert_eq!(ring.get(5), None);
        assert_eq!(ring.get(10), None);
        assert_eq!(ring.get(9).map(|record| record.time), Some(9));
    }
}
