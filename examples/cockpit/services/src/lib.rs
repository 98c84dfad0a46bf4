//! The work behind the cockpit's services, done by the monitor. The trait `Services` is generated from
//! `services:` of `system.yaml`.
//!
//! This runs at EL3 with every interrupt masked, also the critical partition's: no loop over
//! anything but a few words, no waiting.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

mod odometer;

use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};

/// As it would be written into the vehicle at its factory.
const VEHICLE: &[u8; 24] = b"WCF00000000000001\0\0\0\0\0\0\0";

/// Words of a trip's name.
const LABEL: usize = 4;

/// All that the services keep. It lives in the monitor's own memory, so it outlives a restart of any partition.
#[derive(Debug)]
pub struct Handlers {
    odometer: odometer::Odometer,
    label: [AtomicU64; LABEL],
    warning: AtomicU32,
    tenths: AtomicI64,
    recirculate: AtomicBool,
}

/// What the firmware calls.
pub static HANDLERS: Handlers = Handlers {
    odometer: odometer::Odometer::new(),
    label: [const { AtomicU64::new(0) }; LABEL],
    warning: AtomicU32::new(130),
    tenths: AtomicI64::new(200),
    recirculate: AtomicBool::new(false),
};

impl Services for Handlers {
    fn odometer_read(&self, _: Caller) -> Result<u64, Error> {
        Ok(self.odometer.total())
    }

    fn odometer_advance(&self, _: Caller, metres: u32) -> Result<u64, Error> {
        self.odometer.advance(metres)
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

    // There is no heater here that would count the minutes.
    fn climate(
        &self,
        _: Caller,
        tenths: i64,
        recirculate: bool,
        _minutes: u32,
    ) -> Result<climate::Results, Error> {
        Ok(climate::Results {
            tenths_before: self.tenths.swap(tenths, Ordering::Relaxed),
            recirculated: self.recirculate.swap(recirculate, Ordering::Relaxed),
        })
    }
}
