//! A slot of a hart: what a partition, or a thread of the monitor, left in its registers, and what the assembly finds by
//! offset.

use cofferdam_core::life::Start;
use core::arch::global_asm;
use core::ffi::c_void;
use core::mem::{offset_of, size_of};

use crate::hart::{Hart, Quick};
use crate::remote::Tickets;
use crate::supervisor::{Delegated, Supervisor};
use crate::{counter, csr};
use crate::{floating_point, sbi, stack};

/// A timer that never fires.
pub const NEVER: u64 = u64::MAX;

/// What a slot does when it has the hart.
#[derive(Clone, Copy, Debug)]
pub enum State {
    /// Nothing.
    Empty,
    /// Goes on at its pc.
    Runs,
    /// Waits for an interrupt that it enabled, and then goes on at its pc, or begins there.
    Waits(Option<Start>),
    /// Begins there.
    Begins(Start),
    /// Waits for fences of its partition's other harts.
    Fences(Tickets),
}

/// What the slot's registers hold while it does not run.
#[derive(Debug)]
#[repr(C)]
pub struct Context {
    /// x1 to x31.
    pub(crate) registers: [u64; 31],
    /// Where it goes on.
    pub pc: u64,
    /// mstatus.
    pub(crate) status: u64,
    /// Address of the [`Hart`] that it is of.
    hart: u64,
    /// S-mode's other registers, while the hart holds another slot's.
    pub supervisor: Supervisor,
    /// The floating-point registers, likewise.
    pub floating_point: floating_point::Registers,
    /// When its timer fires.
    pub timer: u64,
    /// What it does.
    pub state: State,
}

/// Of sp and a0 in [`Context::registers`].
const SP: usize = 1;
const A0: usize = 9;

impl Context {
    /// Nothing was ever in it.
    pub const NEW: Self = Self {
        registers: [0; 31],
        pc: 0,
        status: 0,
        hart: 0,
        supervisor: Supervisor::new(Delegated::NOTHING),
        floating_point: floating_point::ZERO,
        timer: NEVER,
        state: State::Empty,
    };

    pub(crate) fn set_hart(&mut self, hart: u64) {
        self.hart = hart;
    }

    /// Nothing of a partition is left in it.
    pub fn clear(&mut self) {
        self.registers = [0; 31];
        self.floating_point = floating_point::ZERO;
        self.timer = NEVER;
        self.state = State::Empty;
    }

    /// What a call passed, a0 to a7.
    pub fn arguments(&self) -> &[u64; 8] {
        const { assert!(A0 + 8 <= 31) };
        self.registers
            .get(A0..)
            .and_then(|rest| rest.first_chunk())
            .unwrap_or(&[0; 8])
    }

    /// x0 to x31.
    pub fn register(&self, n: u8) -> u64 {
        let place = usize::from(n).checked_sub(1);
        let register = place.and_then(|place| self.registers.get(place));
        register.copied().unwrap_or_default()
    }

    /// Sets one of them; x0 stays zero.
    pub fn set_register(&mut self, n: u8, value: u64) {
        let place = usize::from(n).checked_sub(1);
        if let Some(register) = place.and_then(|place| self.registers.get_mut(place)) {
            *register = value;
        }
    }

    /// Has S-mode take an exception itself, as if it had been delegated.
    pub fn reflect(&mut self, cause: u64, value: u64) {
        self.pc = csr::reflect(self.status, self.pc, cause, value);
        self.status = csr::reflected(self.status);
    }

    /// Answers a call (SBI 3): an error or 0 in a0, a value in a1; everything else is kept.
    pub fn answer(&mut self, error: u64, value: u64) {
        if let Some([a0, a1]) = self.registers.get_mut(A0..A0 + 2) {
            (*a0, *a1) = (error, value);
        }
        // An ECALL has four bytes always; no partition can own the end of the address space.
        self.pc = self.pc.wrapping_add(4);
    }

    /// Answers a call of the monitor's own: a status in a0, values in a1 to a7.
    pub fn answer_with(&mut self, status: u64, values: [u64; 7]) {
        self.answer(status, 0);
        if let Some(places) = self.registers.get_mut(A0 + 1..A0 + 8) {
            places.copy_from_slice(&values);
        }
    }

    /// The hart begins in S-mode: its number and an argument, everything else is zero (SBI, hart_start). `shared`: its
    /// WFI gives the hart to the other slot.
    pub fn begin(&mut self, hart: u64, start: Start, shared: bool) {
        self.run(hart, start, csr::supervisor_status(shared));
    }

    /// A thread of the monitor begins, with one argument and a stack of its own.
    pub fn begin_thread(&mut self, start: Start, stack: u64) {
        self.run(start.argument, start, csr::thread_status());
        if let Some(sp) = self.registers.get_mut(SP) {
            *sp = stack;
        }
    }

    /// Whether a thread of the monitor is in it.
    pub fn is_thread(&self) -> bool {
        matches!(self.state, State::Runs) && csr::is_from_machine(self.status)
    }

    /// Where the stack of that thread is.
    pub fn thread_stack(&self) -> Option<u64> {
        let sp = self.registers.get(SP).copied();
        sp.filter(|_| self.is_thread())
    }

    fn run(&mut self, first: u64, start: Start, status: u64) {
        self.registers = [0; 31];
        if let Some([a0, a1]) = self.registers.get_mut(A0..A0 + 2) {
            (*a0, *a1) = (first, start.argument);
        }
        (self.pc, self.status) = (start.entry, status);
        self.state = State::Runs;
    }
}

/// Goes on with what a context holds.
pub fn resume(context: &Context) -> ! {
    unsafe extern "C" {
        fn cofferdam_resume(context: *const c_void) -> !;
    }
    // SAFETY: what it enters is below M-mode, and comes back by a trap.
    unsafe { cofferdam_resume(core::ptr::from_ref(context).cast()) }
}

global_asm!(
    include_str!("start.S"),
    CORES = const cofferdam_core::ids::MAX_CORES,
    HART_BYTES = const size_of::<Hart>(),
    STACKS_BYTES = const stack::BYTES,
    STACK_TOP = const stack::TOP,
    FATAL_BYTES = const stack::FATAL,
    MSI = const csr::MSI,
    STACK = const offset_of!(Hart, stack),
    FATAL = const offset_of!(Hart, fatal),
    CORE = const offset_of!(Hart, core),
);

const fn register(n: usize) -> usize {
    offset_of!(Context, registers) + 8 * (n - 1)
}

const fn quick(field: usize) -> usize {
    offset_of!(Hart, quick) + field
}

global_asm!(
    include_str!("trap.S"),
    SP = const register(2),
    T0 = const register(5),
    T1 = const register(6),
    T2 = const register(7),
    PC = const offset_of!(Context, pc),
    STATUS = const offset_of!(Context, status),
    HART = const offset_of!(Context, hart),
    TIMER = const offset_of!(Context, timer),
    STACK = const offset_of!(Hart, stack),
    FATAL = const offset_of!(Hart, fatal),
    ID = const quick(offset_of!(Quick, id)),
    HAS_TIMER = const quick(offset_of!(Quick, has_timer)),
    CLOCK = const quick(offset_of!(Quick, clock)),
    COMPARE = const quick(offset_of!(Quick, compare)),
    OTHERS = const quick(offset_of!(Quick, others)),
    CALL = const csr::CALL,
    ILLEGAL = const csr::ILLEGAL,
    WAIT = const csr::WAIT,
    SSI = const csr::SSI,
    STI = const csr::STI,
    BASE = const sbi::extension::BASE,
    SET_TIMER = const sbi::extension::TIME,
    IPI = const sbi::extension::IPI,
    VERSION = const sbi::VERSION,
    TIME_READ = const counter::READ,
    TIME_READ_MASK = const counter::READ_MASK,
);
