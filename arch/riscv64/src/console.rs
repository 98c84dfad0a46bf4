//! The partitions' debug consoles: rings in the monitor's RAM (`cofferdam_abi::console`). Nothing here waits.

use cofferdam_abi::console::{BYTES, TEXT};
use cofferdam_core::ids::{MAX_PARTITIONS, PartitionId};
use cofferdam_lock::Lock;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Most bytes that one call writes; the rest is the caller's to ask for again.
pub const AT_ONCE: u64 = 256;

/// One ring, as its readers outside know it.
#[derive(Debug)]
#[repr(C)]
pub struct Ring {
    written: AtomicU64,
    text: [AtomicU8; TEXT],
}

const _: () = assert!(size_of::<Ring>() == BYTES);

/// All rings, in the order of the partitions.
pub type Rings = [Ring; MAX_PARTITIONS];

impl Ring {
    /// Nothing written.
    pub const fn new() -> Self {
        Self {
            written: AtomicU64::new(0),
            text: [const { AtomicU8::new(0) }; _],
        }
    }

    /// One writer at a time.
    fn write(&self, bytes: impl Iterator<Item = u8>) {
        let mut written = self.written.load(Ordering::Relaxed);
        for byte in bytes {
            let place = usize::try_from(written % TEXT as u64).unwrap_or_default();
            if let Some(at) = self.text.get(place) {
                at.store(byte, Ordering::Relaxed);
            }
            written = written.wrapping_add(1);
        }
        self.written.store(written, Ordering::Release);
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

/// The consoles of all partitions.
#[derive(Debug)]
pub struct Consoles {
    rings: &'static Rings,
    writers: [Lock<()>; MAX_PARTITIONS],
}

impl Consoles {
    /// On these rings.
    pub const fn new(rings: &'static Rings) -> Self {
        Self {
            rings,
            writers: [const { Lock::new(()) }; _],
        }
    }

    /// Writes text of a partition, `AT_ONCE` bytes at most: its harts take turns.
    pub fn write(&self, partition: PartitionId, bytes: impl Iterator<Item = u8>) {
        let index = partition.index();
        if let (Some(ring), Some(writer)) = (self.rings.get(index), self.writers.get(index)) {
            writer.with(|()| ring.write(bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_where_a_reader_looks() {
        static RINGS: Rings = [const { Ring::new() }; _];
        let consoles = Consoles::new(&RINGS);
        for part in [vec![b'a'; TEXT - 1], b"bcd".to_vec()] {
            consoles.write(PartitionId(1), part.into_iter());
        }
        let ring = &RINGS[1];
        let mut image = [0; BYTES];
        image[..8].copy_from_slice(&ring.written.load(Ordering::Acquire).to_le_bytes());
        for (to, from) in image[8..].iter_mut().zip(&ring.text) {
            *to = from.load(Ordering::Relaxed);
        }
        let (text, written) = cofferdam_abi::console::news(&image, TEXT as u64 - 1);
        assert_eq!(text.collect::<Vec<_>>(), b"bcd");
        assert_eq!(written, TEXT as u64 + 2);
        assert_eq!(RINGS[0].written.load(Ordering::Relaxed), 0);
    }
}
