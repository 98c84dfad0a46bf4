//! Interrupts in S-mode: the timer's, and those of devices by the PLIC's context of the hart that the partition starts on (PLIC
//! specification 1.0), or by messages to it (`messages.rs`).

use core::arch::asm;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::messages::Messages;
use crate::hardware::{Hardware, Region};

/// An interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterruptId {
    /// The timer's.
    Timer,
    /// A device's, by the number of its source.
    Source(u32),
}

/// scause, and the bit in sie, of the timer's interrupt and of external ones.
const TIMER: u32 = 5;
const EXTERNAL: u32 = 9;
/// Where a PLIC's enable words and contexts begin, and how far apart they are.
const ENABLES: usize = 0x2000;
const ENABLES_STRIDE: usize = 0x80;
const CONTEXTS: usize = 0x20_0000;
const CONTEXTS_STRIDE: usize = 0x1000;

/// The interrupt controller.
#[derive(Clone, Copy, Debug)]
pub struct InterruptController(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Plic(Plic),
    Messages(Messages),
}

/// The version of a controller whose interrupts are messages.
const MESSAGES: u32 = 1;

impl InterruptController {
    /// From what is generated of the system description: `interrupt_controller::VERSION` and `REGISTERS`.
    ///
    /// # Panics
    /// Where those are of another controller, which fails the build.
    pub const fn new<const N: usize>(version: u32, registers: [(usize, usize); N]) -> Self {
        let kind = match registers.as_slice() {
            [domain, files, file] if version == MESSAGES => {
                Kind::Messages(Messages::new(domain.0, files.0, file.0))
            }
            [plic, context] if version != MESSAGES => Kind::Plic(Plic {
                plic: Region::new(*plic).start,
                context: Region::new(*context).start,
            }),
            _ => panic!("registers of another interrupt controller"),
        };
        Self(kind)
    }

    fn enable(self, source: u32) {
        match self.0 {
            Kind::Plic(plic) => plic.enable(source),
            Kind::Messages(messages) => messages.enable(source),
        }
    }

    fn claim(self) -> u32 {
        match self.0 {
            Kind::Plic(plic) => plic.claim(),
            Kind::Messages(messages) => messages.claim(),
        }
    }

    fn complete(self, source: u32) {
        match self.0 {
            Kind::Plic(plic) => plic.complete(source),
            Kind::Messages(messages) => messages.complete(source),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Plic {
    plic: usize,
    /// The page with threshold and claim.
    context: usize,
}

impl Plic {
    /// Lets a source interrupt.
    fn enable(self, source: u32) {
        let number = self.context.saturating_sub(self.plic + CONTEXTS) / CONTEXTS_STRIDE;
        let (word, bit) = (source / 32 * 4, 1 << (source % 32));
        let words = self.plic + ENABLES + ENABLES_STRIDE * number;
        let enables = register(words, word);
        // SAFETY: a word of the partition's own context.
        let enabled = unsafe { enables.read_volatile() };
        // SAFETY: as above.
        unsafe { enables.write_volatile(enabled | bit) };
        // SAFETY: the source's priority, the last that it needs.
        unsafe { register(self.plic, 4 * source).write_volatile(1) };
    }

    fn claim(self) -> u32 {
        // SAFETY: of the partition's own context: the source is this hart's until it is completed.
        unsafe { register(self.context, 4).read_volatile() }
    }

    fn complete(self, source: u32) {
        // SAFETY: as above.
        unsafe { register(self.context, 4).write_volatile(source) };
    }
}

pub(super) fn register(at: usize, offset: u32) -> *mut u32 {
    core::ptr::with_exposed_provenance_mut(at + offset as usize)
}

/// The partition's hardware, for [`handle`]; null until start-up is done with it.
static HARDWARE: AtomicPtr<Hardware> = AtomicPtr::new(core::ptr::null_mut());

/// Enables the partition's interrupts in sie. They stay masked.
pub(super) fn enable(hardware: &'static Hardware) {
    HARDWARE.store(core::ptr::from_ref(hardware).cast_mut(), Ordering::Relaxed);
    let mut bits = 0_u64;
    for interrupt in hardware.interrupts {
        bits |= match interrupt.id {
            InterruptId::Timer => 1 << TIMER,
            InterruptId::Source(source) => {
                hardware.interrupt_controller.enable(source);
                1 << EXTERNAL
            }
        };
    }
    // SAFETY: the trap vector is set, and sstatus.SIE is 0.
    unsafe { asm!("csrw sie, {}", in(reg) bits, options(nomem, nostack)) };
}

/// Takes the interrupt that scause names. The trap vector calls it with all interrupts masked, by
/// [`entry!`](crate::entry).
pub fn dispatch(hardware: &Hardware) {
    let cause: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, scause", out(reg) cause, options(nomem, nostack)) };
    if cause & 0xff != u64::from(EXTERNAL) {
        return handle(InterruptId::Timer);
    }
    let controller = hardware.interrupt_controller;
    match controller.claim() {
        // It was taken back meanwhile.
        0 => {}
        source => {
            handle(InterruptId::Source(source));
            controller.complete(source);
        }
    }
}

/// Calls the handler of an interrupt.
///
/// # Panics
///
/// Where [`Hardware`] names no handler.
pub fn handle(interrupt: InterruptId) {
    let hardware = HARDWARE.load(Ordering::Relaxed);
    // SAFETY: null, or the constant that `enable` stored.
    let hardware = unsafe { hardware.as_ref() };
    let known = hardware.and_then(|hardware| {
        let mut interrupts = hardware.interrupts.iter();
        interrupts.find(|it| it.id == interrupt)
    });
    match known {
        Some(it) => (it.handler)(),
        None => panic!("{interrupt:?} has no handler"),
    }
}

/// Waits for an interrupt, unless `ready` says that there is something to do. Handlers run before this returns.
///
/// `ready` is asked with interrupts masked, so no interrupt falls between the answer and the wait;
/// WFI ends by an interrupt that is masked, too.
pub fn idle_unless(ready: impl FnOnce() -> bool) {
    mask();
    if !ready() {
        // SAFETY: waits, nothing else.
        unsafe { asm!("wfi", options(nostack)) }
    }
    unmask();
}

/// Masks every interrupt, for good or until [`idle_unless`].
pub fn mask() {
    // SAFETY: takes a right away and gives none. Not `nomem`: what follows must not move before it.
    unsafe { asm!("csrci sstatus, 2", options(nostack)) }
}

/// Unmasks every interrupt.
pub(crate) fn unmask() {
    // SAFETY: the vector is set, and handlers share only atomics with what they interrupt.
    unsafe { asm!("csrsi sstatus, 2", options(nostack)) }
}

/// Runs nothing any more.
pub fn halt() -> ! {
    mask();
    loop {
        // SAFETY: waits, nothing else.
        unsafe { asm!("wfi", options(nostack)) }
    }
}
