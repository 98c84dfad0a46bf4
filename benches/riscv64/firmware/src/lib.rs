//! Handlers of `benches/systems/hart_services.yaml`: they do nothing, so that what is measured is the way to them.
#![no_std]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// They keep nothing.
#[derive(Debug)]
pub struct Handlers;

/// What the firmware calls.
pub static HANDLERS: Handlers = Handlers;

impl Services for Handlers {
    fn empty(&self, _: Caller) -> Result<(), Error> {
        Ok(())
    }

    fn region(&self, _: Caller, _: Readable<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn limited(&self, _: Caller) -> Result<(), Error> {
        Ok(())
    }
}
