//! Gives an address to the memory that has none.
//!
//! The rule is simple enough to do by hand: partitions in the order of their ids, pieces as
//! written, then channels; each takes the lowest aligned address of its bank that nothing before it has. What has an
//! address, and the monitor's own, come first. The same file gives the same map, always.

use cofferdam_core::region::{ByteLen, PhysAddr, Region};

use super::scene::{Link, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Bank, BankKind, Board};

/// A block that one entry of a level-2 translation table maps: larger pieces start at one.
const BLOCK: u64 = 2 << 20;
const PAGE: u64 = 4 << 10;

/// Places every piece without `at:` whose bank and size are known.
pub(super) fn place_all<'a>(
    board: &Board,
    partitions: &mut [View<'a>],
    channels: &mut [Link<'a>],
    out: &mut Mistakes,
) {
    let of_partitions = partitions.iter_mut().flat_map(|view| {
        let owner = view.raw.name.value.as_str();
        view.memory.iter_mut().map(move |piece| (owner, piece))
    });
    let of_channels = channels.iter_mut().filter_map(|link| {
        let owner = link.raw.name.value.as_str();
        link.memory.as_mut().map(|piece| (owner, piece))
    });
    let mut pieces: Vec<_> = of_partitions.chain(of_channels).collect();
    let mut taken: Vec<Region> = vec![board.monitor.flash, board.monitor.ram];
    taken.extend(pieces.iter().filter_map(|(_, piece)| piece.region));
    for (owner, piece) in &mut pieces {
        let (None, None) = (piece.raw.at, piece.region) else {
            continue;
        };
        let (Some((_, bank)), Some(size)) = (piece.bank, piece.raw.size) else {
            continue;
        };
        match lowest_free(bank.region, size.value.0, &taken) {
            Some(region) => {
                taken.push(region);
                piece.region = Some(region);
            }
            // What is no RAM is refused as such.
            None if bank.kind != BankKind::Ram => {}
            None => out.push(no_room(owner, &piece.raw.name.value, size.place, bank)),
        }
    }
}

fn no_room(owner: &str, piece: &str, place: crate::source::Place, bank: &Bank) -> Draft {
    Draft::new(
        Code::MemoryNoRoom,
        format!("no room for `{piece}` of `{owner}` in `{}`", bank.name),
        place,
        "this much in one piece",
    )
    .and(
        bank.place,
        format!(
            "{:#x} bytes in all, and others have some",
            bank.region.len().get()
        ),
    )
    .help("make it smaller, or place it in another bank")
}

/// The lowest aligned place for `size` bytes in `bank` that meets nothing of `taken`.
fn lowest_free(bank: Region, size: u64, taken: &[Region]) -> Option<Region> {
    let alignment = if size >= BLOCK { BLOCK } else { PAGE };
    // It starts either where the bank does or right behind something: nothing lower could be free.
    let mut starts: Vec<PhysAddr> = taken
        .iter()
        .map(|region| region.end())
        .chain([bank.start()])
        .filter_map(|start| start.align_up(alignment))
        .collect();
    starts.sort_unstable();
    starts
        .into_iter()
        .filter_map(|start| Region::new(start, ByteLen::new(size)).ok())
        .find(|region| bank.contains(*region) && !taken.iter().any(|t| t.overlaps(*region)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_core::region::check_disjoint;
    use proptest::prelude::*;

    fn region(start: u64, len: u64) -> Region {
        Region::from_raw(start, len).expect("a region")
    }

    #[test]
    fn the_lowest_hole_is_taken() {
        let bank = region(0x10_0000, 0x10_0000);
        let taken = [region(0x10_0000, 0x1000), region(0x10_2000, 0x1000)];
        assert_eq!(
            lowest_free(bank, 0x1000, &taken),
            Some(region(0x10_1000, 0x1000))
        );
        assert_eq!(
            lowest_free(bank, 0x2000, &taken),
            Some(region(0x10_3000, 0x2000))
        );
        assert_eq!(lowest_free(bank, 0x10_0000, &taken), None);
        assert_eq!(
            lowest_free(region(u64::MAX - 0x1000, 0x1000), 0x1000, &[]),
            None
        );
    }

    proptest! {
        #[test]
        fn what_is_placed_is_in_the_bank_and_meets_nothing(
            sizes in prop::collection::vec(1u64..0x40_0000, 1..8),
            bank_pages in 1u64..0x1000,
        ) {
            let bank = region(0x4000_0000, bank_pages * PAGE);
            let mut taken = Vec::new();
            for size in sizes {
                if let Some(placed) = lowest_free(bank, size, &taken) {
                    prop_assert!(bank.contains(placed));
                    taken.push(placed);
                }
            }
            prop_assert_eq!(check_disjoint(&taken), Ok(()));
        }
    }
}
