//! GICv3 (Arm IHI 0069): a CPU interface of system registers.

use arm_gic::gicv3::registers::{Gicd, GicrSgi};
use arm_gic::gicv3::{GicCpuInterface, GicDistributor, GicRedistributorIterator};
use arm_gic::{InterruptGroup, UniqueMmioPointer};
use arm_sysregs::el1::accessors::{read_mpidr_el1, write_icc_ap1r0_el1};
use arm_sysregs::el1::registers::IccAp1r0El1;

use super::{handle, registers};
use crate::hardware::{Interrupt, Region};

/// Affinity fields of MPIDR_EL1 (Arm ARM, MPIDR_EL1): Aff3 in bits 39:32, Aff2 to Aff0 in bits 23:0.
const AFFINITY: u64 = 0xFF_00FF_FFFF;

/// Enables the interrupts and the CPU interface.
pub fn enable(distributor: Region, redistributors: Region, interrupts: &[Interrupt]) {
    // SAFETY: no interrupt is active: a restart in the middle of a handler would leave its
    // priority running, and every interrupt would wait for its end for ever.
    unsafe { write_icc_ap1r0_el1(IccAp1r0El1::empty()) }
    for interrupt in interrupts {
        enable_line(distributor, redistributors, interrupt);
    }
    GicCpuInterface::set_priority_mask(0xFF);
    GicCpuInterface::enable_group1(true);
}

/// Enables one interrupt, at its priority. A private one belongs to the redistributor of this core.
#[expect(
    clippy::expect_used,
    reason = "a wrong description stops the partition at its start"
)]
fn enable_line(distributor: Region, redistributors: Region, interrupt: &Interrupt) {
    if interrupt.id.is_private() {
        // SAFETY: start-up mapped the redistributors, and this is the only code here that uses
        // them.
        let frames = unsafe { GicRedistributorIterator::new(registers::<GicrSgi>(redistributors)) };
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
        let distributor = unsafe { UniqueMmioPointer::<Gicd>::new(registers(distributor)) };
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

/// Takes the interrupt that is signalled.
pub fn dispatch() {
    let Some(id) = GicCpuInterface::get_and_acknowledge_interrupt(InterruptGroup::Group1) else {
        return;
    };
    handle(id.raw_value());
    GicCpuInterface::end_interrupt(id, InterruptGroup::Group1);
}
