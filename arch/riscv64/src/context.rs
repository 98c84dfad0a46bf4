//! The state of a hart: what a partition left in its registers, and what the assembly finds by offset.

use cofferdam_core::ids::{CoreId, MAX_CORES};
use cofferdam_core::life::Start;
use core::arch::global_asm;
use core::cell::UnsafeCell;
use core::mem::{offset_of, size_of};

use crate::{csr, stack};

/// What a partition's registers hold while the monitor runs, and the monitor's stack meanwhile.
#[derive(Debug)]
#[repr(C)]
pub struct Context {
    /// x1 to x31.
    registers: [u64; 31],
    /// Where it goes on.
    pub pc: u64,
    /// mstatus.
    status: u64,
    /// The hart's stack while the monitor runs, and the one for its faults.
    stack: u64,
    fatal: u64,
    /// The hart's index.
    core: u64,
}

/// Of a0 in [`Context::registers`].
const A0: usize = 9;

impl Context {
    const NEW: Self = Self {
        registers: [0; 31],
        pc: 0,
        status: 0,
        stack: 0,
        fatal: 0,
        core: 0,
    };

    /// The hart that it is of.
    pub fn core(&self) -> CoreId {
        // `start.S` counts to `MAX_CORES`.
        CoreId(u8::try_from(self.core).unwrap_or(u8::MAX))
    }

    /// What a call passed, a0 to a7.
    pub fn arguments(&self) -> &[u64; 8] {
        const { assert!(A0 + 8 <= 31) };
        self.registers
            .get(A0..)
            .and_then(|rest| rest.first_chunk())
            .unwrap_or(&[0; 8])
    }

    /// Answers a call (SBI 3): an error or 0 in a0, a value in a1; everything else is kept.
    pub fn answer(&mut self, error: u64, value: u64) {
        if let Some([a0, a1]) = self.registers.get_mut(A0..A0 + 2) {
            (*a0, *a1) = (error, value);
        }
        // An ECALL has four bytes always; no partition can own the end of the address space.
        self.pc = self.pc.wrapping_add(4);
    }

    /// A hart that begins in S-mode: its number and an argument, everything else is zero (SBI, hart_start).
    pub fn begin(&mut self, hart: u64, start: Start) {
        self.registers = [0; 31];
        if let Some([a0, a1]) = self.registers.get_mut(A0..A0 + 2) {
            (*a0, *a1) = (hart, start.argument);
        }
        self.pc = start.entry;
        self.status = csr::supervisor_status();
    }
}

/// The contexts of all harts, by their index.
#[derive(Debug)]
#[repr(transparent)]
pub struct Contexts {
    _all: UnsafeCell<[Context; MAX_CORES]>,
}

// SAFETY: only the assembly reaches them, each hart its own, of which it makes one reference at a time.
unsafe impl Sync for Contexts {}

impl Contexts {
    /// Before any hart started.
    pub const fn new() -> Self {
        Self {
            _all: UnsafeCell::new([Context::NEW; _]),
        }
    }
}

impl Default for Contexts {
    fn default() -> Self {
        Self::new()
    }
}

/// Goes on with what a context holds.
pub fn resume(context: &Context) -> ! {
    unsafe extern "C" {
        fn cofferdam_resume(context: *const Context) -> !;
    }
    // SAFETY: what it enters is below M-mode, and comes back by a trap.
    unsafe { cofferdam_resume(context) }
}

global_asm!(
    include_str!("start.S"),
    CORES = const cofferdam_core::ids::MAX_CORES,
    CONTEXT_BYTES = const size_of::<Context>(),
    STACKS_BYTES = const stack::BYTES,
    STACK_TOP = const stack::TOP,
    FATAL_BYTES = const stack::FATAL,
    MSI = const csr::MSI,
    STACK = const offset_of!(Context, stack),
    FATAL = const offset_of!(Context, fatal),
    CORE = const offset_of!(Context, core),
);

global_asm!(
    include_str!("trap.S"),
    PC = const offset_of!(Context, pc),
    STATUS = const offset_of!(Context, status),
    STACK = const offset_of!(Context, stack),
    FATAL = const offset_of!(Context, fatal),
);
