//! The interrupt controller, GICv3 (Arm IHI 0069): who owns which interrupt.
//!
//! Group 0 is the monitor's, Group 1 Secure the critical partitions', Group 1 Non-secure the rich
//! side's. Every Secure priority is below 0x80 and every other at or above it, which the hardware then
//! keeps so: Non-secure writes can only reach the upper half (IHI 0069, Non-secure accesses to register fields for Secure interrupt priorities).

use crate::platform::Hardware;
use arm_gic::gicv3::registers::{Gicd, GicrSgi};
use arm_gic::gicv3::{
    GicCpuInterface, GicDistributor, GicRedistributor, Group, SecureIntGroup, SgiTarget,
    SgiTargetGroup,
};
use arm_gic::{IntId, InterruptGroup, UniqueMmioPointer};
use arm_sysregs::el1::accessors as el1;
use arm_sysregs::el1::registers::{IccIgrpen0El1, IccPmrEl1};
use arm_sysregs::el3::accessors as el3;
use arm_sysregs::el3::registers::{IccCtlrEl3, IccIgrpen1El3, IccSreEl3};
use cofferdam_core::ids::{CoreId, Slot};
use cofferdam_core::table::{Partition, System};
use core::ptr::NonNull;
use safe_mmio::field;
use safe_mmio::fields::ReadPureWrite;

/// The SGI with which one core calls another's monitor (Group 0).
pub const SGI: u32 = 8;
/// INTID of the EL2 physical timer (PPI 10), the monitor's own (Group 0).
pub const MONITOR_TIMER: u32 = 26;
/// INTID of the Secure physical timer (PPI 13): a critical partition's, or the monitor's on a core that
/// has none.
pub const SECURE_TIMER: u32 = 29;
/// INTID of the first shared interrupt (IHI 0069, INTIDs); off by one in a positive control.
const SPI_BASE: u32 = 32 - cfg!(feature = "weaken-owner") as u32;

/// Priority of the monitor's own interrupts.
pub const MONITOR_PRIORITY: u8 = 0x10;
/// Priority that a critical partition's interrupts have when it starts; it may choose others below 0x80.
const CRITICAL_PRIORITY: u8 = if cfg!(feature = "weaken-priority") {
    0xf0
} else {
    0x40
};

/// ICC_SRE_EL3: system registers at EL3, no bypass, and lower levels may choose them too.
pub const SRE: u64 = 0xf;
/// ICC_CTLR_EL3 is 0 in these: EOI drops and deactivates at EL3, and the controller forwards no Non-secure view (RM), no mask
/// hints (PMHE). The others are the two states' own.
pub const CONTROL_MASK: u64 = 1 << 6 | 1 << 5 | 1 << 2;

const GROUP_0: Group = Group::Secure(SecureIntGroup::Group0);
const GROUP_1_SECURE: Group = Group::Secure(SecureIntGroup::Group1S);

/// What interrupted EL3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Another core called.
    Called,
    /// The timer that bounds the critical slot.
    Bound,
    /// The monitor's tick, on a core without a critical partition.
    Tick,
    /// An interrupt of the rich side, while EL3 waits in its stead.
    Rich,
    /// Nothing any more.
    Spurious,
}

fn distributor(hardware: &Hardware) -> UniqueMmioPointer<'static, Gicd> {
    let address = NonNull::new(hardware.distributor as *mut Gicd).unwrap_or(NonNull::dangling());
    // SAFETY: the board's description names the distributor here and `mmu` maps it as device memory.
    // Registers shared between cores are only written by single stores.
    unsafe { UniqueMmioPointer::new(address) }
}

fn redistributor(hardware: &Hardware, core: CoreId) -> UniqueMmioPointer<'static, GicrSgi> {
    let address = hardware.redistributors + u64::from(core.0) * hardware.redistributor_stride;
    let address = NonNull::new(address as *mut GicrSgi).unwrap_or(NonNull::dangling());
    // SAFETY: the board's description names the frames of this core here and `mmu` maps them.
    unsafe { UniqueMmioPointer::new(address) }
}

/// Sets up the distributor and all redistributors. On the first core, before any other runs. Fails where
/// the machine has other cores than the description.
pub fn set_up(hardware: &Hardware, system: &System) -> Result<(), &'static str> {
    find_cores(hardware, system)?;
    let mut gicd = GicDistributor::new(distributor(hardware));
    gicd.configure_default_settings();
    gicd.enable_affinity_routing_non_secure(true);
    for index in 0..system.cores.len() {
        let core = CoreId(u8::try_from(index).unwrap_or(u8::MAX));
        let mut gicr = GicRedistributor::new(redistributor(hardware, core));
        gicr.power_on();
        // Refused only where the core is awake already.
        let _ = gicr.mark_core_awake();
        gicr.configure_default_settings();
        if cfg!(feature = "weaken-sgi") {
            let mut registers = redistributor(hardware, core);
            let mut sgi = field!(registers, sgi);
            field!(sgi, nsacr).write(!0);
        }
        let timer = if system.occupant(core, Slot::Critical).is_some() {
            MONITOR_TIMER
        } else {
            SECURE_TIMER
        };
        for id in [IntId::sgi(SGI), IntId::ppi(timer - 16)] {
            own_private(&mut gicr, id, GROUP_0, MONITOR_PRIORITY);
            let _ = gicr.enable_interrupt(id, true);
        }
    }
    for partition in system.partitions {
        if partition.slot == Slot::Critical {
            claim(hardware, system, partition);
        }
    }
    gicd.enable_group1_secure(true);
    gicd.enable_group0(true);
    Ok(())
}

/// Every core of the description has its redistributor where that says (IHI 0069, GICR_TYPER);
/// behind the last one there is nothing to read.
fn find_cores(hardware: &Hardware, system: &System) -> Result<(), &'static str> {
    let mut last = false;
    for (index, core) in system.cores.iter().enumerate() {
        if last {
            return Err("the machine has fewer cores than the description");
        }
        let registers = redistributor(hardware, CoreId(u8::try_from(index).unwrap_or(u8::MAX)));
        let found = GicRedistributor::new(registers).typer();
        if found.core_mpidr() != core.hardware_id {
            return Err("a redistributor is another core's than the description says");
        }
        last = found.last_redistributor();
    }
    Ok(())
}

fn own_private(gicr: &mut GicRedistributor, id: IntId, group: Group, priority: u8) {
    // These fail for numbers that are not private, which the callers' types exclude.
    let _ = gicr.set_group(id, group);
    let _ = gicr.set_interrupt_priority(id, priority);
}

/// Puts a critical partition's interrupts into the state in which it finds them at its start: its own,
/// disabled, at its boot core, none pending or active.
pub fn claim(hardware: &Hardware, system: &System, partition: &Partition) {
    let mut gicd = GicDistributor::new(distributor(hardware));
    for &number in partition.interrupts {
        if let Some(spi) = number.checked_sub(SPI_BASE) {
            let id = IntId::spi(spi);
            let boot = system.cores.get(partition.boot.index());
            let _ = gicd.enable_interrupt(id, false);
            let _ = gicd.set_group(id, GROUP_1_SECURE);
            let _ = gicd.set_interrupt_priority(id, CRITICAL_PRIORITY);
            let _ = gicd.set_routing(id, boot.map(|core| core.hardware_id));
            clear_shared(hardware, spi);
        } else {
            for core in partition.cores.iter() {
                let mut gicr = GicRedistributor::new(redistributor(hardware, core));
                let id = IntId::ppi(number.saturating_sub(16));
                let _ = gicr.enable_interrupt(id, false);
                own_private(&mut gicr, id, GROUP_1_SECURE, CRITICAL_PRIORITY);
                clear_private(hardware, core, 1 << (number & 31));
            }
        }
    }
}

fn clear_shared(hardware: &Hardware, spi: u32) {
    let mut gicd = distributor(hardware);
    let word = 1 + spi as usize / 32;
    let bit = 1 << (spi % 32);
    if let Some(mut register) = field!(gicd, icpendr).get(word) {
        register.write(bit);
    }
    if let Some(mut register) = field!(gicd, icactiver).get(word) {
        register.write(bit);
    }
}

fn clear_private(hardware: &Hardware, core: CoreId, mask: u32) {
    let mut gicr = redistributor(hardware, core);
    let mut sgi = field!(gicr, sgi);
    if let Some(mut register) = field!(sgi, icpendr).get(0) {
        register.write(mask);
    }
    if let Some(mut register) = field!(sgi, icactiver).get(0) {
        register.write(mask);
    }
}

/// Takes a core's private interrupts away from the rich side: disabled, not pending, not active, LPIs off.
pub fn silence_private(hardware: &Hardware, core: CoreId) {
    let mut gicr = redistributor(hardware, core);
    let mut sgi = field!(gicr, sgi);
    let mask = field!(sgi, igroupr)
        .get(0)
        .map_or(0, |register| register.read());
    if let Some(mut register) = field!(sgi, icenabler).get(0) {
        register.write(mask);
    }
    #[cfg(not(feature = "weaken-restart"))]
    clear_private(hardware, core, mask);
    let mut frame = field!(gicr, gicr);
    // EnableLPIs (IHI 0069, GICR_CTLR).
    field!(frame, ctlr).write(arm_gic::gicv3::registers::GicrCtlr::empty());
}

/// Takes all shared interrupts away from the rich side, in whose group they are. Called when none of
/// its cores runs, from a thread: it may be preempted anywhere.
pub fn silence_shared(hardware: &Hardware) {
    if let Some(its) = hardware.its {
        silence_translation(its);
    }
    let mut gicd = distributor(hardware);
    for word in 1..32 {
        let mask = match field!(gicd, igroupr).get(word) {
            Some(register) => register.read(),
            None => return,
        };
        if let Some(mut register) = field!(gicd, icenabler).get(word) {
            register.write(mask);
        }
        if let Some(mut register) = field!(gicd, icpendr).get(word) {
            register.write(mask);
        }
        if let Some(mut register) = field!(gicd, icactiver).get(word) {
            register.write(mask);
        }
    }
}

/// The first register of the interrupt translation service (IHI 0069, GITS_CTLR).
#[repr(C)]
struct TranslationService {
    control: ReadPureWrite<u32>,
}

/// Stops the translation service: it reads and writes tables in the memory that is to be filled anew.
fn silence_translation(address: u64) {
    const QUIESCENT: u32 = 1 << 31;
    let address = NonNull::new(address as *mut TranslationService).unwrap_or(NonNull::dangling());
    // SAFETY: the board's description names the service here and `mmu` maps it.
    let mut its = unsafe { UniqueMmioPointer::new(address) };
    field!(its, control).write(0);
    // It finishes what it is at. This is a thread, so a long wait delays nobody but the rich side; a service
    // that never says so is left behind.
    for _ in 0..1_000_000 {
        if field!(its, control).read() & QUIESCENT != 0 {
            break;
        }
    }
}

/// Sets up the CPU interface of this core.
pub fn set_up_core() {
    // SAFETY: SRE goes from 0 to 1 here and never back.
    unsafe { el3::write_icc_sre_el3(IccSreEl3::from_bits_retain(SRE)) };
    crate::register::isb();
    el1::write_icc_pmr_el1(IccPmrEl1::from_bits_retain(0xff));
    el3::write_icc_ctlr_el3(IccCtlrEl3::empty());
    el1::write_icc_igrpen0_el1(IccIgrpen0El1::from_bits_retain(1));
    el3::write_icc_igrpen1_el3(IccIgrpen1El3::empty());
    crate::register::isb();
}

/// Which of the two Group 1 enables of this core (ICC_IGRPEN1_EL3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Enable {
    /// Bit 0, the rich side's.
    NonSecure = 1,
    /// Bit 1, the critical side's.
    Secure = 2,
}

/// Turns one side's interrupts off at this core's interface.
pub fn disable(side: Enable) {
    let enables = el3::read_icc_igrpen1_el3().bits() & !(side as u64);
    el3::write_icc_igrpen1_el3(IccIgrpen1El3::from_bits_retain(enables));
}

/// Turns one side's interrupts on at this core's interface.
pub fn enable(side: Enable) {
    let enables = el3::read_icc_igrpen1_el3().bits() | side as u64;
    el3::write_icc_igrpen1_el3(IccIgrpen1El3::from_bits_retain(enables));
}

/// Whether one side's interrupts are on at this core's interface.
pub fn is_enabled(side: Enable) -> bool {
    el3::read_icc_igrpen1_el3().bits() & side as u64 != 0
}

/// Makes a core's Secure timer interrupt the monitor's, and says with which priority it was the critical
/// partition's.
pub fn lend_secure_timer(hardware: &Hardware, core: CoreId) -> u8 {
    let mut registers = redistributor(hardware, core);
    let mut sgi = field!(registers, sgi);
    let mut priority = CRITICAL_PRIORITY;
    let mut priorities = arm_gic::gicv3::registers::Sgi::ipriorityr_bytes(&mut sgi);
    if let Some(register) = priorities.get(SECURE_TIMER as usize) {
        priority = register.read();
    }
    set_secure_timer_group(hardware, core, GROUP_0, MONITOR_PRIORITY);
    priority
}

/// Gives the Secure timer interrupt back.
pub fn return_secure_timer(hardware: &Hardware, core: CoreId, priority: u8) {
    set_secure_timer_group(hardware, core, GROUP_1_SECURE, priority);
}

fn set_secure_timer_group(hardware: &Hardware, core: CoreId, group: Group, priority: u8) {
    let mut gicr = GicRedistributor::new(redistributor(hardware, core));
    own_private(&mut gicr, IntId::ppi(SECURE_TIMER - 16), group, priority);
}

/// Takes the interrupt that brought this core to EL3 and ends it. A timer's is still asserted then: the
/// caller sets the timer anew, or turns it off, before it returns.
pub fn acknowledge() -> Cause {
    match GicCpuInterface::get_and_acknowledge_interrupt(InterruptGroup::Group0) {
        // Not acknowledged: the highest pending interrupt is of the named side (IHI 0069, Special INTIDs).
        Some(IntId::SPECIAL_NONSECURE) => Cause::Rich,
        Some(IntId::SPECIAL_SECURE) | None => Cause::Spurious,
        Some(id) => {
            GicCpuInterface::end_interrupt(id, InterruptGroup::Group0);
            if id == IntId::sgi(SGI) {
                Cause::Called
            } else if id == IntId::ppi(SECURE_TIMER - 16) {
                Cause::Tick
            } else {
                Cause::Bound
            }
        }
    }
}

/// Calls the monitor of a core, known by its affinity.
pub fn call(hardware_id: u64) {
    // MPIDR_EL1 has affinity 3 in bits 39 to 32, the others in bits 23 to 0.
    let [affinity0, affinity1, affinity2, _, affinity3, ..] = hardware_id.to_le_bytes();
    let target = SgiTarget::List {
        affinity3,
        affinity2,
        affinity1,
        target_list: 1 << (affinity0 & 15),
    };
    crate::register::dsb();
    // Fails only for a number that is not an SGI's.
    let _ = GicCpuInterface::send_sgi(IntId::sgi(SGI), target, SgiTargetGroup::Group0);
    crate::register::isb();
}

/// Whether every interrupt is in the group of its owner, Secure ones below priority 0x80 and all others at
/// or above it.
pub fn check(hardware: &Hardware, system: &System) -> Result<(), &'static str> {
    let owned = |id: u32, core: Option<CoreId>| {
        let mut owners = system
            .partitions
            .iter()
            .filter(|p| p.slot == Slot::Critical);
        owners.any(|p| p.interrupts.contains(&id) && core.is_none_or(|core| p.cores.contains(core)))
    };
    let mut gicd = distributor(hardware);
    let lines = (field!(gicd, typer).read().num_spis() + 32).min(1020);
    let mut priorities = Gicd::ipriorityr_bytes(&mut gicd);
    let mut priority = [0; 1020];
    for (id, value) in priority.iter_mut().enumerate() {
        if let Some(register) = priorities.get(id) {
            *value = register.read();
        }
    }
    for id in 32..lines {
        let secure = field!(gicd, igroupr)
            .get(id as usize / 32)
            .is_some_and(|register| register.read() >> (id % 32) & 1 == 0);
        let urgent = priority.get(id as usize).is_some_and(|&value| value < 0x80);
        if secure != owned(id, None) || urgent != secure {
            return Err("a shared interrupt has the wrong group or priority");
        }
    }
    for index in 0..system.cores.len() {
        let core = CoreId(u8::try_from(index).unwrap_or(u8::MAX));
        let mut registers = redistributor(hardware, core);
        let mut sgi = field!(registers, sgi);
        let groups = field!(sgi, igroupr)
            .get(0)
            .map_or(0, |register| register.read());
        let timer = match system.occupant(core, Slot::Critical) {
            Some(_) => MONITOR_TIMER,
            None => SECURE_TIMER,
        };
        let mut priorities = arm_gic::gicv3::registers::Sgi::ipriorityr_bytes(&mut sgi);
        for id in 0..32_u32 {
            let secure = groups >> id & 1 == 0;
            let urgent = priorities
                .get(id as usize)
                .is_some_and(|register| register.read() < 0x80);
            let expected = id == SGI || id == timer || owned(id, Some(core));
            if secure != expected || urgent != secure {
                return Err("a private interrupt has the wrong group or priority");
            }
        }
    }
    Ok(())
}
