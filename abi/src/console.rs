//! The consoles that the monitor keeps in its memory, where a board has no serial port to spare: one ring of text to
//! a partition, written by the monitor for the partition's debug-console calls, read from outside by whoever can see the
//! machine's memory: the emulator's tools, a debug probe.
//!
//! All numbers are little-endian. The rings lie side by side, that of partition 0 first, each of [`BYTES`]: the number of
//! bytes ever written (`u64`), then [`TEXT`] bytes, of which byte `n` of the text is the one at `n % TEXT`. The text
//! is there before the number counts it. Nobody waits for the reader: what it did not read in time is overwritten.

/// Bytes of text that a ring holds.
pub const TEXT: usize = 4088;
/// Bytes of a ring.
pub const BYTES: usize = 8 + TEXT;

/// What was written between two looks.
///
/// `ring` is one ring as it was read, `seen` the number of bytes that an earlier look had got to. Answers the new
/// text and the number for the next look; of more than [`TEXT`] bytes, the last.
pub fn news(ring: &[u8; BYTES], seen: u64) -> (impl Iterator<Item = u8> + '_, u64) {
    let (number, text) = ring.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    let written = u64::from_le_bytes(*number);
    // A number that went back is that of another start of the machine.
    let seen = if seen > written { 0 } else { seen };
    let first = seen.max(written.saturating_sub(TEXT as u64));
    let place = |n: u64| usize::try_from(n % TEXT as u64).unwrap_or_default();
    let bytes = (first..written).filter_map(move |n| text.get(place(n)).copied());
    (bytes, written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(text: &[u8]) -> [u8; BYTES] {
        let mut ring = [0; BYTES];
        ring[..8].copy_from_slice(&(text.len() as u64).to_le_bytes());
        for (n, byte) in text.iter().enumerate() {
            ring[8 + n % TEXT] = *byte;
        }
        ring
    }

    fn read(ring: &[u8; BYTES], seen: u64) -> (Vec<u8>, u64) {
        let (bytes, next) = news(ring, seen);
        (bytes.collect(), next)
    }

    #[test]
    fn only_what_is_new_is_read() {
        let ring = ring(b"one two");
        assert_eq!(read(&ring, 0), (b"one two".to_vec(), 7));
        assert_eq!(read(&ring, 4), (b"two".to_vec(), 7));
        assert_eq!(read(&ring, 7), (Vec::new(), 7));
    }

    #[test]
    fn a_slow_reader_gets_the_last_of_it() {
        let text: Vec<u8> = (0..TEXT as u32 + 100).map(|n| n.to_le_bytes()[0]).collect();
        let (bytes, next) = read(&ring(&text), 3);
        assert_eq!((bytes, next), (text[100..].to_vec(), text.len() as u64));
    }

    #[test]
    fn another_start_of_the_machine_is_read_from_its_beginning() {
        assert_eq!(read(&ring(b"again"), 900), (b"again".to_vec(), 5));
    }
}
