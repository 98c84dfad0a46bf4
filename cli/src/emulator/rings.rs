//! Consoles in the machine's memory (`cofferdam_abi::console`), read while it runs: the emulator keeps its RAM in a file.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cofferdam_abi::console::{self, BYTES};

/// How long a look that found nothing waits. A ring holds more than a partition says in that time.
const PAUSE: Duration = Duration::from_millis(2);

/// One console. It ends when the emulator has.
pub(super) struct Ring {
    memory: Arc<File>,
    at: u64,
    seen: u64,
    ended: Arc<AtomicBool>,
}

impl Ring {
    /// The ring at this offset of the file.
    pub(super) fn new(memory: Arc<File>, at: u64, ended: Arc<AtomicBool>) -> Self {
        let seen = 0;
        Self {
            memory,
            at,
            seen,
            ended,
        }
    }

    fn look(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut ring = [0; BYTES];
        self.memory.read_exact_at(&mut ring, self.at)?;
        let (news, written) = console::news(&ring, self.seen);
        let (mut count, mut skipped) = (0, 0_u64);
        for byte in news {
            match buffer.get_mut(count) {
                Some(place) => {
                    *place = byte;
                    count += 1;
                }
                None => skipped += 1,
            }
        }
        self.seen = written - skipped;
        Ok(count)
    }
}

impl Read for Ring {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Before the look: what was said until the end is read still.
            let ended = self.ended.load(Ordering::Acquire);
            let count = self.look(buffer)?;
            if count > 0 || ended {
                return Ok(count);
            }
            thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_in_pieces_and_then_the_end() {
        let file = tempfile::tempfile().unwrap();
        let text = b"tick 1\ntick 2\n";
        let mut ring = vec![0; BYTES];
        ring[..8].copy_from_slice(&(text.len() as u64).to_le_bytes());
        ring[8..8 + text.len()].copy_from_slice(text);
        file.write_all_at(&ring, 4096).unwrap();
        let ended = Arc::new(AtomicBool::new(true));
        let mut reader = Ring::new(Arc::new(file), 4096, ended);
        let (mut piece, mut all) = ([0; 5], Vec::new());
        loop {
            match reader.read(&mut piece).unwrap() {
                0 => break,
                count => all.extend_from_slice(&piece[..count]),
            }
        }
        assert_eq!(all, text);
    }
}
