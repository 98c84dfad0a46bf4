//! Supervisor Binary Interface 2.0: what a partition's call asks for, decoded and checked completely before
//! anything is done (chapters 3 to 5, 6 to 9, 12), but for what `trap.S` answers already, set_timer and services among it. Offered are Base, TIME, IPI, RFENCE, HSM, SRST and DBCN, and the monitor's
//! own calls; the legacy ones are not.
//!
//! Every hart and every address of a call is the caller's own, or the call is refused: a [`Call`] names nothing else.

use cofferdam_core::ids::{CoreId, CoreSet};
use cofferdam_core::life::Start;
use cofferdam_core::table::{Core, Partition};

/// The version of the specification, as Base reports it: major in bits 30 to 24, minor below.
pub const VERSION: u64 = 2 << 24;
/// "FDM", of 24 bits. Not registered: the specification's list of implementations is kept by hand.
pub const IMPLEMENTATION: u64 = 0x46_444d;

/// Extensions by their numbers.
pub mod extension {
    /// Base.
    pub const BASE: u64 = 0x10;
    /// Timer.
    pub const TIME: u64 = 0x5449_4d45;
    /// Inter-processor interrupts.
    pub const IPI: u64 = 0x0073_5049;
    /// Remote fences.
    pub const RFENCE: u64 = 0x5246_4e43;
    /// Hart state management.
    pub const HSM: u64 = 0x0048_534d;
    /// System reset.
    pub const SRST: u64 = 0x5352_5354;
    /// Debug console.
    pub const DBCN: u64 = 0x4442_434e;

    /// The monitor's own calls (3.4: the range for firmware, and in it the number of the implementation).
    pub const MONITOR: u64 = cofferdam_abi::call::SBI_EXTENSION;

    /// All that there are.
    pub const ALL: [u64; 8] = [BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN, MONITOR];
}

/// Whether arguments count as the specification says: a firmware for tests takes what is reserved, too.
const STRICT: bool = !cfg!(feature = "weaken-sbi");

/// What a refused call answers in `a0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Error {
    /// Tried, and not done.
    Failed = -1,
    /// There is no such call.
    NotSupported = -2,
    /// An argument cannot be.
    InvalidParam = -3,
    /// An address is not the caller's, or no instruction can be there.
    InvalidAddress = -5,
    /// The hart runs, or is on its way.
    AlreadyAvailable = -6,
}

/// What Base answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A number that is known here.
    Known(u64),
    /// mvendorid.
    Vendor,
    /// marchid.
    Architecture,
    /// mimpid.
    Implementation,
}

/// What other harts are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// FENCE.I
    Instructions,
    /// SFENCE.VMA. The range and the address space of the call are hints, and all is flushed.
    Translations,
}

/// How a hart sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspend {
    /// It goes on behind the call.
    Retentive,
    /// It goes on there, as if started.
    NonRetentive(Start),
}

/// How a partition ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// It powers off.
    PowerOff,
    /// It reboots.
    Reboot,
    /// Either, because it failed.
    Crash,
}

/// What a call asks for. All of it is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A number.
    Identify(Identity),
    /// Supervisor software interrupts.
    Interrupt(CoreSet),
    /// Remote fences.
    Fence(Fence, CoreSet),
    /// A hart is to start.
    HartStart(CoreId, Start),
    /// This hart is done.
    HartStop,
    /// How is this hart?
    HartStatus(CoreId),
    /// This hart sleeps.
    HartSuspend(Suspend),
    /// The partition ends.
    Reset(Reset),
    /// Text to the console: address and bytes, all in the caller's memory, or no bytes.
    ConsoleWrite(u64, u64),
    /// There is never any input.
    ConsoleRead,
    /// A byte to the console.
    ConsoleWriteByte(u8),
    /// One of the monitor's own, with its arguments.
    Monitor(cofferdam_abi::call::Call, [u64; 3]),
}

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// What it owns.
    pub partition: &'a Partition,
    /// The harts of the board.
    pub cores: &'a [Core],
}

/// `a0` to `a7` of a call.
pub type Registers = [u64; 8];

/// Decodes a call (chapter 3: the extension in a7, the function in a6).
pub fn decode(caller: Caller<'_>, registers: &Registers) -> Result<Call, Error> {
    let &[a0, a1, a2, a3, _, _, function, extension] = registers;
    match (extension, function) {
        (extension::BASE, _) => base(function, a0),
        (extension::IPI, 0) => Ok(Call::Interrupt(caller.harts(a0, a1)?)),
        (extension::RFENCE, 0) => Ok(Call::Fence(Fence::Instructions, caller.harts(a0, a1)?)),
        (extension::RFENCE, 1 | 2) => {
            let harts = caller.harts(a0, a1)?;
            check_range(a2, a3)?;
            Ok(Call::Fence(Fence::Translations, harts))
        }
        (extension::HSM, 0) => Ok(Call::HartStart(caller.hart(a0)?, caller.entry(a1, a2)?)),
        (extension::HSM, 1) => Ok(Call::HartStop),
        (extension::HSM, 2) => Ok(Call::HartStatus(caller.hart(a0)?)),
        (extension::HSM, 3) => caller.suspend(a0, a1, a2),
        (extension::SRST, 0) => reset(a0, a1),
        (extension::DBCN, 0) => {
            caller.console(a0, a1, a2)?;
            Ok(Call::ConsoleWrite(a1, a0))
        }
        (extension::DBCN, 1) => {
            caller.console(a0, a1, a2)?;
            Ok(Call::ConsoleRead)
        }
        // The byte is the low one of a0 (12.3).
        (extension::DBCN, 2) => Ok(Call::ConsoleWriteByte(a0.to_le_bytes()[0])),
        (extension::MONITOR, _) => {
            let number = u32::try_from(function).ok();
            let call = number.and_then(cofferdam_abi::call::Call::from_number);
            call.map(|call| Call::Monitor(call, [a0, a1, a2]))
                .ok_or(Error::NotSupported)
        }
        // RFENCE 3 to 6 are for the H extension, whose harts are not offered.
        _ => Err(Error::NotSupported),
    }
}

/// Chapter 4. Calls of Base do not fail, but for functions that there are not.
fn base(function: u64, argument: u64) -> Result<Call, Error> {
    let identity = match function {
        0 => Identity::Known(VERSION),
        1 => Identity::Known(IMPLEMENTATION),
        2 => Identity::Known(0x1_0000),
        3 => Identity::Known(u64::from(extension::ALL.contains(&argument))),
        4 => Identity::Vendor,
        5 => Identity::Architecture,
        6 => Identity::Implementation,
        _ => return Err(Error::NotSupported),
    };
    Ok(Call::Identify(identity))
}

/// Chapter 8: all of the address space, or a range that does not go past its end.
fn check_range(start: u64, size: u64) -> Result<(), Error> {
    let whole = size == u64::MAX;
    let last = size.checked_sub(1);
    let fits = last.is_none_or(|last| start.checked_add(last).is_some());
    if whole || fits || !STRICT {
        Ok(())
    } else {
        Err(Error::InvalidAddress)
    }
}

/// Chapter 10, Tables of types and reasons: 0 to 2, and 0 or 1; the rest is reserved or nobody's here.
fn reset(kind: u64, reason: u64) -> Result<Call, Error> {
    // Both are 32 bits wide; what stands above must not count.
    let (kind, reason) = (kind & 0xffff_ffff, reason & 0xffff_ffff);
    match (kind, reason) {
        (0..=2, 1) => Ok(Call::Reset(Reset::Crash)),
        (0, 0) => Ok(Call::Reset(Reset::PowerOff)),
        (1 | 2, 0) => Ok(Call::Reset(Reset::Reboot)),
        _ => Err(Error::InvalidParam),
    }
}

impl Caller<'_> {
    fn has(&self, core: CoreId) -> bool {
        cfg!(feature = "weaken-owner") || self.partition.cores.contains(core)
    }

    /// Whether bytes are the caller's own memory.
    fn owns(&self, start: u64, bytes: u64) -> bool {
        cfg!(feature = "weaken-owner") || self.partition.owns(start, bytes)
    }

    /// A hart of the caller by its number.
    fn hart(&self, id: u64) -> Result<CoreId, Error> {
        let mut known = (0..).map(CoreId).zip(self.cores);
        known
            .find(|(core, it)| it.hardware_id == id && self.has(*core))
            .map(|(core, _)| core)
            .ok_or(Error::InvalidParam)
    }

    /// A hart mask (3.2): bit n of `mask` is the hart `base + n`, a base of all ones all harts. One that is not the
    /// caller's, and nothing is done.
    fn harts(&self, mask: u64, base: u64) -> Result<CoreSet, Error> {
        if base == u64::MAX {
            return Ok(self.partition.cores);
        }
        let bits = (0..64_u64).filter(|bit| mask >> bit & 1 != 0);
        bits.map(|bit| base.checked_add(bit).ok_or(Error::InvalidParam))
            .try_fold(CoreSet::EMPTY, |harts, id| {
                Ok(harts.union(CoreSet::one(self.hart(id?)?)))
            })
    }

    /// An address to start at: an instruction of two bytes at least fits there.
    fn entry(&self, entry: u64, argument: u64) -> Result<Start, Error> {
        if entry.is_multiple_of(2) && self.owns(entry, 2) {
            Ok(Start { entry, argument })
        } else {
            Err(Error::InvalidAddress)
        }
    }

    /// 9.4: the two types that are not reserved and not some platform's.
    fn suspend(&self, kind: u64, entry: u64, argument: u64) -> Result<Call, Error> {
        match kind & 0xffff_ffff {
            0x8000_0000 => {
                let start = self.entry(entry, argument)?;
                Ok(Call::HartSuspend(Suspend::NonRetentive(start)))
            }
            kind if kind == 0 || !STRICT => Ok(Call::HartSuspend(Suspend::Retentive)),
            _ => Err(Error::InvalidParam),
        }
    }

    /// 12.1: the memory is the caller's.
    fn console(&self, bytes: u64, low: u64, high: u64) -> Result<(), Error> {
        let own = bytes == 0 || self.owns(low, bytes);
        if (high == 0 || !STRICT) && own {
            Ok(())
        } else {
            Err(Error::InvalidParam)
        }
    }
}

#[cfg(test)]
#[path = "sbi_tests.rs"]
mod tests;
