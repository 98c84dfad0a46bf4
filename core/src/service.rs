//! Services, the calls that a user adds to the monitor's own: how one is found, who may make it, and how its
//! registers become typed arguments.
//!
//! `sossl` generates a [`Table`] and a function for each service from the system description. Here is what
//! those functions are made of, so that it is written and tested once. Nothing is believed: an argument is a number in
//! its range, a region lies in the caller's own memory, or the handler is never called.
//!
//! Calling convention: SMCCC 1.2 (Arm DEN0028: function identifiers, register use); elsewhere its identifiers, by what the
//! architecture's own calls have for registers.

use crate::bucket::{Bucket, Limit};
use crate::ids::{CoreId, MAX_CORES, MAX_PARTITIONS, PartitionId, Slot};
use cofferdam_abi::call::SUCCESS;
use cofferdam_abi::service as abi;
use core::fmt;
use core::ops::RangeInclusive;
use core::sync::atomic::{AtomicU64, Ordering};

pub use cofferdam_abi::call::Error;

/// x0 to x17 of a caller: the function identifier and arguments; then status and results.
pub type Registers = [u64; 18];

/// A slot of a core: where a call comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u8);

/// Places that a system can have.
pub const PLACES: usize = 2 * MAX_CORES;

impl Place {
    /// A slot of a core.
    pub const fn new(slot: Slot, core: CoreId) -> Self {
        Self((slot as u8) << 3 | core.0)
    }

    /// The core.
    pub const fn core(self) -> CoreId {
        CoreId(self.0 & 7)
    }

    /// Its index, for tables: below [`PLACES`].
    pub const fn index(self) -> usize {
        self.0 as usize & (PLACES - 1)
    }
}

const _: () = assert!(MAX_CORES == 8, "a place has three bits for its core");

/// Places that may make a call: those of its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callers(u32);

impl Callers {
    /// Nobody.
    pub const NONE: Self = Self(0);

    /// The places whose bits are set.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether a call from there is allowed.
    pub const fn contain(self, place: Place) -> bool {
        cfg!(feature = "weaken-caller") || self.0.wrapping_shr(place.0 as u32) & 1 != 0
    }
}

/// Who calls, as a handler sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The partition: one of the service's callers.
    pub partition: PartitionId,
    /// The core that it calls from, and that the handler runs on.
    pub core: CoreId,
}

/// A service, or nothing, at a number.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Function identifier, with its range and convention. 0, which is no fast call, where there is none.
    pub id: u32,
    /// Who may call.
    pub callers: Callers,
    /// Decodes the arguments, calls the handler, and leaves status and results in the registers. Says that it did: the
    /// last word on a call is so the service's own.
    pub run: fn(&mut Registers, Place) -> bool,
}

impl Entry {
    /// No service.
    pub const NONE: Self = Self {
        id: 0,
        callers: Callers::NONE,
        run: |registers, _| settle(registers, |_| Err(Error::NotSupported)),
    };
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} for {:#x}", self.id, self.callers.0)
    }
}

/// All services by their numbers, of both ranges in turn (SiP, OEM), so that finding one takes the same few
/// instructions however many there are.
#[derive(Clone, Copy, Debug)]
pub struct Table<const N: usize>(pub [[Entry; 2]; N]);

/// SMCCC's general queries of the SiP range (DEN0028, general service queries), in the 32-bit convention; the OEM range's
/// differ by [`OEM`].
const QUERY_UID: u32 = 0x8200_ff01;
const QUERY_REVISION: u32 = 0x8200_ff03;
const OEM: u32 = 1 << 24;

/// Bits of an identifier that must be a service's own: all. Without the convention only in a positive control.
const MEANT: u32 = if cfg!(feature = "weaken-convention") {
    !(1 << 30)
} else {
    u32::MAX
};

impl<const N: usize> Table<N> {
    /// Answers a call of the SiP or OEM range. `false`, with nothing changed, if it is none of the services'.
    // Into the vectors' own entry, where the table is a constant: a call costs the fewest instructions so.
    #[inline(always)]
    pub fn answer(&self, registers: &mut Registers, place: Place) -> bool {
        let id = low(registers[0]);
        let Some([sip, oem]) = self.0.get((id & 0xffff) as usize) else {
            return query(id, registers);
        };
        let entry = if id & OEM == 0 { sip } else { oem };
        if (entry.id ^ id) & MEANT != 0 {
            // Its number is another convention's, or nobody's.
            settle(registers, |_| Err(Error::NotSupported))
        } else if !entry.callers.contain(place) {
            settle(registers, |_| Err(Error::Denied))
        } else {
            (entry.run)(registers, place)
        }
    }
}

/// Whether an identifier is one of the two ranges: a fast call of owner 2 or 3, in either convention (DEN0028, function
/// identifiers).
pub const fn is_in_range(id: u32) -> bool {
    const CONVENTION: u32 = 1 << 30;
    (id & !(CONVENTION | OEM)) >> 24 == 0x82
}

/// The identity and the revision of the services of a range.
#[cold]
fn query(id: u32, registers: &mut Registers) -> bool {
    let answer = match id & !OEM {
        QUERY_UID => abi::UID,
        QUERY_REVISION => [abi::REVISION.0, abi::REVISION.1, 0, 0],
        _ => return false,
    };
    for (register, word) in registers.iter_mut().zip(answer) {
        *register = u64::from(word);
    }
    true
}

/// What a register of the 32-bit convention holds: its upper half says nothing (DEN0028, SMC32: W1 to W7).
pub const fn low(register: u64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the upper half is not meant"
    )]
    let low = register as u32;
    low
}

/// Calls a service's function and leaves its status in x0. Always true, for [`Entry::run`].
#[inline(always)]
pub fn settle(
    registers: &mut Registers,
    service: impl FnOnce(&mut Registers) -> Result<(), Error>,
) -> bool {
    registers[0] = status(service(registers));
    true
}

/// What a handler in C answers, as a result.
///
/// # Errors
/// What it refuses; a status that is none is [`Error::NotSupported`].
pub fn answered(status: i64) -> Result<(), Error> {
    cofferdam_abi::call::check(status.cast_unsigned())
}

const fn status(result: Result<(), Error>) -> u64 {
    match result {
        Ok(()) => SUCCESS.cast_unsigned(),
        Err(error) => (error as i64).cast_unsigned(),
    }
}

/// An argument of 32 bits in its range.
///
/// # Errors
/// [`Error::InvalidParameter`], as for all arguments.
pub fn u32_in(register: u64, range: RangeInclusive<u32>) -> Result<u32, Error> {
    match u32::try_from(register) {
        Ok(value) => within(value, range),
        Err(_) if cfg!(feature = "weaken-argument") => Ok(low(register)),
        Err(_) => Err(Error::InvalidParameter),
    }
}

/// An argument of 64 bits in its range.
///
/// # Errors
/// [`Error::InvalidParameter`].
pub fn u64_in(register: u64, range: RangeInclusive<u64>) -> Result<u64, Error> {
    within(register, range)
}

/// A signed argument in its range.
///
/// # Errors
/// [`Error::InvalidParameter`].
pub fn i64_in(register: u64, range: RangeInclusive<i64>) -> Result<i64, Error> {
    within(register.cast_signed(), range)
}

/// A truth value: 0 or 1 and nothing else.
///
/// # Errors
/// [`Error::InvalidParameter`].
pub fn truth(register: u64) -> Result<bool, Error> {
    match register {
        0 => Ok(false),
        1 => Ok(true),
        _ if cfg!(feature = "weaken-argument") => Ok(true),
        _ => Err(Error::InvalidParameter),
    }
}

fn within<T: PartialOrd>(value: T, range: RangeInclusive<T>) -> Result<T, Error> {
    if cfg!(feature = "weaken-argument") || range.contains(&value) {
        Ok(value)
    } else {
        Err(Error::InvalidParameter)
    }
}

/// How often each caller may still call a service.
#[derive(Debug)]
pub struct Limits {
    limit: Limit,
    /// The state of each caller's bucket: no partition waits for another.
    buckets: [AtomicU64; MAX_PARTITIONS],
}

impl Limits {
    /// Nobody has called yet.
    pub const fn new(limit: Limit) -> Self {
        assert!(
            limit.interval > 0,
            "the limit of a service is above one call in a tick of the counter: lower `calls`"
        );
        Self {
            limit,
            buckets: [const { AtomicU64::new(Bucket::FULL.state()) }; MAX_PARTITIONS],
        }
    }

    /// Counts a call, at this value of the counter.
    ///
    /// # Errors
    /// [`Error::Busy`] if the caller has had all that it may for now, or calls from two cores at once.
    pub fn take(&self, caller: Caller, now: u64) -> Result<(), Error> {
        let state = self.buckets.get(caller.partition.index());
        let state = state.ok_or(Error::Busy)?;
        let before = state.load(Ordering::Relaxed);
        let mut bucket = Bucket::from_state(before);
        let taken = bucket.take(self.limit, now)
            && state
                .compare_exchange(before, bucket.state(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if taken { Ok(()) } else { Err(Error::Busy) }
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
