//! The console that the monitor keeps for the partition (SBI, debug console). Nothing waits for it.

use core::fmt;

use super::call::sbi;
use crate::hardware::Hardware;

const DBCN: u64 = 0x4442_434e;

/// The console.
pub struct Console(());

impl Console {
    /// The partition's console. Each call's text stays together; there may be any number of these.
    pub const fn open() -> Self {
        Self(())
    }

    /// Sends as much as the monitor takes at once and says how many bytes that was.
    pub fn send(&mut self, bytes: &[u8]) -> usize {
        let address = bytes.as_ptr().expose_provenance() as u64;
        match sbi(DBCN, 0, [bytes.len() as u64, address, 0, 0, 0, 0]) {
            (0, sent) => usize::try_from(sent).unwrap_or_default().min(bytes.len()),
            _ => 0,
        }
    }

    /// There is never any input.
    pub const fn receive(&mut self) -> Option<u8> {
        None
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let sent = self.send(rest);
            // Refused, which the rest would be too.
            if sent == 0 {
                break;
            }
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(())
    }
}

/// The console that the monitor keeps, whatever the hardware.
pub const fn console_of(_hardware: &Hardware) -> Option<Console> {
    Some(Console::open())
}

/// The console for the last words of this partition.
pub(crate) const fn of_panic() -> Option<Console> {
    Some(Console::open())
}
