//! The interrupt controller, GICv3 (Arm IHI 0069) or GICv2 (IHI 0048), as Non-secure code sees it.
//!
//! Hostile writes go to both: what is not there takes an exception, which `trap` steps over.

use crate::monitor::GICV2;
use crate::probe;
use crate::register::{at_el2, read, write};

/// The distributor.
pub const DISTRIBUTOR: u64 = 0x0800_0000;
/// The CPU interface of a GICv2.
pub const INTERFACE: u64 = 0x0801_0000;
/// Both frames of core 0's redistributor.
pub const REDISTRIBUTOR: u64 = 0x080a_0000;
/// From one core's frames to the next.
pub const STRIDE: u64 = 0x2_0000;
/// From the first frame to that of private interrupts.
pub const PRIVATE: u64 = 0x1_0000;

/// Offsets of registers, alike in the distributor and the frame of private interrupts.
pub mod offset {
    pub const IGROUPR: u64 = 0x80;
    pub const ISENABLER: u64 = 0x100;
    pub const ICENABLER: u64 = 0x180;
    pub const ISPENDR: u64 = 0x200;
    pub const ICPENDR: u64 = 0x280;
    pub const ISACTIVER: u64 = 0x300;
    pub const ICACTIVER: u64 = 0x380;
    pub const IPRIORITYR: u64 = 0x400;
    pub const IGRPMODR: u64 = 0xd00;
    pub const NSACR: u64 = 0xe00;
    pub const SGIR: u64 = 0xf00;
    pub const CPENDSGIR: u64 = 0xf10;
    pub const IROUTER: u64 = 0x6000;
}

/// Offsets of registers in the CPU interface of a GICv2.
pub mod interface {
    pub const CTLR: u64 = 0x00;
    pub const PMR: u64 = 0x04;
    pub const BPR: u64 = 0x08;
    pub const IAR: u64 = 0x0c;
    pub const EOIR: u64 = 0x10;
    pub const APR: u64 = 0xd0;
}

/// The frame of private interrupts of a core. With a GICv2, each core finds its own in the distributor.
pub const fn private(core: u64) -> u64 {
    if GICV2 {
        return DISTRIBUTOR;
    }
    REDISTRIBUTOR + core * STRIDE + PRIVATE
}

/// Opens the CPU interface of this core and the SGIs of both to the attacker, at its highest priority.
pub fn open() {
    if at_el2() {
        write!("S3_4_C12_C9_5", 0xf); // ICC_SRE_EL2
    }
    write!("S3_0_C12_C12_5", 7); // ICC_SRE_EL1
    write!("S3_0_C4_C6_0", 0xff); // ICC_PMR_EL1
    write!("S3_0_C12_C12_7", 1); // ICC_IGRPEN1_EL1
    open_interface();
    // EnableGrp1, or ARE_NS and EnableGrp1A. What else is there stays: in a control this may be the Secure view.
    let enables = if GICV2 { 1 } else { 0b1_0010 };
    let control = probe::read(DISTRIBUTOR).unwrap_or(0);
    probe::write(DISTRIBUTOR, control | enables);
    for core in 0..2 {
        for word in 0..8 {
            probe::write(private(core) + offset::IPRIORITYR + 4 * word, 0);
        }
        probe::write(private(core) + offset::ISENABLER, 0xffff);
    }
}

/// The same of a GICv2. In a control, the Secure view has both groups where the other has one.
pub fn open_interface() {
    probe::write(INTERFACE + interface::PMR, 0xff);
    let control = probe::read(INTERFACE).unwrap_or(0);
    probe::write(INTERFACE + interface::CTLR, control | 1);
}

/// Sends a Non-secure SGI to a core.
pub fn send(core: u64, number: u64) {
    if GICV2 {
        return send_to(1 << core, number);
    }
    write!("S3_0_C12_C11_5", number << 24 | 1 << core); // ICC_SGI1R_EL1
}

/// With a GICv2: sends an SGI to cores.
pub fn send_to(cores: u32, number: u64) {
    let [number, ..] = number.to_le_bytes();
    probe::write(DISTRIBUTOR + offset::SGIR, cores << 16 | u32::from(number));
}

/// Takes the interrupt that is signalled, and answers its number (with a GICv2, and the sender of an SGI).
pub fn acknowledge() -> u64 {
    if GICV2 {
        return probe::read(INTERFACE + interface::IAR).map_or(1023, u64::from);
    }
    read!("S3_0_C12_C12_0").unwrap_or(1023) // ICC_IAR1_EL1
}

/// Ends an interrupt.
pub fn end(number: u64) {
    if GICV2 {
        let [low, high, ..] = number.to_le_bytes();
        let number = u16::from_le_bytes([low, high]);
        probe::write(INTERFACE + interface::EOIR, u32::from(number));
        return;
    }
    write!("S3_0_C12_C12_1", number); // ICC_EOIR1_EL1
}

/// Takes an interrupt and ends it; a timer's is turned off.
pub fn take() {
    let number = acknowledge();
    crate::attack::timers::off();
    let special = if GICV2 { number & 0x3ff } else { number } >= 1020;
    if !special {
        end(number);
    }
}

/// Nothing of the attacker's is pending or active any more.
pub fn quiet() {
    crate::attack::timers::off();
    for core in 0..2 {
        probe::write(private(core) + offset::ICENABLER, !0xffff);
        probe::write(private(core) + offset::ICPENDR, !0);
        probe::write(private(core) + offset::ICACTIVER, !0);
    }
    if GICV2 {
        for word in 0..4 {
            probe::write(DISTRIBUTOR + offset::CPENDSGIR + 4 * word, !0);
        }
    }
}
