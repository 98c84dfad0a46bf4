//! The work behind the gateway's services, done by the monitor. The trait `Services` is generated from
//! `services:` of `system.yaml`.
//!
//! This runs in M-mode with every interrupt masked, also the critical partition's: no loop over
//! anything but a few words, no waiting.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// As it would be written into the vehicle at its factory.
const VEHICLE: &[u8; 24] = b"WCF00000000000002\0\0\0\0\0\0\0";

/// Words of a trip's name.
const LABEL: usize = 4;

/// All that the services keep. It lives in the monitor's own memory, so it outlives a restart of any partition.
#[derive(Debug)]
pub struct Handlers {
    /// Metres driven: they only go up.
    metres: AtomicU64,
    label: [AtomicU64; LABEL],
    warning: AtomicU32,
}

/// What the firmware calls.
pub static HANDLERS: Handlers = Handlers {
    metres: AtomicU64::new(0),
    label: [const { AtomicU64::new(0) }; LABEL],
    warning: AtomicU32::new(130),
};

impl Services for Handlers {
    fn odometer_read(&self, _: Caller) -> Result<u64, Error> {
        Ok(self.metres.load(Ordering::Relaxed))
    }

    // At the end it stays: it never starts over. Another hart may do it at the same time, and is not waited for.
    fn odometer_advance(&self, _: Caller, metres: u32) -> Result<u64, Error> {
        let before = self.metres.load(Ordering::Relaxed);
        let total = before
            .checked_add(u64::from(metres))
            .ok_or(Error::InvalidParameter)?;
        self.metres
            .compare_exchange(before, total, Ordering::Relaxed, Ordering::Relaxed)
            .map_or(Err(Error::Busy), |_| Ok(total))
    }

    fn vehicle_number(&self, _: Caller, mut number: Writable<'_>) -> Result<(), Error> {
        for (word, bytes) in (0..).zip(VEHICLE.as_chunks().0) {
            number.set_word(word, u64::from_le_bytes(*bytes));
        }
        Ok(())
    }

    fn trip_label(&self, _: Caller, label: Readable<'_>) -> Result<u32, Error> {
        for (number, kept) in (0..).zip(&self.label) {
            kept.store(label.word(number).unwrap_or(0), Ordering::Relaxed);
        }
        u32::try_from(label.len()).map_err(|_| Error::InvalidParameter)
    }

    fn warning_speed(&self, _: Caller, kmh: u32) -> Result<u32, Error> {
        Ok(self.warning.swap(kmh, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_core::ids::{CoreId, PartitionId};

    #[test]
    fn the_odometer_only_goes_up() {
        let handlers = Handlers {
            metres: AtomicU64::new(u64::MAX - 10),
            label: [const { AtomicU64::new(0) }; LABEL],
            warning: AtomicU32::new(0),
        };
        let caller = Caller {
            partition: PartitionId(0),
            core: CoreId(0),
        };
        assert_eq!(handlers.odometer_advance(caller, 10), Ok(u64::MAX));
        assert_eq!(
            handlers.odometer_advance(caller, 1),
            Err(Error::InvalidParameter)
        );
        assert_eq!(handlers.odometer_read(caller), Ok(u64::MAX));
    }
}
