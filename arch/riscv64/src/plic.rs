//! The platform-level interrupt controller (RISC-V PLIC specification 1.0), which isolates nobody: every hart that reaches its
//! registers reaches all of them.
//!
//! So a partition's accesses to them trap, and are done by the monitor (`emulate.rs`) as far as [`View`] says: of the
//! priority, pending and enable words the bits of the sources that the partition owns, in the contexts of its harts; threshold and claim of the
//! hart that it runs on. Everything else reads as zero, and writes to it do nothing. A context has one owner, so no word is
//! written for two.

use crate::sources::Sources;
use cofferdam_core::ids::CoreId;

/// Where the pending words begin; the priorities begin at 0.
const PENDING: u64 = 0x1000;
/// Where the enable words begin, and how many bytes a context has of them.
const ENABLES: u64 = 0x2000;
const ENABLES_STRIDE: u64 = 0x80;
/// Where the contexts' pages begin, with the threshold and the claim first, and how far apart they are.
const CONTEXTS: u64 = 0x20_0000;
const CONTEXTS_STRIDE: u64 = 0x1000;
const CONTEXTS_MOST: u64 = 15_872;

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// The priority of a source.
    Priority(u32),
    /// Pending bits of the 32 sources from 32 times this on.
    Pending(u32),
    /// Their enable bits in a context.
    Enable(u64, u32),
    /// The priority above which a context is interrupted.
    Threshold(u64),
    /// Claims an interrupt of a context by a load, and completes one by a store.
    Claim(u64),
}

impl Register {
    /// What is so many bytes from the first register.
    pub fn at(offset: u64) -> Option<Self> {
        let word = |from: u64| u32::try_from((offset - from) / 4).ok();
        match offset {
            _ if !offset.is_multiple_of(4) => None,
            0..PENDING => word(0).map(Self::Priority),
            PENDING..0x1080 => word(PENDING).map(Self::Pending),
            ENABLES..0x1f_2000 => {
                let context = (offset - ENABLES) / ENABLES_STRIDE;
                word(ENABLES + ENABLES_STRIDE * context).map(|n| Self::Enable(context, n))
            }
            CONTEXTS.. => {
                let context = (offset - CONTEXTS) / CONTEXTS_STRIDE;
                match (offset - CONTEXTS) % CONTEXTS_STRIDE {
                    0 if context < CONTEXTS_MOST => Some(Self::Threshold(context)),
                    4 if context < CONTEXTS_MOST => Some(Self::Claim(context)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Where it is.
    const fn offset(self) -> u64 {
        match self {
            Self::Priority(source) => 4 * source as u64,
            Self::Pending(word) => PENDING + 4 * word as u64,
            Self::Enable(context, word) => ENABLES + ENABLES_STRIDE * context + 4 * word as u64,
            Self::Threshold(context) => CONTEXTS + CONTEXTS_STRIDE * context,
            Self::Claim(context) => CONTEXTS + CONTEXTS_STRIDE * context + 4,
        }
    }
}

/// A context that a partition has, of which it knows the number of the hart's S-mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Of which hart.
    pub core: CoreId,
    /// Its number in the controller.
    pub context: u64,
}

/// What the partition that runs on a hart has of the controller.
#[derive(Debug)]
pub struct View<'a, S> {
    /// The hart.
    pub here: CoreId,
    /// Its sources.
    pub sources: &'a Sources,
    /// The context of its own that it knows by a number.
    pub seat: S,
}

impl<S: Fn(u64) -> Option<Seat>> View<'_, S> {
    /// The register that the partition means, and which of its bits it sees.
    pub fn load(&self, register: Register) -> Option<(Register, u32)> {
        let open = cfg!(feature = "weaken-plic");
        let anyone_s = |context| Seat {
            core: self.here,
            context,
        };
        let seat = |known| (self.seat)(known).or(open.then(|| anyone_s(known)));
        // Other harts of the partition have no business with it, and the monitor may have changed it for theirs.
        let own = |known| seat(known).filter(|seat| open || seat.core == self.here);
        let all = if open { u32::MAX } else { 0 };
        let bits = |word| self.sources.word(word) | all;
        match register {
            Register::Priority(source) => {
                let owned = open || self.sources.has(source);
                owned.then_some((register, u32::MAX))
            }
            Register::Pending(word) => Some((register, bits(word))),
            Register::Enable(known, word) => {
                let register = Register::Enable(seat(known)?.context, word);
                Some((register, bits(word)))
            }
            Register::Threshold(known) => {
                Some((Register::Threshold(own(known)?.context), u32::MAX))
            }
            Register::Claim(known) => Some((Register::Claim(own(known)?.context), u32::MAX)),
        }
    }

    /// What is written where for a partition that stores a value.
    pub fn store(&self, register: Register, value: u32) -> Option<(Register, u32)> {
        let (to, mask) = self.load(register)?;
        match to {
            Register::Pending(_) => None,
            // Some controllers take it from a context that has not even enabled the source.
            Register::Claim(_) if !self.sources.has(value) && !cfg!(feature = "weaken-plic") => {
                None
            }
            _ => Some((to, value & mask)),
        }
    }
}

/// The registers at this address.
#[derive(Clone, Copy, Debug)]
pub struct Plic {
    /// Where they begin.
    pub at: u64,
    /// How many bytes they take.
    pub size: u64,
    /// The highest source.
    pub sources: u32,
    /// The highest priority: as a threshold it lets nothing through.
    pub priorities: u32,
    /// The context of the first hart's M-mode. Each hart has two, and S-mode's is the second.
    pub first_context: u64,
}

impl Plic {
    /// One without registers.
    pub const NONE: Self = Self {
        at: 0,
        size: 0,
        sources: 0,
        priorities: 0,
        first_context: 0,
    };

    /// The register at an address.
    pub fn register(self, address: u64) -> Option<Register> {
        let offset = address.checked_sub(self.at);
        offset.filter(|it| *it < self.size).and_then(Register::at)
    }

    /// A hart's context for M-mode.
    pub fn machine_context(self, core: CoreId) -> u64 {
        self.first_context + 2 * u64::from(core.0)
    }

    /// That for S-mode.
    pub fn supervisor_context(self, core: CoreId) -> u64 {
        self.machine_context(core) + 1
    }

    /// Where a register is.
    pub fn address(self, register: Register) -> u64 {
        self.at + register.offset()
    }

    /// Of which hart's S-mode a context is.
    pub fn supervised_by(self, context: u64) -> Option<CoreId> {
        let core = context.checked_sub(self.first_context)? / 2;
        let core = CoreId(u8::try_from(core).ok()?);
        (self.supervisor_context(core) == context).then_some(core)
    }

    /// Whether a source is enabled for a context.
    pub fn is_enabled(self, context: u64, source: u32) -> bool {
        self.read(Register::Enable(context, source / 32)) >> (source % 32) & 1 != 0
    }

    /// Whether such a source that is pending interrupts it: above its threshold (Priority Thresholds).
    pub fn interrupts(self, context: u64, source: u32) -> bool {
        self.read(Register::Priority(source)) > self.read(Register::Threshold(context))
    }

    /// Whether it can be claimed, for which the threshold does not count (Interrupt Claim Process); priority 0 is never.
    pub fn has_priority(self, source: u32) -> bool {
        self.read(Register::Priority(source)) != 0
    }

    /// A context gets no interrupt any more.
    pub fn silence(self, context: u64) {
        self.enable(context, &Sources::NONE);
        self.write(Register::Threshold(context), 0);
    }

    /// Nothing of a partition is left in its sources: none is claimed, pending for a request that is over, or has a priority. Only what is
    /// enabled can be claimed and completed, so it is for a while, in a context of the partition's, which is silent afterwards.
    pub fn release(self, context: u64, sources: &Sources) {
        self.enable(context, sources);
        sources.each(|source| {
            self.write(Register::Priority(source), 1);
            self.write(Register::Claim(context), source);
        });
        self.write(Register::Threshold(context), 0);
        // Claimed all before any is completed: a device that still asks would come again in the place of the next one.
        sources.each(|_| {
            let _claimed = self.read(Register::Claim(context));
        });
        sources.each(|source| {
            self.write(Register::Claim(context), source);
            self.write(Register::Priority(source), 0);
        });
        self.silence(context);
    }

    fn enable(self, context: u64, sources: &Sources) {
        for word in 0..=self.sources / 32 {
            self.write(Register::Enable(context, word), sources.word(word));
        }
    }

    /// Reads a register.
    pub fn read(self, register: Register) -> u32 {
        let at = self.address(register) as *const u32;
        // SAFETY: a register of the board, by its description; a claim is its owner's.
        unsafe { at.read_volatile() }
    }

    /// Writes one.
    pub fn write(self, register: Register, value: u32) {
        let at = self.address(register) as *mut u32;
        // SAFETY: a register of the board, by its description; it reaches no memory.
        unsafe { at.write_volatile(value) };
    }
}

#[cfg(test)]
#[path = "plic_tests.rs"]
mod tests;
