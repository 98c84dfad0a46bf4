//! A system with its names resolved against the board, before any judgement.

use std::path::{Path, PathBuf};

use cofferdam_core::region::Region;

use super::board_parts::{bank, device};
use super::placement::place_all;
use super::region_of;
use crate::fields::At;
use crate::frozen::Frozen;
use crate::mistake::Mistakes;
use crate::model::{Bank, BankId, Board, Device, DeviceId};
use crate::raw;
use crate::source::Place;

/// The system file itself.
pub(crate) struct SystemFile<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
}

/// Everything that the checks look at.
pub(crate) struct Scene<'a> {
    pub(crate) raw: &'a raw::system::System,
    pub(crate) board: &'a Board,
    pub(crate) frozen: &'a Frozen,
    /// Critical ones first, then as in the file: the order of the final ids.
    pub(crate) partitions: Vec<View<'a>>,
    pub(crate) channels: Vec<Link<'a>>,
    file: &'a SystemFile<'a>,
}

/// A partition and what its names mean.
pub(crate) struct View<'a> {
    pub(crate) raw: &'a raw::partition::Partition,
    pub(crate) memory: Vec<Piece<'a>>,
    pub(crate) devices: Vec<Owned<'a>>,
    /// Whether every device of its list is known.
    pub(crate) devices_complete: bool,
}

/// A channel and the memory that its ends share.
pub(crate) struct Link<'a> {
    pub(crate) raw: &'a raw::channel::Channel,
    pub(crate) memory: Option<Piece<'a>>,
}

/// A piece of memory of a partition or a channel.
pub(crate) struct Piece<'a> {
    pub(crate) raw: &'a raw::Chunk,
    pub(crate) bank: Option<(BankId, &'a Bank)>,
    /// Given or placed; `None` while unknown.
    pub(crate) region: Option<Region>,
}

/// A device of a partition, and where it was listed.
pub(crate) struct Owned<'a> {
    pub(crate) place: Place,
    pub(crate) id: DeviceId,
    pub(crate) device: &'a Device,
}

impl<'a> Scene<'a> {
    pub(crate) fn resolve(
        raw: &'a raw::system::System,
        board: &'a Board,
        frozen: &'a Frozen,
        file: &'a SystemFile<'a>,
        out: &mut Mistakes,
    ) -> Self {
        let mut order: Vec<&raw::partition::Partition> = raw.partitions.iter().collect();
        order.sort_by_key(|p| !p.is_critical());
        let mut partitions: Vec<View<'a>> = order
            .into_iter()
            .map(|raw| View::resolve(raw, board, out))
            .collect();
        let mut channels: Vec<Link<'a>> = raw
            .channels
            .iter()
            .map(|raw| Link::resolve(raw, board, out))
            .collect();
        place_all(board, &mut partitions, &mut channels, out);
        Self {
            raw,
            board,
            frozen,
            partitions,
            channels,
            file,
        }
    }

    /// A path of the system file.
    pub(crate) fn path(&self, written: &str) -> PathBuf {
        let folder = self.file.path.parent().unwrap_or(Path::new(""));
        folder.join(written)
    }

    /// The line of the system file that a place of it is on, from 1.
    pub(crate) fn line(&self, place: Place) -> usize {
        let before = self.file.text.get(..place.start).unwrap_or_default();
        before.matches('\n').count().saturating_add(1)
    }

    /// A device by name; an unknown one is reported.
    pub(crate) fn device(
        &self,
        name: &At<String>,
        out: &mut Mistakes,
    ) -> Option<(DeviceId, &'a Device)> {
        device(name, &self.board.devices, out)
    }

    /// The partitions that list a device, and where: one, when all is well.
    pub(crate) fn owners(&self, device: DeviceId) -> impl Iterator<Item = (&View<'a>, Place)> {
        self.partitions.iter().filter_map(move |view| {
            let owned = view.devices.iter().find(|owned| owned.id == device)?;
            Some((view, owned.place))
        })
    }

    /// Whether a piece of `of` has bytes of another partition.
    pub(crate) fn overlaps_another(&self, of: &View<'_>, piece: &Piece<'_>) -> bool {
        let others = self
            .partitions
            .iter()
            .filter(|view| view.raw.name.place != of.raw.name.place);
        let mut theirs = others
            .flat_map(|view| &view.memory)
            .filter_map(|p| p.region);
        let meets = |region: Region| theirs.any(|other| other.overlaps(region));
        piece.region.is_some_and(meets)
    }

    /// All pieces of memory with the names of those that have them, in the order in which they are placed.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&str, &Piece<'a>)> {
        let of_partitions = self
            .partitions
            .iter()
            .flat_map(|view| view.memory.iter().map(|piece| (view.name(), piece)));
        let of_channels = self.channels.iter().filter_map(|link| {
            let piece = link.memory.as_ref()?;
            Some((link.raw.name.value.as_str(), piece))
        });
        of_partitions.chain(of_channels)
    }

    /// Whether there is a critical partition and a rich one.
    pub(crate) fn has_both_kinds(&self) -> bool {
        self.partitions.iter().any(|view| view.raw.is_critical())
            && self.partitions.iter().any(|view| view.raw.is_rich())
    }

    /// Every two partitions, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&View<'a>, &View<'a>)> {
        let all = &self.partitions;
        all.iter()
            .enumerate()
            .flat_map(move |(n, later)| all.iter().take(n).map(move |earlier| (earlier, later)))
    }
}

impl<'a> View<'a> {
    fn resolve(raw: &'a raw::partition::Partition, board: &'a Board, out: &mut Mistakes) -> Self {
        let memory = raw
            .memory
            .iter()
            .map(|chunk| Piece::resolve(chunk, board, out))
            .collect();
        let listed = raw.devices.as_deref();
        let devices: Vec<_> = listed
            .unwrap_or_default()
            .iter()
            .filter_map(|name| {
                let (id, device) = device(name, &board.devices, out)?;
                let place = name.place;
                Some(Owned { place, id, device })
            })
            .collect();
        Self {
            raw,
            memory,
            devices_complete: listed.is_some_and(|listed| listed.len() == devices.len()),
            devices,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.raw.name.value
    }

    /// Whether it shares a core with the other.
    pub(crate) fn shares_core_with(&self, other: &Self) -> bool {
        let (Some(a), Some(b)) = (&self.raw.cores, &other.raw.cores) else {
            return false;
        };
        a.shared
            .iter()
            .any(|core| b.shared.iter().any(|c| c.value == core.value))
    }
}

impl<'a> Link<'a> {
    fn resolve(raw: &'a raw::channel::Channel, board: &'a Board, out: &mut Mistakes) -> Self {
        let memory = raw.memory.as_ref();
        Self {
            raw,
            memory: memory.map(|chunk| Piece::resolve(chunk, board, out)),
        }
    }

    /// The partition of an end, if there is one, and its place among them.
    pub(crate) fn partition<'s>(
        end: &raw::channel::End,
        scene: &'s Scene<'a>,
    ) -> Option<(usize, &'s View<'a>)> {
        let mut partitions = scene.partitions.iter().enumerate();
        partitions.find(|(_, view)| view.name() == end.name.value)
    }
}

impl<'a> Piece<'a> {
    fn resolve(raw: &'a raw::Chunk, board: &'a Board, out: &mut Mistakes) -> Self {
        let name = raw.bank.as_ref();
        Self {
            raw,
            bank: name.and_then(|name| bank(name, &board.banks, out)),
            region: region_of(raw.at, raw.size, out),
        }
    }

    /// Where to point for its address: the address, or its name when it was placed.
    pub(crate) fn place(&self) -> Place {
        self.raw.at.map_or(self.raw.name.place, |at| at.place)
    }
}
