//! GICv2 (Arm IHI 0048): a CPU interface in memory.
//!
//! Group 0 is signalled as IRQ while this partition runs: the monitor sets GICC_CTLR, which is not the
//! partition's to write. Nor are the groups, and the SGI that is active (see `arch/arm64/src/gic/v2.S`).

use arm_gic::UniqueMmioPointer;
use safe_mmio::field;
use safe_mmio::fields::{ReadOnly, ReadPureWrite, WriteOnly};

use super::{handle, registers};
use crate::hardware::{Interrupt, Region};

/// Of the distributor (IHI 0048, Distributor register map), what a partition needs.
#[repr(C)]
struct Distributor {
    before: [u32; 64],
    set_enable: [ReadPureWrite<u32>; 32],
    between: [u32; 160],
    priority: [ReadPureWrite<u8>; 1024],
}

/// Of the CPU interface (IHI 0048, CPU interface register map).
#[repr(C)]
struct Interface {
    control: u32,
    priority_mask: ReadPureWrite<u32>,
    binary_point: ReadPureWrite<u32>,
    acknowledge: ReadOnly<u32>,
    end: WriteOnly<u32>,
}

const _: () = assert!(core::mem::offset_of!(Distributor, priority) == 0x400);

/// Enables the interrupts and the CPU interface.
#[expect(
    clippy::expect_used,
    reason = "a wrong description stops the partition at its start"
)]
pub fn enable(distributor: Region, cpu_interface: Region, interrupts: &[Interrupt]) {
    // SAFETY: start-up mapped the distributor, and this is the only code here that uses it.
    let mut distributor = unsafe { UniqueMmioPointer::<Distributor>::new(registers(distributor)) };
    for interrupt in interrupts {
        let id = interrupt.id.raw_value() as usize;
        if let Some(priority) = interrupt.priority {
            let mut priorities = field!(distributor, priority);
            let mut register = priorities.get(id).expect("no such interrupt");
            register.write(priority);
        }
        let mut enables = field!(distributor, set_enable);
        let mut register = enables.get(id / 32).expect("no such interrupt");
        register.write(1 << (id % 32));
    }
    let mut interface = interface(cpu_interface);
    field!(interface, priority_mask).write(0xFF);
}

/// Takes the interrupt that is signalled.
pub fn dispatch(cpu_interface: Region) {
    /// From here on it is none (IHI 0048, Special interrupt numbers).
    const SPECIAL: u32 = 1020;
    let mut interface = interface(cpu_interface);
    let taken = field!(interface, acknowledge).read();
    let id = taken & 0x3FF;
    if id < SPECIAL {
        handle(id);
        field!(interface, end).write(taken);
    }
}

fn interface(region: Region) -> UniqueMmioPointer<'static, Interface> {
    // SAFETY: start-up mapped the CPU interface, which is this core's, and handlers do not nest.
    unsafe { UniqueMmioPointer::new(registers(region)) }
}
