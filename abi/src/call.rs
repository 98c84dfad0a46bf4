//! The monitor's own calls, and the codes that they answer.
//!
//! On arm64 they are SMCCC (Arm DEN0028) fast calls, 64-bit convention, in the range of the
//! vendor-specific EL3 monitor service (owning entity 7, reserved in the issues before it was named).
//! The function number is in bits 15:0.
//! Arguments in x1.., status in x0 (an [`Error`] as `i64`, or [`SUCCESS`]), results in x1...
//!
//! On riscv64 they are an SBI extension, [`SBI_EXTENSION`], the function number in a6. Arguments in a0.., status in a0, results in
//! a1 to a7: where x1 to x3 are arguments below, read a0 to a2; for results x1 to x7, a1 to a7. Only `Version`, `JobDone`, `Crash`, `Stats`,
//! `PowerOff`, `Reset`, `Event` and the calls of channels are there. A function that is negative as a number of 32 bits is a service's (decision
//! 0017).

/// Status of a call that did what was asked.
pub const SUCCESS: i64 = 0;

/// Fast call, 64-bit convention, owning entity 7: the base of the monitor's function identifiers.
pub const BASE: u32 = 0xC700_0000;

/// The extension of the SBI that the calls are on riscv64: the range for firmware, with the implementation's number.
pub const SBI_EXTENSION: u64 = 0x0A46_444D;

/// The bit by which a function identifier is of the 64-bit convention.
pub const WIDE: u32 = 1 << 30;

/// A call to the monitor. The number is that of the function within [`BASE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Call {
    /// Answers [`crate::VERSION`] in x1. Any partition.
    Version = 0x00,
    /// The periodic task of a critical partition finished one job. x1: number of the job, counted
    /// from 0; x2: counter value at its release, which the monitor takes from the first report only. Kicks
    /// the partition's watchdog, and the monitor judges the deadline by it.
    JobDone = 0x01,
    /// The partition cannot go on. x1: cause (ESR), x2: address (ELR), x3: FAR. Does not return.
    Crash = 0x02,
    /// Reads counters. x1: partition, x2: core, x3: page (see [`crate::stats`]); answers x1..x7.
    Stats = 0x03,
    /// Critical only. x1: address of the handler of cross calls, 0 to withdraw it. It starts with x0 to x7 of
    /// the caller, at the partition's level with everything masked; x8 to x30, SP and system registers are
    /// those of the WFI that it interrupts, and must be as found when it ends.
    RegisterHandler = 0x04,
    /// Critical only. Ends a cross call: x1..x4 become the caller's x0..x3. Does not return.
    HandlerDone = 0x05,
    /// Critical only. Stops the partition as its description's `on_power_off` says. Does not return.
    PowerOff = 0x06,
    /// Critical only. Restarts the partition as its description's `on_reset` says. Does not return.
    Reset = 0x07,
    /// Reads one record of the log. x1: its number, counted from 0; answers x1: the oldest that is kept, which is also how many
    /// were lost; x2: the next to come; of the record, if it is kept: x3: counter value, x4: what happened, with the core from
    /// bit 8 on, x5: partition, all ones for none, x6: more of it.
    Event = 0x08,
    /// An end of a channel only, as the next two. x1: the channel. Answers x1: an epoch of the channel that this end has not
    /// begun (see `docs/virtualnet.md`); never 0, never one twice. If the current one was not given to this end yet, it is. Otherwise
    /// the channel moves on to the next one, and the other end's doorbell rings. The caller's doorbell is acknowledged.
    /// [`Error::Busy`] if this end asks for new epochs too often, or the channel is held off after a flood.
    ChannelBegin = 0x09,
    /// Rings the other end's doorbell. x1: the channel. Success also when the doorbell was rung already, or when it
    /// is delivered later because its limit is reached. [`Error::Denied`] once the channel was flooded with rings, until its next epoch begins.
    ChannelRing = 0x0A,
    /// Acknowledges the caller's doorbell; an end that polls uses just this. x1: the channel. Answers x1: 1 if it was delivered since the last
    /// time; x2: the current epoch; x3: 1 if the other end's partition runs; x4: rings of the other end; x5: how many
    /// became a delivery to this end; x6: floods that ended an epoch; x7: 1 while rings are denied.
    ChannelAcknowledge = 0x0B,
    /// Takes the request that waits the longest for the caller, which handles its service. Answers x1: its ticket; x2: the
    /// service's function identifier in bits 31:0, the partition that asks in bits 63:32; x3..x17: the arguments, checked.
    /// [`Error::Busy`] if none waits.
    ServiceTake = 0x10,
    /// Answers a request that was taken. x1: its ticket; x2: 0 or an [`Error`]; x3..x17: the results. [`Error::Gone`] if who
    /// asked ended meanwhile: then nothing of theirs may be touched any more.
    ServiceComplete = 0x11,
    /// Asks for the answer of a request. x1: its ticket, as its service's call answered in x1. Answers, once, its status and
    /// x1..x15: the results. [`Error::Busy`] until then; [`Error::Gone`] for what is no ticket (any more) of the caller's.
    ServicePoll = 0x12,
    /// Where `features: profiling` is on. x1: the number of a hook, as in the description, from 0. Answers x1: how often it was
    /// called; x2: the longest time that it took, in ticks; x3: the most instructions that it may take.
    Hook = 0x18,
    /// Critical only, for one in AArch32, which has no register of its timer. x1: 1 to have the Secure physical timer fire at counter
    /// value x2, 0 to stop it.
    SetTimer = 0x1C,
    /// Critical only, where `migration:` has `call`. x1: the core to go on on, one of the partition's, by its place in the board's
    /// list. Returns there: with interrupts enabled as they were, the timer armed as it was, what was pending still pending. To
    /// be called where no interrupt is active and no cross call is answered: [`Error::Busy`].
    Migrate = 0x1D,
}

impl Call {
    /// The SMCCC function identifier (bits 31:0 of x0).
    pub const fn function_id(self) -> u32 {
        BASE | self as u32
    }

    /// The call with this function identifier, if it is one of the monitor's.
    pub const fn from_function_id(id: u32) -> Option<Self> {
        if id & 0xFFFF_0000 != BASE {
            return None;
        }
        Self::from_number(id & 0xFFFF)
    }

    /// The call with this number in the monitor's range.
    pub const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0x00 => Self::Version,
            0x01 => Self::JobDone,
            0x02 => Self::Crash,
            0x03 => Self::Stats,
            0x04 => Self::RegisterHandler,
            0x05 => Self::HandlerDone,
            0x06 => Self::PowerOff,
            0x07 => Self::Reset,
            0x08 => Self::Event,
            0x09 => Self::ChannelBegin,
            0x0A => Self::ChannelRing,
            0x0B => Self::ChannelAcknowledge,
            0x10 => Self::ServiceTake,
            0x11 => Self::ServiceComplete,
            0x12 => Self::ServicePoll,
            0x18 => Self::Hook,
            0x1C => Self::SetTimer,
            0x1D => Self::Migrate,
            _ => return None,
        })
    }

    /// The same for a caller in AArch32, which has the 32-bit convention only: [`BASE`] without [`WIDE`]. Its second
    /// argument, where it has 64 bits, is in w2 and w3, the lower half in w2. What answers words of 64 bits, and handlers of cross calls, it does not have.
    pub const fn from_narrow_id(id: u32) -> Option<Self> {
        if id & WIDE != 0 {
            return None;
        }
        match Self::from_function_id(id | WIDE) {
            Some(Self::Stats | Self::Event | Self::RegisterHandler | Self::HandlerDone) => None,
            call => call,
        }
    }
}

/// Why a call was refused. A refused call changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Error {
    /// No such call, or not from this partition (SMCCC: what an unknown function identifier answers).
    NotSupported = -1,
    /// The caller is not allowed to do this.
    Denied = -2,
    /// An argument is out of range.
    InvalidParameter = -3,
    /// Cannot be done now; the caller may try again.
    Busy = -4,
    /// What was asked for is not there any more: its ticket is old, or one of the two partitions ended.
    Gone = -5,
}

/// Reads the status (x0) of a monitor call.
///
/// A status that this version of the interface does not know is an error all the same: it is read
/// as [`Error::NotSupported`], so that a caller never takes it for success.
pub fn check(status: u64) -> Result<(), Error> {
    const DENIED: i64 = Error::Denied as i64;
    const INVALID_PARAMETER: i64 = Error::InvalidParameter as i64;
    const BUSY: i64 = Error::Busy as i64;
    const GONE: i64 = Error::Gone as i64;
    match status.cast_signed() {
        SUCCESS => Ok(()),
        DENIED => Err(Error::Denied),
        INVALID_PARAMETER => Err(Error::InvalidParameter),
        BUSY => Err(Error::Busy),
        GONE => Err(Error::Gone),
        _ => Err(Error::NotSupported),
    }
}

/// The range of function identifiers that is passed to the handler that a critical partition
/// registered: SMCCC calls to Trusted Applications and a Trusted OS, owning entities 48 to 63, fast, either convention.
pub const fn is_cross_call(id: u32) -> bool {
    id & CROSS_CALL == CROSS_CALL
}

/// The bits that all of these have, and no other fast call: bit 31, and the two upper ones of the owner.
pub const CROSS_CALL: u32 = 0xB000_0000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_decodes_to_itself() {
        let mut known = 0;
        // Miri is a hundred times slower.
        for n in 0..=if cfg!(miri) { 0xFF } else { 0xFFFF } {
            if let Some(call) = Call::from_function_id(BASE | n) {
                assert_eq!(call.function_id(), BASE | n);
                known += 1;
            }
        }
        assert_eq!(known, 18);
        assert_eq!(Call::from_function_id(0x8400_0000), None);
        assert_eq!(Call::from_function_id(0x8700_0000), None);
    }

    #[test]
    fn aarch32_has_the_narrow_form_of_what_it_can_use() {
        let narrow = |call: Call| Call::from_narrow_id(call.function_id() & !WIDE);
        assert_eq!(narrow(Call::JobDone), Some(Call::JobDone));
        assert_eq!(narrow(Call::SetTimer), Some(Call::SetTimer));
        assert_eq!(narrow(Call::Stats), None);
        assert_eq!(narrow(Call::HandlerDone), None);
        assert_eq!(Call::from_narrow_id(Call::Version.function_id()), None);
        assert_eq!(Call::from_narrow_id(0x8400_0000), None);
    }

    #[test]
    fn cross_calls_are_fast_and_to_trusted_software() {
        for id in (0..=0xFF).map(|top| top << 24) {
            let owner = (id >> 24) & 0x3F;
            assert_eq!(
                is_cross_call(id),
                id >= 0x8000_0000 && owner >= 48,
                "{id:#x}"
            );
        }
        assert!(is_cross_call(0xF200_0000));
        assert!(is_cross_call(0xFF00_FFFF));
        assert!(is_cross_call(0xB200_0000));
        assert!(!is_cross_call(0x7200_0000), "yielding");
        assert!(!is_cross_call(0xC700_0000));
        assert!(is_cross_call(0xF000_0000), "trusted application range");
        assert!(!is_cross_call(0xEF00_0000));
    }

    #[test]
    fn every_error_is_read_back() {
        for error in [
            Error::NotSupported,
            Error::Denied,
            Error::InvalidParameter,
            Error::Busy,
            Error::Gone,
        ] {
            assert_eq!(check((error as i64).cast_unsigned()), Err(error));
        }
        assert_eq!(check(0), Ok(()));
    }

    #[test]
    fn an_unknown_status_is_never_success() {
        assert_eq!(check(1), Err(Error::NotSupported));
        assert_eq!(check(u64::from(u32::MAX)), Err(Error::NotSupported));
    }
}
