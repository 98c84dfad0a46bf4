//! The interrupt controller (GICv3, Arm IHI 0069), as far as two interrupts of this core need it. The same
//! writes do with the monitor, from the Non-secure side, and without it, on a machine with one
//! Security state.

use core::arch::asm;
use core::ptr::with_exposed_provenance_mut;

const DISTRIBUTOR: usize = 0x0800_0000;
const REDISTRIBUTOR: usize = 0x080a_0000;
/// The frame of private interrupts (IHI 0069, Redistributor register map).
const PRIVATE: usize = REDISTRIBUTOR + 0x1_0000;

const GICD_CTLR: usize = DISTRIBUTOR;
const GICR_WAKER: usize = REDISTRIBUTOR + 0x14;
const GICR_IGROUPR0: usize = PRIVATE + 0x80;
const GICR_ISENABLER0: usize = PRIVATE + 0x100;
const GICR_IPRIORITYR: usize = PRIVATE + 0x400;

/// The SGI that a measurement sends.
const SGI: u32 = 1;
/// The Non-secure physical timer (PPI 14).
const TIMER: u32 = 30;

/// What makes the SGI of this core, for ICC_SGI1R_EL1: its number, and the first core alone.
pub const SEND: u64 = (SGI as u64) << 24 | 1;

/// Sets up the SGI and the timer for the first core.
pub fn set_up() {
    // ARE and the enable of Group 1, which lie at the same bits in both views (IHI 0069, GICD_CTLR).
    write(GICD_CTLR, 0b1_0010);
    write(GICR_WAKER, 0);
    for interrupt in [SGI, TIMER] {
        // Ignored where the monitor has put them into the group already.
        write(GICR_IGROUPR0, u32::MAX);
        let word = GICR_IPRIORITYR + (interrupt as usize & !3);
        write(word, 0xa0a0_a0a0);
        write(GICR_ISENABLER0, 1 << interrupt);
    }
    // SAFETY: this core's own interface; nothing is enabled yet.
    unsafe {
        asm!(
            "msr S3_4_C12_C9_5, {sre}", // ICC_SRE_EL2
            "isb",
            "msr S3_0_C4_C6_0, {all}", // ICC_PMR_EL1
            "msr S3_0_C12_C12_7, {one}", // ICC_IGRPEN1_EL1
            "isb",
            sre = in(reg) 0xf_u64,
            all = in(reg) 0xff_u64,
            one = in(reg) 1_u64,
            options(nostack),
        );
    }
}

fn write(address: usize, value: u32) {
    let register = with_exposed_provenance_mut::<u32>(address);
    // SAFETY: a register of the controller, at the board's address; the MMU is off.
    unsafe { register.write_volatile(value) }
}
