//! Does what a decoded call asks for ([`crate::sbi`]). Nothing here fails that the decoder could have refused.

use crate::console::AT_ONCE;
use crate::context::State;
use crate::csr;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::remote;
use crate::sbi::{self, Call, Caller, Error, Identity, Reset};
use cofferdam_core::ids::{CoreId, CoreSet};
use cofferdam_core::life::{Power, PowerError, Start};
use cofferdam_core::record::What;

/// States of a hart (SBI, table of HSM states).
const STARTED: u64 = 0;
const STOPPED: u64 = 1;
const START_PENDING: u64 = 2;
const SUSPENDED: u64 = 4;

impl<P: Platform> Monitor<P> {
    /// A call of the partition on this hart.
    pub(crate) fn call(&self, hart: &mut Hart) {
        let Some(here) = self.here(hart) else {
            return;
        };
        let caller = Caller {
            partition: here.partition,
            cores: self.configuration.system.cores,
        };
        let answer = match sbi::decode(caller, hart.current().arguments()) {
            Ok(Call::HartStop) => return self.stop(hart, here),
            Ok(Call::Reset(reset)) => return self.end(hart, here, ending(reset), 0),
            Ok(Call::Monitor(call, arguments)) => {
                return self.monitor_call(hart, here, call, arguments);
            }
            Ok(call) => self.answer(hart, here, call),
            Err(error) => Err(error),
        };
        match answer {
            Ok(value) => hart.current().answer(0, value),
            Err(error) => hart.current().answer((error as i64).cast_unsigned(), 0),
        }
    }

    /// A call that returns, with a value.
    fn answer(&self, hart: &mut Hart, here: Here, call: Call) -> Result<u64, Error> {
        match call {
            Call::Identify(identity) => return Ok(identify(identity)),
            Call::Interrupt(harts) => self.interrupt(here, harts),
            Call::Fence(_, harts) => {
                let tickets = self.fence(here, harts);
                hart.current().state = State::Fences(tickets);
            }
            Call::HartStart(core, start) => self.start_hart(here, core, start)?,
            Call::HartStatus(core) => return self.status(here, core),
            Call::HartSuspend(how) => self.suspend(hart, here, how),
            Call::ConsoleWrite(at, bytes) => return Ok(self.write(here, at, bytes)),
            Call::ConsoleWriteByte(byte) => self.consoles.write(here.id, core::iter::once(byte)),
            Call::ConsoleRead | Call::HartStop | Call::Reset(_) | Call::Monitor(..) => {}
        }
        Ok(0)
    }

    fn interrupt(&self, here: Here, harts: CoreSet) {
        if harts.contains(here.core) {
            csr::set_pending(csr::SSI);
        }
        let others = harts.minus(CoreSet::one(here.core));
        self.ask(here.slot, others, remote::INTERRUPT);
    }

    fn start_hart(&self, here: Here, core: CoreId, start: Start) -> Result<(), Error> {
        let outcome = self.life.with(|life| life.power_on(here.id, core, start));
        match outcome {
            Ok(outcome) => {
                self.ask(here.slot, outcome.signal, remote::LIFE);
                Ok(())
            }
            Err(PowerError::AlreadyOn | PowerError::OnPending) if cfg!(feature = "weaken-sbi") => {
                Ok(())
            }
            Err(PowerError::AlreadyOn | PowerError::OnPending) => Err(Error::AlreadyAvailable),
            Err(PowerError::NoSuchCore) => Err(Error::InvalidParam),
            Err(PowerError::BadEntry) => Err(Error::InvalidAddress),
            Err(PowerError::Stopping) => Err(Error::Failed),
        }
    }

    fn status(&self, here: Here, core: CoreId) -> Result<u64, Error> {
        let power = self.life.with(|life| life.power(here.id, core));
        let asleep = self.remote(core, here.slot);
        let asleep = asleep.is_some_and(|it| it.is_suspended());
        match power.ok_or(Error::InvalidParam)? {
            Power::On if asleep => Ok(SUSPENDED),
            Power::On => Ok(STARTED),
            Power::Starting(_) => Ok(START_PENDING),
            Power::Off => Ok(STOPPED),
        }
    }

    fn stop(&self, hart: &mut Hart, here: Here) {
        self.record(What::CoreOff, here.core, Some(here.id), 0);
        let outcome = self.life.with(|life| life.power_off(here.id, here.core));
        self.carry_out(hart, here, outcome);
    }

    /// Writes as much as one call may.
    fn write(&self, here: Here, at: u64, bytes: u64) -> u64 {
        let bytes = bytes.min(AT_ONCE);
        // SAFETY: in the partition's memory (`sbi::decode`). It may change at any time: each byte is read once.
        let read = |n| unsafe { ((at + n) as *const u8).read_volatile() };
        self.consoles.write(here.id, (0..bytes).map(read));
        bytes
    }
}

fn identify(identity: Identity) -> u64 {
    match identity {
        Identity::Known(number) => number,
        Identity::Vendor => csr::vendor(),
        Identity::Architecture => csr::architecture(),
        Identity::Implementation => csr::implementation(),
    }
}

fn ending(reset: Reset) -> What {
    match reset {
        Reset::PowerOff => What::PowerOff,
        Reset::Reboot => What::Reset,
        Reset::Crash => What::Crashed,
    }
}
