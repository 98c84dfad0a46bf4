//! The critical partition's interrupts and the monitor's: claimed, rerouted, masked, faked, delayed.
//!
//! Targets: the groups of Secure interrupts, which make their registers read as zero and ignore writes
//! (IHI 0069 and IHI 0048, Interrupt grouping); GICR_NSACR; Secure priorities above all Non-secure ones; and the switch of Group 1
//! Non-secure while the critical partition runs.

use crate::gic::{self, interface, offset as at};
use crate::journal::Journal;
use crate::monitor::{GICV2, Outcome, succeeded};
use crate::register::{read, try_write, write};
use crate::{probe, shared, time};

/// Private interrupts that are Secure: the secure timer 29, the monitor's timer 26 and SGI 8. With a GICv2, core 1
/// sees its own, of which 26 is the rich side's.
const SECURE_PRIVATE: u32 = 1 << 29 | (!GICV2 as u32) << 26 | 1 << 8;
/// The secure UART's, 40, in the second word of the distributor.
const SECURE_SHARED: u32 = 1 << 8;
const SECURE_SPI: u64 = 40;
/// Bits of GICC_CTLR that the Non-secure view has (IHI 0048, GICC_CTLR): EnableGrp1, bypass, EOImodeNS.
const NS_CONTROL: u32 = 1 << 9 | 0b11 << 5 | 1;

/// A bit of each private and shared word at this offset stays out of sight after `value` was written to all.
fn write_bits(offset: u64, value: u32) -> Outcome {
    for core in 0..2 {
        probe::write(gic::private(core) + offset, value);
    }
    probe::write(gic::DISTRIBUTOR + offset + 4, value);
    let seen = probe::read(gic::private(0) + offset).unwrap_or(0) & SECURE_PRIVATE;
    if seen != 0 {
        return succeeded("bits of Secure private interrupts", u64::from(seen));
    }
    let seen = probe::read(gic::DISTRIBUTOR + offset + 4).unwrap_or(0) & SECURE_SHARED;
    if seen != 0 {
        return succeeded("bits of Secure shared interrupts", u64::from(seen));
    }
    Ok(())
}

/// Enables and disables.
pub fn disable(_: &mut Journal) -> Outcome {
    write_bits(at::ISENABLER, !0)?;
    write_bits(at::ICENABLER, !0)?;
    gic::open();
    Ok(())
}

/// Takes them over into its own group.
pub fn regroup(_: &mut Journal) -> Outcome {
    write_bits(at::IGRPMODR, 0)?;
    write_bits(at::IGROUPR, !0)
}

/// Makes them pending, and not pending.
pub fn pend(_: &mut Journal) -> Outcome {
    for _ in 0..1_000 {
        write_bits(at::ISPENDR, !0)?;
        write_bits(at::ICPENDR, !0)?;
    }
    Ok(())
}

/// Makes them active: an active interrupt is not signalled again.
pub fn activate(_: &mut Journal) -> Outcome {
    write_bits(at::ISACTIVER, !0)?;
    time::wait(3);
    write_bits(at::ICACTIVER, !0)
}

/// Gives them the lowest priority, another trigger, another core, and itself the rights to do so. (Not by the
/// GICD_ITARGETSR of a GICv2: this emulator lets Non-secure code write it for every interrupt, IHI 0048, GICD_ITARGETSR, does
/// not.)
pub fn reroute(_: &mut Journal) -> Outcome {
    let priority = at::IPRIORITYR;
    // Address, and which bits belong to Secure interrupts.
    let targets = [
        (gic::private(0) + priority + 28, 0x0000_ff00), // 29
        (
            gic::private(0) + priority + 24,
            (SECURE_PRIVATE >> 26 & 1) * 0x00ff_0000,
        ), // 26
        (gic::private(0) + priority + 8, 0x0000_00ff),  // SGI 8
        (gic::DISTRIBUTOR + priority + SECURE_SPI, 0xff),
        (gic::DISTRIBUTOR + at::IROUTER + 8 * SECURE_SPI, !0),
        (gic::private(0) + at::NSACR, !0),
        (gic::DISTRIBUTOR + at::NSACR + 8, !0),
    ];
    for (address, mask) in targets {
        probe::write(address, !0);
        if probe::read(address).unwrap_or(0) & mask != 0 {
            return succeeded("a register of a Secure interrupt took a value", address);
        }
    }
    Ok(())
}

/// Core 0: writes all registers of its own private interrupts, which a GICv2 shows to nobody else.
pub fn own_bank() {
    let bits = at::IGROUPR..at::IPRIORITYR;
    let priorities = at::IPRIORITYR..at::IPRIORITYR + 32;
    while shared::wanted() {
        // Bits: the first word of each block of 32. Priorities: all eight words.
        for offset in bits
            .clone()
            .step_by(0x80)
            .chain(priorities.clone().step_by(4))
        {
            probe::write(gic::private(0) + offset, !0);
        }
        time::relax();
    }
    end_all();
    gic::open();
}

/// Puts the redistributor to sleep and turns the distributor off. (This emulator lets GICR_WAKER be written by
/// Non-secure code, IHI 0069, GICR_WAKER, does not; what counts is whether that stops anything.)
pub fn turn_off(_: &mut Journal) -> Outcome {
    const WAKER: u64 = 0x14;
    /// GICR_WAKER.ProcessorSleep.
    const SLEEP: u32 = 1 << 1;
    probe::write(gic::REDISTRIBUTOR + WAKER, SLEEP);
    probe::write(gic::DISTRIBUTOR, 0);
    time::wait(3);
    // ARE_S, EnableGrp1S, EnableGrp0 have no place in the Non-secure view.
    probe::write(gic::DISTRIBUTOR, !0);
    probe::write(gic::DISTRIBUTOR, 0);
    time::wait(3);
    gic::open();
    probe::write(gic::REDISTRIBUTOR + WAKER, 0);
    Ok(())
}

/// Registers of Group 0 and of EL3 answer nothing.
pub fn interface(_: &mut Journal) -> Outcome {
    let answers = [
        read!("S3_0_C12_C8_0"),  // ICC_IAR0_EL1
        read!("S3_0_C12_C8_2"),  // ICC_HPPIR0_EL1
        read!("S3_0_C12_C8_3"),  // ICC_BPR0_EL1
        read!("S3_0_C12_C8_4"),  // ICC_AP0R0_EL1
        read!("S3_0_C12_C12_6"), // ICC_IGRPEN0_EL1
        read!("S3_6_C12_C12_4"), // ICC_CTLR_EL3
        read!("S3_6_C12_C12_5"), // ICC_SRE_EL3
        read!("S3_6_C12_C12_7"), // ICC_IGRPEN1_EL3
        read!("scr_el3"),
        read!("mdcr_el3"),
    ];
    let writes = [
        try_write!("S3_0_C12_C8_1", 29), // ICC_EOIR0_EL1
        try_write!("S3_0_C12_C12_6", 0),
        try_write!("S3_6_C12_C12_7", 0),
    ];
    // A GICv2: nothing that the Non-secure view has not takes a value, and nothing of Group 0 is taken.
    probe::write(gic::INTERFACE, !0);
    let control = probe::read(gic::INTERFACE).unwrap_or(0);
    probe::write(gic::INTERFACE + interface::EOIR, 29);
    let taken = gic::acknowledge() & 0x3ff;
    gic::open();
    if GICV2 && (control & !NS_CONTROL != 0 || [8, 29].contains(&taken)) {
        return succeeded("Group 0 at the CPU interface", u64::from(control));
    }
    if let Some(which) = answers.iter().position(Option::is_some) {
        return succeeded("a register of Group 0 answered", which as u64);
    }
    match writes.iter().position(|through| *through) {
        Some(which) => succeeded("a register of Group 0 was written", which as u64),
        None => Ok(()),
    }
}

/// Core 0: every mask of its own that it has, at the most hostile value.
pub fn mask() {
    while shared::wanted() {
        write!("S3_0_C4_C6_0", 0); // ICC_PMR_EL1
        write!("S3_0_C12_C12_3", 7); // ICC_BPR1_EL1
        write!("S3_0_C12_C12_4", 0b11); // ICC_CTLR_EL1: EOImode, CBPR
        write!("S3_0_C12_C12_5", 0); // ICC_SRE_EL1
        write!("S3_0_C12_C12_7", 0); // ICC_IGRPEN1_EL1
        for (offset, value) in [
            (interface::PMR, 0),
            (interface::BPR, 7),
            (interface::CTLR, NS_CONTROL & !1),
        ] {
            probe::write(gic::INTERFACE + offset, value);
        }
        time::relax();
    }
    write!("S3_0_C12_C12_4", 0);
    write!("S3_0_C12_C12_3", 0);
    probe::write(gic::INTERFACE, 0);
    gic::open();
}

/// Core 0: an interrupt of the highest priority that it can give, pending and masked at the processor.
pub fn hold_pending() {
    gic::send(0, 1);
    shared::rest();
    end_all();
}

/// Core 0: interrupts of the highest priority that it can give, taken and never ended.
pub fn hold_active() {
    for number in 0..8 {
        gic::send(0, number);
    }
    let _ = gic::acknowledge();
    // Active priorities by hand, too: all that the Non-secure view has.
    write!("S3_0_C12_C9_0", 0xffff_ffff); // ICC_AP1R0_EL1
    probe::write(gic::INTERFACE + interface::APR, !0);
    shared::rest();
    write!("S3_0_C12_C9_0", 0);
    probe::write(gic::INTERFACE + interface::APR, 0);
    end_all();
}

fn end_all() {
    for number in 0..16 {
        gic::end(number);
        if GICV2 {
            gic::end(1 << 10 | number); // from core 1
        }
    }
    gic::quiet();
}

/// Core 1 meanwhile: waits.
pub fn wait(_: &mut Journal) -> Outcome {
    time::wait(20);
    Ok(())
}

/// Core 1: interrupts for core 0 all the time, so also right before each WFI of the critical partition.
pub fn send_always(_: &mut Journal) -> Outcome {
    let end = time::now() + time::milliseconds(20);
    while time::now() < end {
        gic::send(0, 2);
    }
    Ok(())
}

/// Core 1: SGIs into the Secure groups, of every number, to both cores.
pub fn send_secure(_: &mut Journal) -> Outcome {
    let end = time::now() + time::milliseconds(20);
    while time::now() < end {
        for number in 0..16 {
            let both = number << 24 | 0b11;
            write!("S3_0_C12_C11_7", both); // ICC_SGI0R_EL1
            write!("S3_0_C12_C11_6", both); // ICC_ASGI1R_EL1
            if GICV2 {
                gic::send_to(0b11, number);
            }
        }
    }
    Ok(())
}

/// LPIs, pending for ever at priority 0: their tables are the attacker's own memory.
pub fn lpi(_: &mut Journal) -> Outcome {
    const CONFIGURATION: u64 = crate::direct::SCRATCH + 0x1_0000;
    const PENDING: u64 = crate::direct::SCRATCH + 0x10_0000;
    const FIRST: u64 = 8192;
    let frame = gic::REDISTRIBUTOR;
    for word in 0..0x400 {
        // Priority 0, enabled; every one pending.
        probe::write(CONFIGURATION + 4 * word, 0x0101_0101);
        probe::write(PENDING + FIRST / 8 + 4 * word, !0);
    }
    for (offset, value) in [
        (0x70, CONFIGURATION | 13), // GICR_PROPBASER: 14 bits of identifiers
        (0x78, PENDING),            // GICR_PENDBASER
    ] {
        let [low, high] = [value & 0xffff_ffff, value >> 32].map(|half| half as u32);
        probe::write(frame + offset, low);
        probe::write(frame + offset + 4, high);
    }
    probe::write(frame, 1); // GICR_CTLR.EnableLPIs
    time::wait(20);
    probe::write(frame, 0);
    Ok(())
}
