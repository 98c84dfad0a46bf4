//! A bank as a sequence of stretches without gaps, and who has what.

use cofferdam_core::region::Region;

use crate::arch;
use crate::model::{BankId, Channel, DeviceId, Partition, PartitionId, System};

/// Who has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Monitor,
    Partition(PartitionId),
    /// Both ends of the channel with this number.
    Channel(u8),
    Nobody,
}

impl Owner {
    /// All who can own something in this system, the monitor first and nobody last.
    pub(super) fn all(system: &System) -> Vec<Self> {
        let partitions = system.partitions.iter().map(|p| Self::Partition(p.id));
        [Self::Monitor]
            .into_iter()
            .chain(partitions)
            .chain([Self::Nobody])
            .collect()
    }

    pub(super) fn of_device(system: &System, device: DeviceId) -> Self {
        if system.board.monitor.timer == Some(device) {
            return Self::Monitor;
        }
        match system.owner(device) {
            Some(partition) => Self::Partition(partition.id),
            None if system.features.log.device == Some(device) => Self::Monitor,
            None if system
                .hooks
                .iter()
                .any(|hook| hook.device() == Some(device)) =>
            {
                Self::Monitor
            }
            None => Self::Nobody,
        }
    }

    pub(super) fn partition(self, system: &System) -> Option<&Partition> {
        match self {
            Self::Partition(id) => system.partitions.get(id.index()),
            Self::Monitor | Self::Channel(_) | Self::Nobody => None,
        }
    }

    /// How its interrupts are routed.
    pub(super) fn route(self, system: &System) -> Option<&'static str> {
        if self == Self::Monitor {
            return Some(arch::monitor_route(&system.board.controller));
        }
        let partition = self.partition(system)?;
        Some(arch::route(&system.board.controller, partition.world))
    }

    pub(super) fn name(self, system: &System) -> &str {
        match self {
            Self::Monitor => "monitor",
            Self::Nobody => "nobody",
            Self::Partition(_) => self.partition(system).map_or("", |p| p.name.as_str()),
            Self::Channel(number) => {
                let channel = system.channels.get(usize::from(number));
                channel.map_or("", |channel| channel.name.as_str())
            }
        }
    }
}

/// A part of a bank that has one owner and one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) region: Region,
    pub(super) what: String,
    pub(super) owner: Owner,
}

/// The whole bank, in the order of addresses.
pub(super) fn stretches(system: &System, bank: BankId) -> Vec<Stretch> {
    let Some(of) = system.board.bank(bank) else {
        return Vec::new();
    };
    let mut taken = taken(system, bank);
    taken.sort_by_key(|stretch| stretch.region);
    let mut all = Vec::new();
    let mut at = of.region.start().get();
    for stretch in taken {
        all.extend(free(at, stretch.region.start().get()));
        at = stretch.region.end().get();
        all.push(stretch);
    }
    all.extend(free(at, of.region.end().get()));
    all
}

fn free(from: u64, to: u64) -> Option<Stretch> {
    let region = Region::from_raw(from, to.checked_sub(from)?).ok()?;
    Some(Stretch {
        region,
        what: "free".to_owned(),
        owner: Owner::Nobody,
    })
}

fn taken(system: &System, bank: BankId) -> Vec<Stretch> {
    let stretch = |region, what: &str, owner| Stretch {
        region,
        what: what.to_owned(),
        owner,
    };
    let monitor = &system.board.monitor;
    let mut taken = Vec::new();
    if monitor.flash_bank == bank {
        taken.push(stretch(monitor.flash, "code", Owner::Monitor));
        let table = monitor.image_table.get();
        let length = monitor.images.start().get().saturating_sub(table);
        let table = Region::from_raw(table, length).ok();
        taken.extend(table.map(|table| stretch(table, "image table", Owner::Monitor)));
        taken.push(stretch(monitor.images, "images", Owner::Monitor));
    }
    if monitor.ram_bank == bank {
        taken.push(stretch(monitor.ram, "data", Owner::Monitor));
    }
    for partition in &system.partitions {
        let here = partition.memory.iter().filter(|m| m.bank == bank);
        taken.extend(here.map(|m| stretch(m.region, &m.name, Owner::Partition(partition.id))));
    }
    let channels = system.channels.iter();
    for channel in channels.filter(|channel| channel.memory.bank == bank) {
        let what = format!("shared by {}", end_names(system, channel).join(" and "));
        let owner = Owner::Channel(channel.number);
        taken.push(stretch(channel.memory.region, &what, owner));
    }
    taken
}

/// The partitions of both ends.
pub(super) fn end_names<'a>(system: &'a System, channel: &Channel) -> [&'a str; 2] {
    channel.ends.each_ref().map(|end| {
        let partition = system.partitions.get(end.partition.index());
        partition.map_or("", |partition| partition.name.as_str())
    })
}
