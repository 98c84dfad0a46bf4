//! Interrupts at Secure EL1, taken as IRQ: Group 1 Secure of a GICv3, or Group 0 of a GICv2.
//!
//! The monitor owns groups and routing. Here an interrupt is enabled, at a priority of the
//! partition's choice if it has one, acknowledged and ended.

mod gicv2;
mod gicv3;

use core::arch::asm;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::hardware::{Hardware, Region};

/// An interrupt: `InterruptId::ppi(n)` or `InterruptId::spi(n)`, numbered as in the board's
/// description.
pub type InterruptId = arm_gic::IntId;

/// The interrupt controller.
#[derive(Clone, Copy, Debug)]
pub enum InterruptController {
    /// GICv3.
    GicV3 {
        /// Registers of the distributor.
        distributor: Region,
        /// Registers of all redistributors.
        redistributors: Region,
    },
    /// GICv2.
    GicV2 {
        /// Registers of the distributor.
        distributor: Region,
        /// Registers of the CPU interface.
        cpu_interface: Region,
    },
}

impl InterruptController {
    /// From what is generated of the system description: `interrupt_controller::VERSION` and `REGISTERS`.
    ///
    /// # Panics
    ///
    /// Where there is no such version, at build time if it is for a constant.
    pub const fn new(version: u32, [distributor, other]: [(usize, usize); 2]) -> Self {
        let distributor = Region::new(distributor);
        match version {
            2 => Self::GicV2 {
                distributor,
                cpu_interface: Region::new(other),
            },
            3 => Self::GicV3 {
                distributor,
                redistributors: Region::new(other),
            },
            _ => panic!("no such interrupt controller"),
        }
    }

    /// All its registers.
    pub(super) const fn regions(&self) -> [Region; 2] {
        match *self {
            Self::GicV3 {
                distributor,
                redistributors,
            } => [distributor, redistributors],
            Self::GicV2 {
                distributor,
                cpu_interface,
            } => [distributor, cpu_interface],
        }
    }
}

/// The partition's hardware, for the handler of interrupts; null until start-up is done with it.
static HARDWARE: AtomicPtr<Hardware> = AtomicPtr::new(core::ptr::null_mut());

/// Enables the partition's interrupts at the controller and at the CPU interface. They stay masked.
pub(super) fn enable(hardware: &'static Hardware) {
    HARDWARE.store(core::ptr::from_ref(hardware).cast_mut(), Ordering::Relaxed);
    for interrupt in hardware.interrupts {
        assert!(
            interrupt.priority.is_none_or(|priority| priority < 0x80),
            "a priority at which the Non-secure world can delay the interrupt"
        );
    }
    match hardware.interrupt_controller {
        InterruptController::GicV3 {
            distributor,
            redistributors,
        } => gicv3::enable(distributor, redistributors, hardware.interrupts),
        InterruptController::GicV2 {
            distributor,
            cpu_interface,
        } => gicv2::enable(distributor, cpu_interface, hardware.interrupts),
    }
}

#[expect(
    clippy::expect_used,
    reason = "a wrong description stops the partition at its start"
)]
fn registers<T>(region: Region) -> NonNull<T> {
    let address = core::ptr::with_exposed_provenance_mut(region.start);
    NonNull::new(address).expect("device registers at address 0")
}

/// Takes the interrupt that is signalled. The IRQ vector calls it with all interrupts masked, by
/// [`entry!`](crate::entry), so that the compiler knows which controller there is.
pub fn dispatch(hardware: &Hardware) {
    match hardware.interrupt_controller {
        InterruptController::GicV3 { .. } => gicv3::dispatch(),
        InterruptController::GicV2 { cpu_interface, .. } => gicv2::dispatch(cpu_interface),
    }
}

/// Calls the handler of an interrupt that was acknowledged, by its INTID; its end is the caller's.
/// For the IRQ handler of an operating system that acknowledges by itself.
///
/// # Panics
///
/// Where [`Hardware`] names no handler. The interrupt is then not ended: it cannot come again, and
/// the crash says which it was.
pub fn handle(intid: u32) {
    let hardware = HARDWARE.load(Ordering::Relaxed);
    // SAFETY: null, or the constant that `enable` stored.
    let hardware = unsafe { hardware.as_ref() };
    let known = hardware.and_then(|hardware| {
        let mut interrupts = hardware.interrupts.iter();
        interrupts.find(|interrupt| interrupt.id.raw_value() == intid)
    });
    match known {
        Some(interrupt) => (interrupt.handler)(),
        None => panic!("interrupt {intid} has no handler"),
    }
}

/// Waits for an interrupt, unless `ready` says that there is something to do. The monitor gives the
/// core to others meanwhile. Handlers run before this returns.
///
/// `ready` is asked with interrupts masked, so no interrupt falls between the answer and the wait;
/// WFI ends by an interrupt that is masked, too.
pub fn idle_unless(ready: impl FnOnce() -> bool) {
    mask();
    if !ready() {
        // YIELD first: an emulator that runs cores in turns gives the next one its turn, or may never do so (CAVEATS, "Emulation").
        // SAFETY: waits, nothing else. The monitor traps it and keeps all registers.
        unsafe { asm!("yield", "wfi", options(nostack, preserves_flags)) }
    }
    unmask();
}

/// Masks every interrupt and SError, for good or until [`idle_unless`].
pub fn mask() {
    // SAFETY: takes a right away and gives none. Not `nomem`: what follows must not move before it.
    unsafe { asm!("msr daifset, #0xf", options(nostack, preserves_flags)) }
}

/// Unmasks every interrupt and SError.
pub(crate) fn unmask() {
    // SAFETY: the vectors are set, and handlers share only atomics with what they interrupt.
    unsafe { asm!("msr daifclr, #0xf", options(nostack, preserves_flags)) }
}

/// Runs nothing any more; the core is left to others.
pub fn halt() -> ! {
    mask();
    loop {
        // SAFETY: waits, nothing else.
        unsafe { asm!("wfi", options(nostack, preserves_flags)) }
    }
}
