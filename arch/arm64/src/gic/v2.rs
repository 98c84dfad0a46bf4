//! GICv2 with Security Extensions (Arm IHI 0048), its CPU interface in memory.
//!
//! Group 0 is Secure, Group 1 the rich side's. So the critical partition's interrupts are in the same group as the
//! monitor's, and nothing can bring the monitor back while it runs: `v2.S` says how the two are told apart.
//! Registers of private interrupts are banked: each core reaches its own only.

use super::{
    CRITICAL_PRIORITY, Cause, Controller, GicV3, Lent, SECURE_TIMER, SGI, is_critical, own_timer,
};
use crate::register;
use cofferdam_core::ids::{CoreId, CoreSet, Slot};
use cofferdam_core::table::{Partition, System};
use core::ptr::NonNull;
use safe_mmio::fields::{ReadOnly, ReadPure, ReadPureWrite, WriteOnly};
use safe_mmio::{UniqueMmioPointer, field};

/// Priority of the monitor's own interrupts: the last of the Secure half. Another core's call can wait, and however
/// many there are, a critical interrupt comes first.
const MONITOR_PRIORITY: u8 = 0x78;
/// Priority of all interrupts of the rich side until that chooses.
const RICH_PRIORITY: u8 = 0xa0;

/// GICC_CTLR (IHI 0048), Secure: Group 0 is on.
const ENABLE_GROUP_0: u32 = 1;
/// Group 1 is on; Non-secure code sees this bit.
const ENABLE_GROUP_1: u32 = 1 << 1;
/// Group 0 is signalled as FIQ. AckCtl and CBPR are 0: GICC_IAR takes Group 0 only, and each group has its own
/// binary point.
const FIQ_ENABLE: u32 = 1 << 3;

/// A GICv2: where its registers are, from the board's description.
#[derive(Clone, Copy, Debug)]
pub struct GicV2 {
    /// Address of the distributor.
    pub distributor: u64,
    /// Address of the CPU interface, at which each core finds its own.
    pub cpu_interface: u64,
}

/// The distributor (IHI 0048, Distributor register map).
#[repr(C)]
struct Distributor {
    control: ReadPureWrite<u32>,
    kind: ReadPure<u32>,
    reserved: [u32; 30],
    group: [ReadPureWrite<u32>; 32],
    set_enable: [ReadPureWrite<u32>; 32],
    clear_enable: [ReadPureWrite<u32>; 32],
    set_pending: [ReadPureWrite<u32>; 32],
    clear_pending: [ReadPureWrite<u32>; 32],
    set_active: [ReadPureWrite<u32>; 32],
    clear_active: [ReadPureWrite<u32>; 32],
    priority: [ReadPureWrite<u8>; 1024],
    targets: [ReadPureWrite<u8>; 1024],
    trigger: [ReadPureWrite<u32>; 64],
    reserved_after_trigger: [u32; 128],
    send: WriteOnly<u32>,
    reserved_after_send: [u32; 3],
    clear_pending_sgi: [ReadPureWrite<u8>; 16],
}

/// The CPU interface (IHI 0048, CPU interface register map).
#[repr(C)]
struct Interface {
    control: ReadPureWrite<u32>,
    priority_mask: ReadPureWrite<u32>,
    binary_point: ReadPureWrite<u32>,
    acknowledge: ReadOnly<u32>,
    end: WriteOnly<u32>,
    running_priority: ReadPure<u32>,
    highest_pending: ReadPure<u32>,
    group_1_binary_point: ReadPureWrite<u32>,
    reserved: [u32; 44],
    active_priorities: [ReadPureWrite<u32>; 4],
    group_1_active_priorities: [ReadPureWrite<u32>; 4],
}

const _: () = {
    assert!(core::mem::offset_of!(Distributor, send) == 0xf00);
    assert!(core::mem::offset_of!(Distributor, clear_pending_sgi) == 0xf10);
    assert!(core::mem::offset_of!(Interface, active_priorities) == 0xd0);
};

impl GicV2 {
    fn distributor(&self) -> UniqueMmioPointer<'static, Distributor> {
        let address = NonNull::new(self.distributor as *mut _).unwrap_or(NonNull::dangling());
        // SAFETY: the board's description names the distributor here and `mmu` maps it as device memory. Registers
        // shared between cores are only written by single stores.
        unsafe { UniqueMmioPointer::new(address) }
    }

    fn interface(&self) -> UniqueMmioPointer<'static, Interface> {
        let address = NonNull::new(self.cpu_interface as *mut _).unwrap_or(NonNull::dangling());
        // SAFETY: as above; it is this core's alone.
        unsafe { UniqueMmioPointer::new(address) }
    }

    /// Words of 32 interrupts each (GICD_TYPER.ITLinesNumber).
    fn words(&self) -> usize {
        let mut gicd = self.distributor();
        (field!(gicd, kind).read() & 0x1f) as usize + 1
    }

    fn own(&self, id: u32, priority: u8) {
        let (word, bit) = place(id);
        let mut gicd = self.distributor();
        let group = get!(gicd.group[word]);
        put!(gicd.group[word], group & !bit);
        put!(gicd.priority[id as usize], priority);
    }

    /// An interrupt as its critical partition finds it at its start; `target`: the CPU interface of a shared one.
    fn claim_one(&self, id: u32, target: Option<u8>) {
        let (word, bit) = place(id);
        let mut gicd = self.distributor();
        put!(gicd.clear_enable[word], bit);
        self.own(id, CRITICAL_PRIORITY);
        if let Some(target) = target {
            put!(gicd.targets[id as usize], 1 << target);
        }
        put!(gicd.clear_pending[word], bit);
        put!(gicd.clear_active[word], bit);
    }

    fn claim_shared(&self, system: &System, partition: &Partition) {
        let boot = system.cores.get(partition.boot.index());
        let target = boot.map(|core| interface_number(core.hardware_id));
        for &id in partition.interrupts.iter().filter(|id| **id >= 32) {
            self.claim_one(id, target);
        }
    }

    fn claim_private(&self, partition: &Partition) {
        for &id in partition.interrupts.iter().filter(|id| **id < 32) {
            self.claim_one(id, None);
        }
    }

    /// Whether an interrupt is in the Secure group, and is more urgent than any that is not.
    fn secure_and_urgent(&self, id: u32) -> (bool, bool) {
        let (word, bit) = place(id);
        let mut gicd = self.distributor();
        let priority = get!(gicd.priority[id as usize]);
        (get!(gicd.group[word]) & bit == 0, priority < 0x80)
    }

    fn check_private(&self, system: &System, core: CoreId) -> Result<(), &'static str> {
        for id in 0..32 {
            let expected =
                id == SGI || id == own_timer(system, core) || is_critical(system, id, Some(core));
            if self.secure_and_urgent(id) != (expected, expected) {
                return Err("a private interrupt has the wrong group or priority");
            }
        }
        Ok(())
    }

    /// Ends what `id` stands for if a priority of its group is still running though none is active: an emulator that
    /// keeps the running priority by itself computes it anew at the end of an interrupt only. Not met on hardware,
    /// where it is computed from the active priorities (IHI 0048, GICC_RPR).
    fn drop_running(&self, priorities: core::ops::Range<u32>, id: u32) {
        let mut interface = self.interface();
        if priorities.contains(&field!(interface, running_priority).read()) {
            field!(interface, end).write(id);
        }
    }
}

impl Controller for GicV2 {
    const CLOSED: u64 = (ENABLE_GROUP_0 | FIQ_ENABLE) as u64;
    /// Group 1 is signalled as IRQ.
    const WAKE_SCR: u64 = 1 << 1;
    const WAKE_SPSR: u64 = 1 << 7;

    fn set_up(&self, system: &System) -> Result<(), &'static str> {
        const SECURITY_EXTENSIONS: u32 = 1 << 10;
        let mut gicd = self.distributor();
        if field!(gicd, kind).read() & SECURITY_EXTENSIONS == 0 {
            return Err("the interrupt controller has no Security Extensions");
        }
        for word in 1..self.words() {
            put!(gicd.group[word], !0);
            put!(gicd.clear_enable[word], !0);
        }
        for id in 32..self.words() * 32 {
            put!(gicd.priority[id], RICH_PRIORITY);
        }
        for partition in system.partitions {
            if partition.slot == Slot::Critical {
                self.claim_shared(system, partition);
            }
        }
        field!(gicd, control).write(ENABLE_GROUP_0);
        Ok(())
    }

    fn check(&self, system: &System) -> Result<(), &'static str> {
        for id in (32..1020).take_while(|id| place(*id).0 < self.words()) {
            let expected = is_critical(system, id, None);
            if self.secure_and_urgent(id) != (expected, expected) {
                return Err("a shared interrupt has the wrong group or priority");
            }
        }
        Ok(())
    }

    fn set_up_core(&self, system: &System, core: CoreId) -> Result<(), &'static str> {
        let mut gicd = self.distributor();
        let number = system
            .cores
            .get(core.index())
            .map_or(0, |core| interface_number(core.hardware_id));
        // Of private interrupts, the core that reads (IHI 0048, GICD_ITARGETSR); with a single core it reads as zero.
        let target = get!(gicd.targets[0]);
        if target != 1 << number && (target, system.cores.len()) != (0, 1) {
            return Err("a core has another CPU interface than its affinity says");
        }
        put!(gicd.clear_enable[0], !0);
        put!(gicd.group[0], !0);
        for id in 0..32 {
            put!(gicd.priority[id], RICH_PRIORITY);
        }
        let timer = own_timer(system, core);
        for id in [SGI, timer] {
            self.own(id, MONITOR_PRIORITY);
        }
        put!(gicd.set_enable[0], 1 << SGI);
        match system
            .occupant(core, Slot::Critical)
            .and_then(|id| system.partition(id))
        {
            Some(partition) => self.claim_private(partition),
            // The tick. The other cores' timer would bound the critical slot, which it cannot interrupt: it stays off.
            None => put!(gicd.set_enable[0], 1 << timer),
        }
        let mut interface = self.interface();
        field!(interface, priority_mask).write(0xff);
        field!(interface, control).write(ENABLE_GROUP_0 | FIQ_ENABLE);
        if cfg!(feature = "weaken-priority") {
            return Ok(());
        }
        self.check_private(system, core)
    }

    fn claim(&self, system: &System, partition: &Partition) {
        self.claim_shared(system, partition);
        self.claim_private(partition);
    }

    fn silence_private(&self, _: CoreId) {
        let mut gicd = self.distributor();
        let mask = get!(gicd.group[0]);
        put!(gicd.clear_enable[0], mask);
        if cfg!(feature = "weaken-restart") {
            return;
        }
        for sgi in 0..16 {
            if sgi != SGI {
                // From every sender.
                put!(gicd.clear_pending_sgi[sgi as usize], 0xff);
            }
        }
        put!(gicd.clear_pending[0], mask);
        put!(gicd.clear_active[0], mask);
    }

    fn silence_shared(&self, _: CoreSet) {
        let mut gicd = self.distributor();
        for word in 1..self.words() {
            let mask = get!(gicd.group[word]);
            put!(gicd.clear_enable[word], mask);
            put!(gicd.clear_pending[word], mask);
            put!(gicd.clear_active[word], mask);
        }
    }

    fn reset_rich(&self) {
        let mut interface = self.interface();
        for word in 0..4 {
            put!(interface.group_1_active_priorities[word], 0);
        }
        field!(interface, group_1_binary_point).write(0);
        self.drop_running(0x80..0xff, 0);
    }

    fn reset_critical(&self, system: &System, core: CoreId) {
        let partition = system
            .occupant(core, Slot::Critical)
            .and_then(|id| system.partition(id));
        let Some(partition) = partition else {
            return;
        };
        let mut gicd = self.distributor();
        for &id in partition.interrupts {
            let (word, bit) = place(id);
            put!(gicd.clear_enable[word], bit);
            put!(gicd.clear_active[word], bit);
        }
        let mut interface = self.interface();
        for word in 0..4 {
            put!(interface.active_priorities[word], 0);
        }
        field!(interface, binary_point).write(0);
        self.drop_running(0..0x80, SGI);
    }

    fn watched(&self) -> Option<&GicV3> {
        None
    }

    fn show_rich(&self) {
        let mut interface = self.interface();
        let kept = field!(interface, control).read();
        field!(interface, control).write(kept | ENABLE_GROUP_1);
    }

    fn shows_rich(&self) -> bool {
        let mut interface = self.interface();
        field!(interface, control).read() & ENABLE_GROUP_1 != 0
    }

    fn hide_rich(&self) {
        let mut interface = self.interface();
        let kept = field!(interface, control).read();
        field!(interface, control).write(kept & !ENABLE_GROUP_1);
    }

    fn lend_secure_timer(&self, _: CoreId) -> Option<Lent> {
        None
    }

    fn return_secure_timer(&self, _: CoreId, _: Lent) {}

    fn acknowledge(&self) -> Cause {
        /// Instead of a number (IHI 0048, Special interrupt numbers): the highest pending interrupt is of Group 1, or there is none.
        const GROUP_1: u32 = 1022;
        const NONE: u32 = 1023;
        let mut interface = self.interface();
        let taken = field!(interface, acknowledge).read();
        if number(taken) < GROUP_1 {
            field!(interface, end).write(taken);
        }
        match number(taken) {
            SGI => Cause::Called,
            SECURE_TIMER => Cause::Tick,
            GROUP_1 => Cause::Rich,
            NONE => Cause::Spurious,
            // The critical partition's, that came just before it was taken: it is pending again. (Its timer, if it was
            // that, is so by itself.)
            id => {
                let (word, bit) = place(id);
                let mut gicd = self.distributor();
                put!(gicd.set_pending[word], bit);
                Cause::Spurious
            }
        }
    }

    #[inline(always)]
    fn make_pending(&self, id: u32) {
        // What the caller wrote before is seen before the interrupt is.
        register::dsb();
        let mut gicd = self.distributor();
        put!(gicd.set_pending[id as usize / 32], 1 << (id % 32));
    }

    fn call(&self, hardware_id: u64) {
        let mut gicd = self.distributor();
        register::dsb();
        // To the listed interfaces (bits 25:24 are 0), as a Secure SGI (NSATT is 0; IHI 0048, GICD_SGIR).
        field!(gicd, send).write(1 << (16 + interface_number(hardware_id)) | SGI);
        register::isb();
    }
}

/// Word and bit of an interrupt.
const fn place(id: u32) -> (usize, u32) {
    ((id / 32) as usize, 1 << (id % 32))
}

/// An interrupt's number, without the sender of an SGI.
const fn number(id: u32) -> u32 {
    id & 0x3ff
}

/// Which CPU interface is a core's: its affinity 0, as `set_up_core` holds against the hardware.
const fn interface_number(hardware_id: u64) -> u8 {
    hardware_id.to_le_bytes()[0] & 7
}
