//! GICv3 (Arm IHI 0069).
//!
//! Group 0 is the monitor's, Group 1 Secure the critical partitions', Group 1 Non-secure the rich side's.

use super::its::{self, PATIENCE};
use super::{
    CRITICAL_PRIORITY, Cause, Controller, Lent, SECURE_TIMER, SGI, is_critical, is_hooked,
    own_timer,
};
use crate::register;
use arm_gic::gicv3::registers::{Gicd, GicrCtlr, GicrSgi};
use arm_gic::gicv3::{
    GicCpuInterface, GicDistributor, GicRedistributor, Group, SecureIntGroup, SgiTarget,
    SgiTargetGroup,
};
use arm_gic::{IntId, InterruptGroup, UniqueMmioPointer};
use arm_sysregs::el1::accessors as el1;
use arm_sysregs::el1::registers::{IccIgrpen0El1, IccPmrEl1};
use arm_sysregs::el3::accessors as el3;
use arm_sysregs::el3::registers::{IccCtlrEl3, IccIgrpen1El3, IccSreEl3};
use cofferdam_core::ids::{CoreId, CoreSet, Slot};
use cofferdam_core::table::{Hooked, Partition, System};
use core::arch::asm;
use core::ptr::NonNull;
use safe_mmio::field;

/// Priority of the monitor's own interrupts.
pub const MONITOR_PRIORITY: u8 = 0x10;
/// INTID of the first shared interrupt (IHI 0069, INTIDs); off by one in a positive control.
const SPI_BASE: u32 = 32 - cfg!(feature = "weaken-owner") as u32;

/// GICR_NSACR: Non-secure code sends no Secure SGI; in a positive control, it may.
const NO_ACCESS: u32 = if cfg!(feature = "weaken-sgi") { !0 } else { 0 };

/// ICC_SRE_EL3: system registers at EL3, no bypass, and lower levels may choose them too.
pub const SRE: u64 = 0xf;
/// ICC_CTLR_EL3 is 0 in these: EOI drops and deactivates at EL3, and the controller forwards no Non-secure view (RM), no mask
/// hints (PMHE). The others are the two states' own.
pub const CONTROL_MASK: u64 = 1 << 6 | 1 << 5 | 1 << 2;

const GROUP_0: Group = Group::Secure(SecureIntGroup::Group0);
const GROUP_1_SECURE: Group = Group::Secure(SecureIntGroup::Group1S);

/// A GICv3: where its registers are, from the board's description.
#[derive(Clone, Copy, Debug)]
pub struct GicV3 {
    /// Address of the distributor.
    pub distributor: u64,
    /// Address of the redistributor frames of the first core.
    pub redistributors: u64,
    /// Bytes from one core's redistributor frames to the next.
    pub stride: u64,
    /// Address of the interrupt translation service, if there is one.
    pub its: Option<u64>,
}

impl GicV3 {
    pub(super) fn distributor(&self) -> UniqueMmioPointer<'static, Gicd> {
        let address = NonNull::new(self.distributor as *mut Gicd).unwrap_or(NonNull::dangling());
        // SAFETY: the board's description names the distributor here and `mmu` maps it as device memory.
        // Registers shared between cores are only written by single stores.
        unsafe { UniqueMmioPointer::new(address) }
    }

    pub(super) fn redistributor(&self, core: CoreId) -> UniqueMmioPointer<'static, GicrSgi> {
        let address = self.redistributors + u64::from(core.0) * self.stride;
        let address = NonNull::new(address as *mut GicrSgi).unwrap_or(NonNull::dangling());
        // SAFETY: the board's description names the frames of this core here and `mmu` maps them.
        unsafe { UniqueMmioPointer::new(address) }
    }

    /// Every core of the description has its redistributor where that says (IHI 0069, GICR_TYPER);
    /// behind the last one there is nothing to read.
    fn find_cores(&self, system: &System) -> Result<(), &'static str> {
        let mut last = false;
        for (index, core) in system.cores.iter().enumerate() {
            if last {
                return Err("the machine has fewer cores than the description");
            }
            let registers = self.redistributor(CoreId(u8::try_from(index).unwrap_or(u8::MAX)));
            let found = GicRedistributor::new(registers).typer();
            if found.core_mpidr() != core.hardware_id {
                return Err("a redistributor is another core's than the description says");
            }
            last = found.last_redistributor();
        }
        Ok(())
    }

    fn clear_shared(&self, spi: u32) {
        let mut gicd = self.distributor();
        let word = 1 + spi as usize / 32;
        let bit = 1 << (spi % 32);
        put!(gicd.icpendr[word], bit);
        put!(gicd.icactiver[word], bit);
    }

    pub(super) fn clear_private(&self, core: CoreId, mask: u32) {
        let mut gicr = self.redistributor(core);
        let mut sgi = field!(gicr, sgi);
        put!(sgi.icpendr[0], mask);
        put!(sgi.icactiver[0], mask);
    }

    /// Makes a shared interrupt the monitor's own, and enables it.
    pub fn own_shared(&self, system: &System, hooked: Hooked) {
        let mut gicd = GicDistributor::new(self.distributor());
        let id = IntId::spi(hooked.interrupt.saturating_sub(32));
        let core = system.cores.get(hooked.core.index());
        let _ = gicd.set_group(id, GROUP_0);
        let _ = gicd.set_interrupt_priority(id, MONITOR_PRIORITY);
        let _ = gicd.set_routing(id, core.map(|core| core.hardware_id));
        self.let_come(hooked.interrupt, true);
    }

    /// Lets a shared interrupt of the monitor's own come, or holds it back.
    pub fn let_come(&self, id: u32, come: bool) {
        let mut gicd = self.distributor();
        let (word, bit) = (id as usize / 32, 1 << (id % 32));
        if come {
            put!(gicd.isenabler[word], bit);
        } else {
            put!(gicd.icenabler[word], bit);
        }
    }

    /// Waits until a redistributor that was told to turn LPIs off has left their tables (IHI 0069, GICR_CTLR, RWP).
    fn await_redistributor(&self, core: CoreId) {
        let mut gicr = self.redistributor(core);
        let mut frame = field!(gicr, gicr);
        let _ = (0..PATIENCE).any(|_| !field!(frame, ctlr).read().contains(GicrCtlr::RWP));
    }

    fn set_secure_timer_group(&self, core: CoreId, group: Group, priority: u8) {
        let mut gicr = GicRedistributor::new(self.redistributor(core));
        own_private(&mut gicr, IntId::ppi(SECURE_TIMER - 16), group, priority);
    }
}

impl Controller for GicV3 {
    const CLOSED: u64 = 0;
    // A Group 1 interrupt of the other Security state is signalled to EL3 as FIQ (IHI 0069, Interrupt assignment to IRQ and FIQ
    // signals).
    const WAKE_SCR: u64 = 0;
    const WAKE_SPSR: u64 = 0;

    fn set_up(&self, system: &System) -> Result<(), &'static str> {
        self.find_cores(system)?;
        let mut gicd = GicDistributor::new(self.distributor());
        gicd.configure_default_settings(); // Non-secure Group 1, all; the rest is claimed below
        gicd.enable_affinity_routing_non_secure(true);
        let mut shared = self.distributor();
        for word in 2..64 {
            put!(shared.nsacr[word], 0);
        }
        for index in 0..system.cores.len() {
            let core = CoreId(u8::try_from(index).unwrap_or(u8::MAX));
            let mut gicr = GicRedistributor::new(self.redistributor(core));
            gicr.power_on();
            // Refused only where the core is awake already.
            let _ = gicr.mark_core_awake();
            gicr.configure_default_settings();
            let mut registers = self.redistributor(core);
            let mut sgi = field!(registers, sgi);
            field!(sgi, nsacr).write(NO_ACCESS);
            for id in [IntId::sgi(SGI), IntId::ppi(own_timer(system, core) - 16)] {
                own_private(&mut gicr, id, GROUP_0, MONITOR_PRIORITY);
                let _ = gicr.enable_interrupt(id, true);
            }
        }
        for partition in system.partitions {
            if partition.slot == Slot::Critical {
                self.claim(system, partition);
            }
        }
        gicd.enable_group1_secure(true);
        gicd.enable_group0(true);
        Ok(())
    }

    fn check(&self, system: &System) -> Result<(), &'static str> {
        let mut gicd = self.distributor();
        let lines = (field!(gicd, typer).read().num_spis() + 32).min(1020);
        let mut priorities = Gicd::ipriorityr_bytes(&mut gicd);
        let mut priority = [0; 1020];
        for (id, value) in priority.iter_mut().enumerate() {
            if let Some(register) = priorities.get(id) {
                *value = register.read();
            }
        }
        for id in 32..lines {
            let secure = get!(gicd.igroupr[id as usize / 32]) >> (id % 32) & 1 == 0;
            let urgent = priority.get(id as usize).is_some_and(|&value| value < 0x80);
            let expected = is_critical(system, id, None) || is_hooked(system, id);
            if secure != expected || urgent != secure {
                return Err("a shared interrupt has the wrong group or priority");
            }
            if get!(gicd.nsacr[id as usize / 16]) != 0 {
                return Err("Non-secure code may change a Secure interrupt");
            }
        }
        for index in 0..system.cores.len() {
            let core = CoreId(u8::try_from(index).unwrap_or(u8::MAX));
            let mut registers = self.redistributor(core);
            let mut sgi = field!(registers, sgi);
            if field!(sgi, nsacr).read() != 0 {
                return Err("Non-secure code may send Secure SGIs");
            }
            let groups = get!(sgi.igroupr[0]);
            let timer = own_timer(system, core);
            let mut priorities = arm_gic::gicv3::registers::Sgi::ipriorityr_bytes(&mut sgi);
            for id in 0..32_u32 {
                let secure = groups >> id & 1 == 0;
                let urgent = priorities
                    .get(id as usize)
                    .is_some_and(|register| register.read() < 0x80);
                let expected = id == SGI || id == timer || is_critical(system, id, Some(core));
                if secure != expected || urgent != secure {
                    return Err("a private interrupt has the wrong group or priority");
                }
            }
        }
        Ok(())
    }

    fn set_up_core(&self, _: &System, _: CoreId) -> Result<(), &'static str> {
        // SAFETY: SRE goes from 0 to 1 here and never back.
        unsafe { el3::write_icc_sre_el3(IccSreEl3::from_bits_retain(SRE)) };
        register::isb();
        el1::write_icc_pmr_el1(IccPmrEl1::from_bits_retain(0xff));
        el3::write_icc_ctlr_el3(IccCtlrEl3::empty());
        el1::write_icc_igrpen0_el1(IccIgrpen0El1::from_bits_retain(1));
        el3::write_icc_igrpen1_el3(IccIgrpen1El3::empty());
        register::isb();
        Ok(())
    }

    fn claim(&self, system: &System, partition: &Partition) {
        let mut gicd = GicDistributor::new(self.distributor());
        for &number in partition.interrupts {
            if let Some(spi) = number.checked_sub(SPI_BASE) {
                let id = IntId::spi(spi);
                let boot = system.cores.get(partition.boot.index());
                let _ = gicd.enable_interrupt(id, false);
                let _ = gicd.set_group(id, GROUP_1_SECURE);
                let _ = gicd.set_interrupt_priority(id, CRITICAL_PRIORITY);
                let _ = gicd.set_routing(id, boot.map(|core| core.hardware_id));
                self.clear_shared(spi);
            } else {
                for core in partition.cores.iter() {
                    let mut gicr = GicRedistributor::new(self.redistributor(core));
                    let id = IntId::ppi(number.saturating_sub(16));
                    let _ = gicr.enable_interrupt(id, false);
                    own_private(&mut gicr, id, GROUP_1_SECURE, CRITICAL_PRIORITY);
                    self.clear_private(core, 1 << (number & 31));
                }
            }
        }
    }

    fn silence_private(&self, core: CoreId) {
        let mut gicr = self.redistributor(core);
        let mut sgi = field!(gicr, sgi);
        let mask = get!(sgi.igroupr[0]);
        put!(sgi.icenabler[0], mask);
        #[cfg(not(feature = "weaken-restart"))]
        self.clear_private(core, mask);
        let mut frame = field!(gicr, gicr);
        // GICR_CTLR.EnableLPIs (IHI 0069, GICR_CTLR).
        field!(frame, ctlr).write(GicrCtlr::empty());
    }

    fn silence_shared(&self, cores: CoreSet) {
        if let Some(its) = self.its {
            its::silence(its);
        }
        for core in cores.iter() {
            self.await_redistributor(core);
        }
        let mut gicd = self.distributor();
        for word in 1..32 {
            let mask = get!(gicd.igroupr[word]);
            put!(gicd.icenabler[word], mask);
            put!(gicd.icpendr[word], mask);
            put!(gicd.icactiver[word], mask);
        }
    }

    fn reset_rich(&self) {
        // SAFETY: the Non-secure bank, which is not in use now: system registers at EL2 and EL1, no priority active,
        // no virtual interrupt.
        unsafe {
            asm!(
                "msr S3_4_C12_C9_5, {sre2}", // ICC_SRE_EL2
                "isb",
                "msr S3_0_C12_C12_5, {sre1}", // ICC_SRE_EL1
                "isb",
                "msr S3_0_C12_C9_0, xzr", // ICC_AP1R0_EL1
                "msr S3_0_C12_C12_4, xzr", // ICC_CTLR_EL1
                "msr S3_0_C12_C12_3, xzr", // ICC_BPR1_EL1
                "msr S3_4_C12_C11_0, xzr", // ICH_HCR_EL2
                sre2 = in(reg) 0xf_u64,
                sre1 = in(reg) 7_u64,
                options(nostack),
            );
        }
    }

    fn reset_critical(&self, _: &System, _: CoreId) {
        set_enables(enables() & !SECURE);
        // SAFETY: the Secure bank, whose owner is gone.
        unsafe {
            asm!(
                "msr S3_0_C12_C12_5, {sre}", // ICC_SRE_EL1
                "isb",
                "msr S3_0_C12_C9_0, xzr", // ICC_AP1R0_EL1
                "msr S3_0_C12_C12_3, xzr", // ICC_BPR1_EL1
                sre = in(reg) 7_u64,
                options(nostack),
            );
        }
    }

    fn watched(&self) -> Option<&GicV3> {
        Some(self)
    }

    fn show_rich(&self) {
        set_enables(enables() | NON_SECURE);
    }

    fn shows_rich(&self) -> bool {
        enables() & NON_SECURE != 0
    }

    fn hide_rich(&self) {
        set_enables(enables() & !NON_SECURE);
    }

    fn lend_secure_timer(&self, core: CoreId) -> Option<Lent> {
        let mut registers = self.redistributor(core);
        let mut sgi = field!(registers, sgi);
        let mut priority = CRITICAL_PRIORITY;
        let mut priorities = arm_gic::gicv3::registers::Sgi::ipriorityr_bytes(&mut sgi);
        if let Some(register) = priorities.get(SECURE_TIMER as usize) {
            priority = register.read();
        }
        self.set_secure_timer_group(core, GROUP_0, MONITOR_PRIORITY);
        let enabled = enables() & SECURE != 0;
        set_enables(enables() & !SECURE);
        Some(Lent { priority, enabled })
    }

    fn return_secure_timer(&self, core: CoreId, lent: Lent) {
        self.set_secure_timer_group(core, GROUP_1_SECURE, lent.priority);
        if lent.enabled {
            set_enables(enables() | SECURE);
        }
    }

    fn acknowledge(&self) -> Cause {
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
                    Cause::Other(id.raw_value())
                }
            }
        }
    }

    #[inline(always)]
    fn make_pending(&self, id: u32) {
        // What the caller wrote before is seen before the interrupt is.
        register::dsb();
        let mut gicd = self.distributor();
        put!(gicd.ispendr[id as usize / 32], 1 << (id % 32));
    }

    fn call(&self, hardware_id: u64) {
        // MPIDR_EL1 has affinity 3 in bits 39 to 32, the others in bits 23 to 0.
        let [affinity0, affinity1, affinity2, _, affinity3, ..] = hardware_id.to_le_bytes();
        let target = SgiTarget::List {
            affinity3,
            affinity2,
            affinity1,
            target_list: 1 << (affinity0 & 15),
        };
        register::dsb();
        // Fails only for a number that is not an SGI's.
        let _ = GicCpuInterface::send_sgi(IntId::sgi(SGI), target, SgiTargetGroup::Group0);
        register::isb();
    }
}

/// Bits of ICC_IGRPEN1_EL3: the rich side's Group 1.
const NON_SECURE: u64 = 1;
/// The critical side's.
pub(super) const SECURE: u64 = 2;

pub(super) fn enables() -> u64 {
    el3::read_icc_igrpen1_el3().bits()
}

pub(super) fn set_enables(bits: u64) {
    el3::write_icc_igrpen1_el3(IccIgrpen1El3::from_bits_retain(bits));
}

fn own_private(gicr: &mut GicRedistributor, id: IntId, group: Group, priority: u8) {
    // These fail for numbers that are not private, which the callers' types exclude.
    let _ = gicr.set_group(id, group);
    let _ = gicr.set_interrupt_priority(id, priority);
}
