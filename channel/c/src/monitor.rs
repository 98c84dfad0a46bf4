//! The caller's functions in the place of the monitor's calls.

use cofferdam_channel::endpoint::Epoch;
use cofferdam_channel::port;
use core::ffi::c_void;

/// What an end asks of the monitor. A function that is missing answers nothing.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[expect(missing_docs, reason = "the header says what they are")]
pub struct Monitor {
    pub context: *mut c_void,
    pub begin: Option<unsafe extern "C" fn(*mut c_void) -> u32>,
    pub ring: Option<unsafe extern "C" fn(*mut c_void)>,
    pub acknowledge: Option<unsafe extern "C" fn(*mut c_void) -> u32>,
}

impl port::Monitor for Monitor {
    fn begin(&mut self) -> Option<Epoch> {
        // SAFETY: a function of the header's shape, with the context that came with it.
        self.begin
            .and_then(|begin| Epoch::new(unsafe { begin(self.context) }))
    }

    fn ring(&mut self) {
        if let Some(ring) = self.ring {
            // SAFETY: a function of the header's shape, with the context that came with it.
            unsafe { ring(self.context) }
        }
    }

    fn acknowledge(&mut self) -> Option<Epoch> {
        // SAFETY: a function of the header's shape, with the context that came with it.
        self.acknowledge
            .and_then(|acknowledge| Epoch::new(unsafe { acknowledge(self.context) }))
    }
}
