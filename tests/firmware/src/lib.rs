//! Handlers of the systems that are observed.
#![no_std]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering};

/// RTCRIS (Arm DDI 0224): the interrupt as it is before it is masked.
const RAW_STATUS: u64 = 0x14;

/// How often each was called. Switches of core 1, which has one slot, there are none: one core writes each.
#[derive(Debug)]
pub struct Handlers {
    before: AtomicU64,
    after: AtomicU64,
    clock: AtomicU64,
}

/// What the firmware calls.
pub static HANDLERS: Handlers = Handlers {
    before: AtomicU64::new(0),
    after: AtomicU64::new(0),
    clock: AtomicU64::new(0),
};

fn count(calls: &AtomicU64) {
    let next = calls.load(Ordering::Relaxed) + 1;
    calls.store(next, Ordering::Relaxed);
}

impl Services for Handlers {
    fn slow(&self, _: Caller) -> Result<(), Error> {
        for n in 0..200_u32 {
            black_box(n);
        }
        Ok(())
    }

    fn hooked(&self, _: Caller) -> Result<hooked::Results, Error> {
        Ok(hooked::Results {
            before: self.before.load(Ordering::Relaxed),
            after: self.after.load(Ordering::Relaxed),
            clock: self.clock.load(Ordering::Relaxed),
        })
    }

    fn count_before(&self, _: Switch) {
        count(&self.before);
        #[cfg(feature = "exceed-budget")]
        for n in 0..20_u32 {
            black_box(n);
        }
    }

    fn count_after(&self, _: Switch) {
        count(&self.after);
    }

    fn clock(&self, device: &mut dyn Device) {
        if device.read(RAW_STATUS) == Some(1) {
            count(&self.clock);
        }
    }
}
