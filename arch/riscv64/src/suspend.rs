//! A hart's sleep on request (SBI, hart_suspend): how it begins, what ends it, and how it goes on.
//!
//! It ends by an interrupt that S-mode has enabled and that is pending, and by one that another hart sends, enabled or not: a
//! hart may sleep with everything disabled until it is called.

use crate::context::State;
use crate::csr;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::remote::Remote;
use crate::sbi::Suspend;
use cofferdam_core::ids::Slot;
use cofferdam_core::life::Start;

impl<P: Platform> Monitor<P> {
    /// The loaded slot sleeps.
    pub(crate) fn suspend(&self, hart: &mut Hart, here: Here, how: Suspend) {
        if let Some(remote) = self.remote(here.core, here.slot) {
            remote.set_suspended(true);
        }
        hart.current().state = match how {
            Suspend::Retentive => State::Waits,
            Suspend::NonRetentive(start) => State::WaitsToBegin(start),
        };
    }

    /// Another hart sent an interrupt to the loaded slot.
    pub(crate) fn rouse(&self, hart: &mut Hart) {
        let remote = self.remote(hart.core(), hart.loaded());
        if hart.current().state.waits() && remote.is_some_and(Remote::is_suspended) {
            self.end_wait(hart, hart.loaded());
        }
    }

    /// A slot has what it waited for, asleep or in a WFI.
    pub(crate) fn end_wait(&self, hart: &mut Hart, slot: Slot) {
        if let Some(remote) = self.remote(hart.core(), slot) {
            remote.set_suspended(false);
        }
        let state = &mut hart.slot(slot).state;
        *state = match *state {
            State::WaitsToBegin(start) => State::Begins(start),
            _ => State::Runs,
        };
    }

    /// The loaded slot goes on behind a sleep that its registers do not survive. Only the hart slept: what is pending stays so, the
    /// timer that was set fires, and its context of the interrupt controller is as it was.
    pub(crate) fn wake_up(&self, hart: &mut Hart, start: Start) {
        if cfg!(feature = "weaken-sbi") {
            return self.start(hart, start);
        }
        let Some(here) = self.here(hart) else {
            return;
        };
        csr::set_translation(0);
        csr::fence_translations();
        hart.current().begin(here.hart, start, here.gives_away());
    }
}
