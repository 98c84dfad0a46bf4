//! Handlers of the systems that are observed.
#![no_std]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

use core::hint::black_box;

/// All of them.
#[derive(Debug)]
pub struct Handlers;

/// What the firmware calls.
pub static HANDLERS: Handlers = Handlers;

impl Services for Handlers {
    fn slow(&self, _: Caller) -> Result<(), Error> {
        for n in 0..200_u32 {
            black_box(n);
        }
        Ok(())
    }
}
