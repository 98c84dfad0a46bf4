//! The last things that happened, for a panic's record and for whoever asks. The words of a record are atomic, so that a
//! panic can read them without the ring's lock.

use crate::ids::{CoreId, PartitionId};
use core::sync::atomic::{AtomicU64, Ordering};

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
    /// A partition turned another of its cores on.
    CoreOn = 13,
    /// A partition turned this core off.
    CoreOff = 14,
    /// An interrupt of the monitor's own came too often and is held back; data: its number.
    Held = 15,
    /// A partition left this core for another; data: which.
    Migrated = 16,
}

impl What {
    /// How much it matters.
    pub const fn level(self) -> Level {
        match self {
            Self::LoadFailed | Self::Crashed | Self::Hung | Self::SelfTestFailed | Self::Faulty => {
                Level::Error
            }
            Self::BudgetSpent | Self::Repaired | Self::Flooded | Self::Held => Level::Warn,
            Self::Boot | Self::Started | Self::Reset | Self::PowerOff => Level::Info,
            Self::CoreOn | Self::CoreOff | Self::Migrated => Level::Debug,
        }
    }
}

/// How much a record matters. A log keeps those of its own level and above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Level {
    /// Something stopped.
    Error = 0,
    /// Something deserves a look.
    Warn = 1,
    /// A partition's life changed.
    Info = 2,
    /// All the rest.
    Debug = 3,
}

impl Level {
    /// Whether a log of this level keeps such a record.
    #[inline(always)]
    pub const fn keeps(self, what: What) -> bool {
        what.level() as u8 <= self as u8
    }
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

impl Record {
    /// As it is kept, and as [`cofferdam_abi::call::Call::Event`] answers it: time; what, and the core above it; partition, all
    /// ones for none; data.
    pub fn words(&self) -> [u64; 4] {
        let what = self.what as u64 | u64::from(self.core.0) << 8;
        let partition = self.partition.map_or(u64::MAX, |id| id.0.into());
        [self.time, what, partition, self.data]
    }
}

/// Room for one record.
#[derive(Debug, Default)]
pub struct Place([AtomicU64; 4]);

impl Place {
    /// Without a record.
    pub const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; 4])
    }
}

/// The last records: as many as it has places.
#[derive(Debug)]
pub struct Ring {
    places: &'static [Place],
    next: u64,
}

impl Ring {
    /// No record yet.
    pub const fn new(places: &'static [Place]) -> Self {
        Self { places, next: 0 }
    }

    /// Adds a record; where there is no room, the oldest one goes.
    pub fn add(&mut self, record: &Record) {
        if let Some(place) = self.place(self.next) {
            for (kept, word) in place.0.iter().zip(record.words()) {
                kept.store(word, Ordering::Relaxed);
            }
        }
        self.next = self.next.saturating_add(1);
    }

    fn place(&self, number: u64) -> Option<&Place> {
        let index = number.checked_rem(self.places.len() as u64)?;
        self.places.get(usize::try_from(index).ok()?)
    }

    /// Numbers of the oldest record kept and of the next to come. The first is also how many were lost.
    pub fn range(&self) -> (u64, u64) {
        let lost = self.next.saturating_sub(self.places.len() as u64);
        (lost, self.next)
    }

    /// The [words](Record::words) of the record with this number, if it is kept.
    pub fn get(&self, number: u64) -> Option<[u64; 4]> {
        let (oldest, next) = self.range();
        let place = (oldest..next)
            .contains(&number)
            .then(|| self.place(number))??;
        Some(place.0.each_ref().map(|it| it.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PLACES: [Place; 4] = [const { Place::new() }; 4];

    #[test]
    fn the_last_are_kept_and_the_others_counted() {
        let mut ring = Ring::new(&PLACES);
        for time in 0..10 {
            ring.add(&Record {
                time,
                what: What::Boot,
                core: CoreId(1),
                partition: None,
                data: 5,
            });
        }
        assert_eq!(ring.range(), (6, 10));
        assert_eq!(ring.get(5), None);
        assert_eq!(ring.get(10), None);
        for number in 6..10 {
            assert_eq!(ring.get(number), Some([number, 0x101, u64::MAX, 5]));
        }
    }

    #[test]
    fn without_room_all_are_counted_and_lost() {
        let mut ring = Ring::new(&[]);
        ring.add(&Record {
            time: 0,
            what: What::Boot,
            core: CoreId(0),
            partition: None,
            data: 0,
        });
        assert_eq!(ring.range(), (1, 1));
        assert_eq!(ring.get(0), None);
    }

    #[test]
    fn a_level_keeps_its_own_and_what_matters_more() {
        let kept = |level: Level| {
            [
                What::Crashed,
                What::BudgetSpent,
                What::Started,
                What::CoreOn,
            ]
            .map(|what| level.keeps(what))
        };
        assert_eq!(kept(Level::Error), [true, false, false, false]);
        assert_eq!(kept(Level::Warn), [true, true, false, false]);
        assert_eq!(kept(Level::Info), [true, true, true, false]);
        assert_eq!(kept(Level::Debug), [true; 4]);
    }
}
