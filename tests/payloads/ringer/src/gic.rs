//! The doorbell's interrupt, taken without an exception: GICv3 (Arm IHI 0069) or GICv2 (IHI 0048), as Non-secure code sees it.

use core::arch::asm;
use core::ptr::with_exposed_provenance_mut;

use crate::console::generated::{channel, interrupt_controller};

/// Its number.
pub const DOORBELL: u32 = match channel::net0::INTERRUPT {
    Some(id) => id,
    None => panic!("this end has an interrupt"),
};

const GICV2: bool = interrupt_controller::VERSION == 2;
const DISTRIBUTOR: usize = interrupt_controller::REGISTERS[0].0;
/// Of a GICv2; of a GICv3 these are the redistributors, which are not touched.
const INTERFACE: usize = interrupt_controller::REGISTERS[1].0;

/// GICD: control, set-enable, priority, configuration.
const CONTROL: usize = 0;
const ENABLE: usize = 0x100 + DOORBELL as usize / 32 * 4;
const CONFIGURATION: usize = 0xc00 + DOORBELL as usize / 16 * 4;
/// GICD_ITARGETSR, of a GICv2; GICD_IROUTER is 0, core 0, after reset.
const TARGETS: usize = 0x800 + DOORBELL as usize / 4 * 4;

fn register(base: usize, offset: usize) -> *mut u32 {
    with_exposed_provenance_mut(base + offset)
}

fn write(base: usize, offset: usize, value: u32) {
    // SAFETY: a register of the interrupt controller that this world may write.
    unsafe { register(base, offset).write_volatile(value) }
}

fn read(base: usize, offset: usize) -> u32 {
    // SAFETY: as above.
    unsafe { register(base, offset).read_volatile() }
}

/// Enables the interrupt at core 0, edge-triggered.
pub fn open() {
    let edge = 0b10 << (DOORBELL % 16 * 2);
    write(
        DISTRIBUTOR,
        CONFIGURATION,
        read(DISTRIBUTOR, CONFIGURATION) | edge,
    );
    write(DISTRIBUTOR, ENABLE, 1 << (DOORBELL % 32));
    if GICV2 {
        let first = 1 << (DOORBELL % 4 * 8);
        write(DISTRIBUTOR, TARGETS, read(DISTRIBUTOR, TARGETS) | first);
        write(DISTRIBUTOR, CONTROL, 1);
        write(INTERFACE, 4, 0xff);
        write(INTERFACE, 0, 1);
        return;
    }
    // ARE_NS, EnableGrp1A.
    write(DISTRIBUTOR, CONTROL, 0b1_0010);
    // SAFETY: ICC_SRE_EL2, ICC_SRE_EL1, ICC_PMR_EL1, ICC_IGRPEN1_EL1: this partition's own interface, all of whose interrupts
    // PSTATE masks.
    unsafe {
        asm!(
            "msr S3_4_C12_C9_5, {all}",
            "isb",
            "msr S3_0_C12_C12_5, {on}",
            "isb",
            "msr S3_0_C4_C6_0, {lowest}",
            "msr S3_0_C12_C12_7, {on}",
            "isb",
            all = in(reg) 0xf_u64,
            on = in(reg) 1_u64 | 6,
            lowest = in(reg) 0xff_u64,
            options(nomem, nostack),
        );
    }
}

/// Takes the interrupt that is pending, if one is, and ends it.
pub fn take() -> Option<u32> {
    let number = if GICV2 {
        read(INTERFACE, 0xc)
    } else {
        acknowledge()
    };
    if number & 0x3ff >= 1020 {
        return None;
    }
    if GICV2 {
        write(INTERFACE, 0x10, number);
    } else {
        // SAFETY: ICC_EOIR1_EL1, of the interrupt that was just taken.
        unsafe {
            asm!("msr S3_0_C12_C12_1, {}", "isb", in(reg) u64::from(number), options(nomem, nostack));
        }
    }
    Some(number)
}

/// ICC_IAR1_EL1.
fn acknowledge() -> u32 {
    let number: u64;
    // SAFETY: takes an interrupt of this partition's, which is ended then.
    unsafe { asm!("dsb sy", "mrs {}, S3_0_C12_C12_0", out(reg) number, options(nomem, nostack)) };
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
