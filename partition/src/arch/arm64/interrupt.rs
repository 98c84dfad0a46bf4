//! Interrupts at Secure EL1: Group 1 Secure, taken as IRQ, through the GICv3 CPU interface.
//!
//! The monitor owns groups and routing. Here an interrupt is enabled, at a priority of the
//! partition's choice if it has one, acknowledged and ended.

use core::arch::asm;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, Ordering};

use arm_gic::gicv3::registers::{Gicd, GicrSgi};
use arm_gic::gicv3::{GicCpuInterface, GicDistributor, GicRedistributorIterator};
use arm_gic::{InterruptGroup, UniqueMmioPointer};
use arm_sysregs::el1::accessors::{read_mpidr_el1, write_icc_ap1r0_el1};
use arm_sysregs::el1::registers::IccAp1r0El1;

use crate::hardware::{Hardware, Interrupt, Region};

/// An interrupt: `InterruptId::ppi(n)` or `InterruptId::spi(n)`, numbered as in the board's
/// description.
pub type InterruptId = arm_gic::IntId;

/// Affinity fields of MPIDR_EL1 (Arm ARM, MPIDR_EL1): Aff3 in bits 39:32, Aff2 to Aff0 in bits 23:0.
const AFFINITY: u64 = 0xFF_00FF_FFFF;

/// The GICv3.
#[derive(Clone, Copy, Debug)]
pub struct InterruptController {
    /// Registers of the distributor.
    pub distributor: Region,
    /// Registers of all redistributors.
    pub redistributors: Region,
}

/// The partition's hardware, for the handler of interrupts; null until start-up is done with it.
static HARDWARE: AtomicPtr<Hardware> = AtomicPtr::new(core::ptr::null_mut());

/// Enables the partition's interrupts at the controller and at the CPU interface. They stay masked.
pub(super) fn enable(hardware: &'static Hardware) {
    HARDWARE.store(core::ptr::from_ref(hardware).cast_mut(), Ordering::Relaxed);
    // SAFETY: no interrupt is active: a restart in the middle of a handler would leave its
    // priority running, and every interrupt would wait for its end for ever.
    unsafe { write_icc_ap1r0_el1(IccAp1r0El1::empty()) }
    for interrupt in hardware.interrupts {
        enable_line(&hardware.interrupt_controller, interrupt);
    }
    GicCpuInterface::set_priority_mask(0xFF);
    GicCpuInterface::enable_group1(true);
}

/// Enables one interrupt, at its priority. A private one belongs to the redistributor of this core.
#[expect(
    clippy::expect_used,
    reason = "a wrong description stops the partition at its start"
)]
fn enable_line(controller: &InterruptController, interrupt: &Interrupt) {
    assert!(
        interrupt.priority.is_none_or(|priority| priority < 0x80),
        "a priority at which the Non-secure world can delay the interrupt"
    );
    if interrupt.id.is_private() {
        let base: NonNull<GicrSgi> = registers(controller.redistributors);
        // SAFETY: start-up mapped the redistributors, and this is the only code here that uses
        // them.
        let frames = unsafe { GicRedistributorIterator::new(base) };
        let core = read_mpidr_el1().bits() & AFFINITY;
        let mut frame = frames
            .expect("no redistributor where the description says")
            .find(|frame| frame.typer().core_mpidr() == core)
            .expect("this core has no redistributor");
        if let Some(priority) = interrupt.priority {
            frame
                .set_interrupt_priority(interrupt.id, priority)
                .expect("a private interrupt that the redistributor does not have");
        }
        frame
            .enable_interrupt(interrupt.id, true)
            .expect("a private interrupt that the redistributor does not have");
    } else {
        // SAFETY: start-up mapped the distributor, and this is the only code here that uses it.
        let distributor =
            unsafe { UniqueMmioPointer::<Gicd>::new(registers(controller.distributor)) };
        let mut distributor = GicDistributor::new(distributor);
        if let Some(priority) = interrupt.priority {
            distributor
                .set_interrupt_priority(interrupt.id, priority)
                .expect("a shared interrupt that the distributor does not have");
        }
        distributor
            .enable_interrupt(interrupt.id, true)
            .expect("a shared interrupt that the distributor does not have");
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

/// Takes the interrupt that is signalled. The IRQ vector calls it with all interrupts masked.
pub(super) extern "C" fn dispatch() {
    let Some(id) = GicCpuInterface::get_and_acknowledge_interrupt(InterruptGroup::Group1) else {
        return;
    };
    handle(id.raw_value());
    GicCpuInterface::end_interrupt(id, InterruptGroup::Group1);
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
        // SAFETY: waits, nothing else. The monitor traps it and keeps all registers.
        unsafe { asm!("wfi", options(nostack, preserves_flags)) }
    }
    unmask();
}

/// Masks every interrupt and SError, for good or until [`idle_unless`].
pub fn mask() {
    // SAFETY: takes a right away and gives none. Not `nomem`: what follows must not move before it.
    unsafe { asm!("msr daifset, #0xf", options(nostack, preserves_flags)) }
}

/// Unmasks every interrupt and SError.
pub(super) fn unmask() {
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
