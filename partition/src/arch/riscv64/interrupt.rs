//! Interrupts in S-mode: the timer's. External ones are not served here yet, so a partition with them cannot be written with
//! this run-time.

use core::arch::asm;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::hardware::Hardware;

/// An interrupt, as scause numbers it.
pub type InterruptId = u32;

/// The interrupt controller, which a partition without external interrupts does not reach.
#[derive(Clone, Copy, Debug)]
pub struct InterruptController(());

impl InterruptController {
    /// From what is generated of the system description: `interrupt_controller::VERSION` and `REGISTERS`.
    pub const fn new(_version: u32, _registers: [(usize, usize); 2]) -> Self {
        Self(())
    }
}

/// The partition's hardware, for [`handle`]; null until start-up is done with it.
static HARDWARE: AtomicPtr<Hardware> = AtomicPtr::new(core::ptr::null_mut());

/// Enables the partition's interrupts in sie. They stay masked.
pub(super) fn enable(hardware: &'static Hardware) {
    HARDWARE.store(core::ptr::from_ref(hardware).cast_mut(), Ordering::Relaxed);
    let bits = hardware.interrupts.iter();
    let bits = bits.fold(0_u64, |bits, interrupt| bits | 1 << interrupt.id);
    // SAFETY: the trap vector is set, and sstatus.SIE is 0.
    unsafe { asm!("csrw sie, {}", in(reg) bits, options(nomem, nostack)) };
}

/// Takes the interrupt that scause names. The trap vector calls it with all interrupts masked, by
/// [`entry!`](crate::entry).
pub fn dispatch(_hardware: &Hardware) {
    let cause: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, scause", out(reg) cause, options(nomem, nostack)) };
    handle(u32::try_from(cause & 0xff).unwrap_or_default());
}

/// Calls the handler of an interrupt.
///
/// # Panics
///
/// Where [`Hardware`] names no handler.
pub fn handle(interrupt: u32) {
    let hardware = HARDWARE.load(Ordering::Relaxed);
    // SAFETY: null, or the constant that `enable` stored.
    let hardware = unsafe { hardware.as_ref() };
    let known = hardware.and_then(|hardware| {
        let mut interrupts = hardware.interrupts.iter();
        interrupts.find(|it| it.id == interrupt)
    });
    match known {
        Some(it) => (it.handler)(),
        None => panic!("interrupt {interrupt} has no handler"),
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
pub(super) fn unmask() {
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
