//! Does what a decoded call asks for ([`crate::sbi`]). Nothing here fails that the decoder could have refused.

use crate::console::AT_ONCE;
use crate::context::Context;
use crate::csr;
use crate::monitor::{Here, Monitor, pass_timer};
use crate::platform::Platform;
use crate::remote;
use crate::sbi::{self, Call, Caller, Error, Identity, Reset, Suspend};
use cofferdam_core::ids::CoreId;
use cofferdam_core::life::{Next, Power, PowerError, Start};
use cofferdam_core::table::Policy;

/// States of a hart (SBI, table of HSM states).
const STARTED: u64 = 0;
const STOPPED: u64 = 1;
const START_PENDING: u64 = 2;
const SUSPENDED: u64 = 4;

impl<P: Platform> Monitor<P> {
    /// A call of the partition on this hart.
    pub(crate) fn call(&self, here: Here, context: &mut Context) -> Next {
        let caller = Caller {
            partition: here.partition,
            cores: self.configuration.system.cores,
        };
        let answer = match sbi::decode(caller, context.arguments()) {
            Ok(Call::HartStop) => return self.stop(here),
            Ok(Call::Reset(reset)) => return self.end(here, policy(here, reset)),
            Ok(Call::HartSuspend(how)) => {
                context.answer(0, 0);
                return self.suspend(here, how);
            }
            Ok(call) => self.answer(here, call),
            Err(error) => Err(error),
        };
        match answer {
            Ok(value) => context.answer(0, value),
            Err(error) => context.answer((error as i64).cast_unsigned(), 0),
        }
        Next::Resume
    }

    /// A call that returns, with a value.
    fn answer(&self, here: Here, call: Call) -> Result<u64, Error> {
        match call {
            Call::Identify(identity) => return Ok(identify(identity)),
            Call::SetTimer(at) => self.set_timer(here, at),
            Call::Interrupt(harts) => self.ask(harts, remote::INTERRUPT),
            Call::Fence(_, harts) => self.fence(here, harts),
            Call::HartStart(core, start) => self.start(here, core, start)?,
            Call::HartStatus(core) => return self.status(here, core),
            Call::ConsoleWrite(at, bytes) => return Ok(self.write(here, at, bytes)),
            Call::ConsoleWriteByte(byte) => self.consoles.write(here.id, core::iter::once(byte)),
            Call::ConsoleRead | Call::HartStop | Call::Reset(_) | Call::HartSuspend(_) => {}
        }
        Ok(0)
    }

    fn set_timer(&self, here: Here, at: u64) {
        self.configuration.hardware.clint.set_timer(here.hart, at);
        csr::clear_pending(csr::STI);
        csr::enable(csr::MTI);
    }

    fn start(&self, here: Here, core: CoreId, start: Start) -> Result<(), Error> {
        let outcome = self.life.with(|life| life.power_on(here.id, core, start));
        match outcome {
            Ok(outcome) => {
                self.carry_out(outcome);
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
        let asleep = self.remote(core).is_some_and(|it| it.is_suspended());
        match power.ok_or(Error::InvalidParam)? {
            Power::On if asleep => Ok(SUSPENDED),
            Power::On => Ok(STARTED),
            Power::Starting(_) => Ok(START_PENDING),
            Power::Off => Ok(STOPPED),
        }
    }

    fn stop(&self, here: Here) -> Next {
        let outcome = self.life.with(|life| life.power_off(here.id, here.core));
        self.carry_out(outcome)
    }

    pub(crate) fn end(&self, here: Here, policy: Policy) -> Next {
        let outcome = self.life.with(|life| life.end(here.id, here.core, policy));
        self.carry_out(outcome)
    }

    /// Sleeps until an interrupt that S-mode has enabled is pending (9.4), or the partition ends.
    fn suspend(&self, here: Here, how: Suspend) -> Next {
        let Some(remote) = self.remote(here.core) else {
            return Next::Resume;
        };
        remote.set_suspended(true);
        let next = loop {
            match self.serve(here) {
                Next::Resume => {}
                next => break next,
            }
            if csr::pending() & csr::enabled() & csr::MTI != 0 {
                pass_timer();
            }
            if csr::pending() & csr::enabled() & csr::SUPERVISOR != 0 {
                break match how {
                    Suspend::Retentive => Next::Resume,
                    Suspend::NonRetentive(start) => Next::Start(start),
                };
            }
            csr::wait();
        };
        remote.set_suspended(false);
        next
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

fn policy(here: Here, reset: Reset) -> Policy {
    match reset {
        Reset::PowerOff => here.partition.on_power_off,
        Reset::Reboot => here.partition.on_reset,
        Reset::Crash => here.partition.on_crash,
    }
}
