//! A slot of a hart: what a partition, or a thread of the monitor, left in its registers, and what the assembly finds by
//! offset.

use cofferdam_core::ids::Slot;
use cofferdam_core::life::Start;
use core::arch::global_asm;
use core::ffi::c_void;
use core::mem::{offset_of, size_of};

use crate::hart::{Hart, Kinds, Quick};
use crate::pmp::{self, Image};
use crate::remote::{Remote, Tickets};
use crate::service;
use crate::supervisor::{Delegated, Supervisor};
use crate::{counter, csr};
use crate::{floating_point, sbi, stack};

/// A timer that never fires.
pub const NEVER: u64 = u64::MAX;

/// What a slot does when it has the hart. Its first word says which, to `trap.S` too.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum State {
    /// Goes on at its pc.
    Runs = 0,
    /// Waits for an interrupt that it enabled, and then goes on at its pc.
    Waits = WAITS,
    /// Likewise, and then begins there.
    WaitsToBegin(Start),
    /// Begins there.
    Begins(Start),
    /// Waits for fences of its partition's other harts.
    Fences(Tickets),
    /// Is a thread of the monitor, which goes on at its pc.
    Loads,
    /// Nothing.
    Empty,
}

const WAITS: u64 = 1;

impl State {
    /// Whether an interrupt ends it.
    pub const fn waits(&self) -> bool {
        matches!(self, Self::Waits | Self::WaitsToBegin(_))
    }
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
    /// Of what other harts ask of it, and of what it can reach.
    remote: u64,
    image: u64,
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
        remote: 0,
        image: 0,
        supervisor: Supervisor::new(Delegated::NOTHING),
        floating_point: floating_point::ZERO,
        timer: NEVER,
        state: State::Empty,
    };

    /// Where everything is that it goes with.
    pub(crate) fn place(&mut self, hart: u64, remote: &'static Remote, image: &'static Image) {
        self.hart = hart;
        self.remote = core::ptr::from_ref(remote).expose_provenance() as u64;
        self.image = core::ptr::from_ref(image).expose_provenance() as u64;
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
        self.state = State::Loads;
        if let Some(sp) = self.registers.get_mut(SP) {
            *sp = stack;
        }
    }

    /// Whether a thread of the monitor is in it.
    pub fn is_thread(&self) -> bool {
        matches!(self.state, State::Loads)
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

const fn supervisor(field: usize) -> usize {
    offset_of!(Context, supervisor) + field
}

// `switch.S` loads these entries, and stores to a hart's first word to drop a reservation.
const _: () = assert!(pmp::LOCKED == 3 && offset_of!(Hart, scratch) == 0);

global_asm!(
    include_str!("trap.S"),
    include_str!("switch.S"),
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
    HAS_MORE = const quick(offset_of!(Quick, has_more)),
    CLOCK = const quick(offset_of!(Quick, clock)),
    COMPARE = const quick(offset_of!(Quick, compare)),
    OTHERS = const quick(offset_of!(Quick, others)),
    WATCH = const quick(offset_of!(Quick, watch)),
    SLEEPER = const quick(offset_of!(Quick, sleeper)),
    PUBLISHED = const quick(offset_of!(Quick, published)),
    KINDS = const quick(offset_of!(Quick, kinds)),
    GATE = const quick(offset_of!(Quick, gate)),
    PRIORITIES = const quick(offset_of!(Quick, priorities)),
    THRESHOLD = const quick(offset_of!(Quick, threshold)),
    SINCE = const offset_of!(Hart, since),
    LOADED = const offset_of!(Hart, loaded),
    CRITICAL = const Hart::context(Slot::Critical),
    RICH = const Hart::context(Slot::Rich),
    RICH_SLOT = const Slot::Rich as u8,
    ENVIRONMENT = const Kinds::ENVIRONMENT,
    WIDE = const Kinds::WIDE,
    EXTERNAL = const Kinds::EXTERNAL,
    REMOTE = const offset_of!(Context, remote),
    IMAGE = const offset_of!(Context, image),
    STATE = const offset_of!(Context, state),
    WAITS = const WAITS,
    REGISTERS = const offset_of!(Context, floating_point),
    EXCEPTIONS = const supervisor(offset_of!(Supervisor, delegated) + offset_of!(Delegated, exceptions)),
    INTERRUPTS = const supervisor(offset_of!(Supervisor, delegated) + offset_of!(Delegated, interrupts)),
    PENDING = const supervisor(offset_of!(Supervisor, pending)),
    ENABLED = const supervisor(offset_of!(Supervisor, enabled)),
    VECTOR = const supervisor(offset_of!(Supervisor, vector)),
    SCRATCH = const supervisor(offset_of!(Supervisor, scratch)),
    SUPERVISOR_PC = const supervisor(offset_of!(Supervisor, pc)),
    CAUSE = const supervisor(offset_of!(Supervisor, cause)),
    VALUE = const supervisor(offset_of!(Supervisor, value)),
    TRANSLATION = const supervisor(offset_of!(Supervisor, translation)),
    COUNTERS = const supervisor(offset_of!(Supervisor, counters)),
    SUPERVISOR_ENVIRONMENT = const supervisor(offset_of!(Supervisor, environment)),
    ASKED = const offset_of!(Remote, asked),
    DONE = const offset_of!(Remote, done),
    POSTED = const offset_of!(Remote, pending),
    HELD = const offset_of!(Remote, held),
    CONFIGS = const offset_of!(Image, configs),
    ADDRESSES = const offset_of!(Image, addresses),
    WEAKEN_SWITCH = const cfg!(feature = "weaken-switch") as u8,
    WEAKEN_PMP = const cfg!(feature = "weaken-pmp") as u8,
    WEAKEN_GATE = const cfg!(feature = "weaken-gate") as u8,
    SUPERVISOR = const csr::SUPERVISOR,
    FLOATING_POINT = const csr::FLOATING_POINT,
    SOFTWARE = const csr::SOFTWARE,
    SEI = const csr::SEI,
    MEI = const csr::MEI,
    CALL = const csr::CALL,
    ILLEGAL = const csr::ILLEGAL,
    WAIT = const csr::WAIT,
    TIME = const csr::TIME,
    SSI = const csr::SSI,
    STI = const csr::STI,
    BASE = const sbi::extension::BASE,
    SET_TIMER = const sbi::extension::TIME,
    IPI = const sbi::extension::IPI,
    EXTENSION = const sbi::extension::MONITOR,
    CALL_BYTES = const size_of::<service::Call>(),
    IS_BOUND = const offset_of!(Hart, is_bound),
    NOT_SUPPORTED = const cofferdam_abi::call::Error::NotSupported as i64,
    CALL_CONTEXT = const offset_of!(service::Call, context),
    VERSION = const sbi::VERSION,
    TIME_READ = const counter::READ,
    TIME_READ_MASK = const counter::READ_MASK,
);
