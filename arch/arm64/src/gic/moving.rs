//! A critical partition's interrupts when it moves from one core to another (GICv3, Arm IHI 0069).
//!
//! Private ones are in the redistributor of a core: their state is read from the one and written to the other. Shared ones
//! are in the distributor, which keeps what is pending; only their route changes, while they are disabled, and no core is given
//! one that it may not have yet: the group is off at the new core's interface until the partition is there.

use super::v3::{GicV3, SECURE, enables, set_enables};
use crate::register;
use arm_gic::gicv3::registers::{GicdCtlr, GicrCtlr, Sgi};
use cofferdam_core::ids::CoreId;
use cofferdam_core::table::System;
use core::arch::asm;
use safe_mmio::field;

/// How often a register is read that says that a write is still on its way (GICD_CTLR.RWP, GICR_CTLR.RWP). It is, for a few
/// cycles of the interconnect.
const PATIENCE: usize = 100;

/// SGIs, which are edge-triggered.
const SGIS: u32 = 0xffff;

/// The private interrupts of a critical partition and its part of a core's interface.
#[derive(Clone, Copy, Debug)]
pub struct Private {
    /// Which they are: Secure Group 1.
    mask: u32,
    enabled: u32,
    pending: u32,
    active: u32,
    priority: [u8; 32],
    /// GICR_ICFGR1: which PPIs are edge-triggered.
    triggers: u32,
    /// ICC_CTLR_EL1 and ICC_BPR1_EL1 of the Secure state.
    interface: [u64; 2],
}

impl Private {
    /// No interrupt.
    pub const NONE: Self = Self {
        mask: 0,
        enabled: 0,
        pending: 0,
        active: 0,
        priority: [0; 32],
        triggers: 0,
        interface: [0; 2],
    };
}

/// Shared interrupts that were disabled, by their words.
pub type Closed = [u32; 32];

impl GicV3 {
    /// Whether an interrupt of the critical partition is acknowledged and not ended on this core: one of its priorities is
    /// active (ICC_AP1R0_EL1 of the Secure state).
    pub fn is_serving(&self) -> bool {
        let mut active: u64 = 0;
        register::secure(|| {
            // SAFETY: reads a register.
            unsafe { asm!("mrs {}, S3_0_C12_C9_0", out(reg) active, options(nomem, nostack)) };
        });
        active != 0
    }

    /// Lets none of the critical partition's interrupts be signalled to this core. Says whether they were.
    pub fn hold_back(&self) -> bool {
        let open = enables() & SECURE != 0;
        set_enables(enables() & !SECURE);
        register::isb();
        open
    }

    /// Takes the critical partition's private interrupts out of this core's redistributor.
    pub fn take_private(&self, core: CoreId) -> Private {
        let mut private = Private::NONE;
        register::secure(|| private.interface = read_interface());
        // What it sent to itself has arrived.
        register::dsb();
        let mut gicr = self.redistributor(core);
        let mut sgi = field!(gicr, sgi);
        let mask = !get!(sgi.igroupr[0]) & get!(sgi.igrpmodr[0]);
        private.mask = mask;
        private.enabled = get!(sgi.isenabler[0]) & mask;
        put!(sgi.icenabler[0], mask);
        private.triggers = get!(sgi.icfgr[1]);
        private.active = get!(sgi.isactiver[0]) & mask;
        let mut priorities = Sgi::ipriorityr_bytes(&mut sgi);
        for id in each(mask) {
            if let (Some(value), Some(register)) =
                (private.priority.get_mut(id), priorities.get(id))
            {
                *value = register.read();
            }
        }
        self.await_disabled(core);
        let mut gicr = self.redistributor(core);
        let mut sgi = field!(gicr, sgi);
        if !cfg!(feature = "weaken-migration") {
            private.pending = get!(sgi.ispendr[0]) & mask & keeps_pending(private.triggers);
        }
        self.clear_private(core, mask);
        private
    }

    /// Puts them into another's, and opens this core's interface to them if it was.
    pub fn give_private(&self, core: CoreId, private: &Private, open: bool) {
        let mask = private.mask;
        let mut gicr = self.redistributor(core);
        let mut sgi = field!(gicr, sgi);
        // What the rich side had pending by these numbers is not the partition's.
        put!(sgi.icenabler[0], mask);
        self.await_disabled(core);
        self.clear_private(core, mask);
        let mut priorities = Sgi::ipriorityr_bytes(&mut sgi);
        for id in each(mask) {
            if let (Some(value), Some(mut register)) =
                (private.priority.get(id), priorities.get(id))
            {
                register.write(*value);
            }
        }
        let others = get!(sgi.igroupr[0]) & !mask;
        let modifiers = get!(sgi.igrpmodr[0]) | mask;
        let triggers = get!(sgi.icfgr[1]) & !wide(mask) | private.triggers & wide(mask);
        put!(sgi.igrpmodr[0], modifiers);
        put!(sgi.igroupr[0], others);
        put!(sgi.icfgr[1], triggers);
        put!(sgi.isactiver[0], private.active);
        put!(sgi.ispendr[0], private.pending);
        put!(sgi.isenabler[0], private.enabled);
        register::dsb();
        register::secure(|| write_interface(private.interface));
        if open {
            set_enables(enables() | SECURE);
        }
    }

    /// Disables a partition's shared interrupts. Says which were not.
    pub fn close_shared(&self, interrupts: &[u32]) -> Closed {
        let mut closed: Closed = [0; 32];
        let mut gicd = self.distributor();
        for id in shared(interrupts) {
            let (word, bit) = (id / 32, 1 << (id % 32));
            let enabled = get!(gicd.isenabler[word]) & bit;
            if let Some(closed) = closed.get_mut(word) {
                *closed |= enabled;
            }
            put!(gicd.icenabler[word], enabled);
        }
        // GICD_CTLR.RWP: no core is given one any more.
        let _ = (0..PATIENCE).any(|_| !field!(gicd, ctlr).read().contains(GicdCtlr::RWP));
        closed
    }

    /// Routes a partition's shared interrupts to a core (GICD_IROUTER). What is pending stays so in the distributor, and goes
    /// there once it is enabled again.
    pub fn route_shared(&self, system: &System, interrupts: &[u32], to: CoreId) {
        let Some(core) = system.cores.get(to.index()) else {
            return;
        };
        let mut gicd = self.distributor();
        for id in shared(interrupts) {
            let spi = id.saturating_sub(32);
            put!(gicd.irouter[spi], core.hardware_id);
        }
    }

    /// Enables what was disabled of them.
    pub fn open_shared(&self, interrupts: &[u32], closed: &Closed) {
        register::dsb();
        let mut gicd = self.distributor();
        for id in shared(interrupts) {
            let word = id / 32;
            let bits = closed.get(word).copied().unwrap_or_default();
            put!(gicd.isenabler[word], bits & 1 << (id % 32));
        }
    }

    /// GICR_CTLR.RWP: this core is given none of those that were disabled any more.
    fn await_disabled(&self, core: CoreId) {
        let mut gicr = self.redistributor(core);
        let mut frame = field!(gicr, gicr);
        let _ = (0..PATIENCE).any(|_| !field!(frame, ctlr).read().contains(GicrCtlr::RWP));
    }
}

/// The numbers of the bits that are set.
fn each(mask: u32) -> impl Iterator<Item = usize> {
    (0..32).filter(move |id| mask >> id & 1 != 0)
}

/// Of a partition's interrupts, those that are in the distributor.
fn shared(interrupts: &[u32]) -> impl Iterator<Item = usize> + '_ {
    let all = interrupts.iter().map(|id| *id as usize);
    all.filter(|id| (32..1020).contains(id))
}

/// Of PPIs, two bits each, as GICR_ICFGR1 has them; the lower one is reserved.
fn wide(mask: u32) -> u32 {
    each(mask >> 16).fold(0, |bits, ppi| bits | 0b10 << (2 * ppi))
}

/// Private interrupts whose pending state is the controller's own: a level-sensitive one is pending for as long as its source
/// says so, and so it will be on the other core (IHI 0069, Interrupt handling state machine).
fn keeps_pending(triggers: u32) -> u32 {
    (0..16).fold(SGIS, |bits, ppi| {
        bits | (triggers >> (2 * ppi + 1) & 1) << (16 + ppi)
    })
}

fn read_interface() -> [u64; 2] {
    let (control, binary_point): (u64, u64);
    // SAFETY: reads registers.
    unsafe {
        asm!(
            "mrs {}, S3_0_C12_C12_4", // ICC_CTLR_EL1
            "mrs {}, S3_0_C12_C12_3", // ICC_BPR1_EL1
            out(reg) control,
            out(reg) binary_point,
            options(nomem, nostack),
        );
    }
    [control, binary_point]
}

fn write_interface([control, binary_point]: [u64; 2]) {
    // SAFETY: the Secure bank, whose owner does not run on this core yet.
    unsafe {
        asm!(
            "msr S3_0_C12_C12_4, {}", // ICC_CTLR_EL1
            "msr S3_0_C12_C12_3, {}", // ICC_BPR1_EL1
            "isb",
            in(reg) control,
            in(reg) binary_point,
            options(nostack),
        );
    }
}
