//! Fills a partition's memory from the pristine images in flash, and checks them on the way. What is hashed is what is
//! copied. No hart of the partition runs meanwhile (`Life`). A thread does it, which critical partitions preempt.

use crate::digest::rounds;
use crate::platform::Hardware;
use cofferdam_abi::image;
use cofferdam_core::digest::{self, Hasher, Rounds};
use cofferdam_core::ids::PartitionId;
use cofferdam_core::life::Start;
use cofferdam_core::region::Region;
use cofferdam_core::table::Partition;
use core::ptr;

/// Why a partition was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is no table, or one of another version, or it is damaged.
    Table,
    /// An entry points outside of the flash or of the partition's memory.
    Bounds,
    /// An image is not the one that the table names.
    Digest,
    /// The table does not say where the partition starts.
    NoEntry,
    /// The hart computes digests wrongly.
    SelfTest,
}

/// Bytes copied and hashed at a time.
const PIECE: usize = 4096;

/// Loads all images of a partition and says where it starts.
pub fn load(hardware: &Hardware, id: PartitionId, partition: &Partition) -> Result<Start, Error> {
    let rounds = rounds();
    if !digest::self_test(rounds) {
        return Err(Error::SelfTest);
    }
    let at = hardware
        .image_table
        .wrapping_sub(hardware.flash.start().get());
    let table = flash(hardware, at, image::MAX_BYTES as u64).ok_or(Error::Bounds)?;
    let digest = |entries: &[u8]| Hasher::new(rounds).finish(entries);
    let mut start = Err(Error::NoEntry);
    for entry in image::read(table, digest).ok_or(Error::Table)? {
        if entry.partition != u32::from(id.0) {
            continue;
        }
        copy(hardware, partition, &entry, rounds)?;
        if entry.flags & image::FLAG_ENTRY != 0 {
            start = Ok(Start {
                entry: entry.entry,
                argument: entry.argument,
            });
        }
    }
    start
}

fn copy(
    hardware: &Hardware,
    partition: &Partition,
    entry: &image::Entry,
    rounds: Rounds,
) -> Result<(), Error> {
    let source = flash(hardware, entry.source, entry.size).ok_or(Error::Bounds)?;
    if !partition.owns(entry.destination, entry.size) {
        return Err(Error::Bounds);
    }
    let mut digest = Hasher::new(rounds);
    let mut to = entry.destination as *mut u8;
    let (pieces, last) = source.as_chunks::<PIECE>();
    for piece in pieces.iter().map(|piece| piece.as_slice()).chain([last]) {
        // SAFETY: the whole image lies in the partition's memory (checked above), in which nobody runs: `Life`
        // loads only when all of its harts are off.
        unsafe { ptr::copy_nonoverlapping(piece.as_ptr(), to, piece.len()) };
        if piece.len() == PIECE {
            digest.update(piece);
        }
        to = to.wrapping_add(piece.len());
    }
    if digest.finish(last) == entry.digest {
        Ok(())
    } else {
        Err(Error::Digest)
    }
}

/// Bytes of the flash, if they lie in it.
fn flash(hardware: &Hardware, offset: u64, size: u64) -> Option<&'static [u8]> {
    let address = hardware.flash.start().get().checked_add(offset)?;
    let range = Region::from_raw(address, size).ok()?;
    if !hardware.flash.contains(range) {
        return None;
    }
    // SAFETY: the range lies in the flash, which no partition can reach and the monitor does not write.
    Some(unsafe { core::slice::from_raw_parts(address as *const u8, usize::try_from(size).ok()?) })
}
