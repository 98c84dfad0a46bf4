//! The work behind the services, done by the monitor. The trait `Services` is generated from `services:` of
//! `system.yaml`.
//!
//! This runs at EL3 with every interrupt masked, also the critical partition's: no loop over anything but a few
//! words, no waiting.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

use core::sync::atomic::{AtomicU64, Ordering};

/// All that the services keep. It lives in the monitor's own memory, so it outlives a restart of any partition.
#[derive(Debug)]
pub struct Handlers {
    jobs: AtomicU64,
}

/// What the firmware calls.
pub static HANDLERS: Handlers = Handlers {
    jobs: AtomicU64::new(0),
};

impl Services for Handlers {
    fn jobs_add(&self, _: Caller, jobs: u32) -> Result<u64, Error> {
        let jobs = u64::from(jobs);
        let before = self.jobs.fetch_add(jobs, Ordering::Relaxed);
        Ok(before.wrapping_add(jobs))
    }

    fn jobs_read(&self, _: Caller) -> Result<u64, Error> {
        Ok(self.jobs.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_core::ids::CoreId;

    #[test]
    fn jobs_are_summed() {
        let caller = Caller {
            partition: partition::CONTROL,
            core: CoreId(0),
        };
        assert_eq!(HANDLERS.jobs_add(caller, 2), Ok(2));
        assert_eq!(HANDLERS.jobs_add(caller, 3), Ok(5));
        assert_eq!(HANDLERS.jobs_read(caller), Ok(5));
    }
}
