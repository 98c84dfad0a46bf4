//! A core's look at itself, when the health monitor asks for it: EL3's registers and what is kept of them in the
//! contexts, its private interrupts, its stacks, its timer.
//!
//! Not VBAR_EL3 where it changes: it brought this handler here, and each switch writes it.

use super::Event;
use crate::gic::{Controller as _, v3};
use crate::health::interrupts;
use crate::platform::Platform;
use crate::{context, entry, mmu, register, stack};
use arm_sysregs::el0::accessors as el0;
use arm_sysregs::el1::accessors as el1;
use cofferdam_core::health::Kind;
use cofferdam_core::ids::Slot;
use cofferdam_core::record::What;
use cofferdam_core::table::Fpu;
use core::arch::asm;

unsafe extern "C" {
    static cofferdam_tables: u8;
}

/// Reads a register of EL3, by its name.
macro_rules! read {
    ($name:literal) => {{
        let value: u64;
        // SAFETY: reads a register.
        unsafe { asm!(concat!("mrs {}, ", $name), out(reg) value, options(nomem, nostack)) };
        value
    }};
}

/// The registers of EL3 that stay as they were set up, read and written by their number: as one list, so that the
/// numbers are the same.
macro_rules! registers {
    ($($number:literal $name:literal,)+) => {
        const REGISTERS: usize = [$($number),+].len();

        fn read_all() -> [u64; REGISTERS] {
            [$(read!($name)),+]
        }

        fn write(number: usize, value: u64) {
            match number {
                // SAFETY: the value that the monitor set up, with which it ran until a bit of it changed.
                $($number => unsafe { asm!(concat!("msr ", $name, ", {}"), in(reg) value, options(nostack)) },)+
                _ => {}
            }
            // SAFETY: what was translated with a wrong register is forgotten.
            unsafe { asm!("tlbi alle3", "dsb nsh", "isb", options(nostack)) };
        }
    };
}

registers! {
    0 "sctlr_el3",
    1 "tcr_el3",
    2 "mair_el3",
    3 "ttbr0_el3",
    4 "mdcr_el3",
    5 "cntfrq_el0",
    6 "S3_6_C12_C12_5", // ICC_SRE_EL3
    7 "S3_6_C12_C12_4", // ICC_CTLR_EL3
    8 "S3_0_C12_C12_6", // ICC_IGRPEN0_EL1
    9 "vbar_el3",
}

impl<P: Platform> Event<'_, P> {
    /// Looks at this core, if it was asked to.
    pub(super) fn look_at_core(&mut self) -> bool {
        let core = self.core();
        if !self.monitor.is_asked(core) {
            return false;
        }
        self.hold_registers();
        self.hold_contexts();
        let lent = self.block.state.suspended.is_some();
        if let Some(gic) = self.monitor.gic().watched() {
            self.monitor.check(core, Kind::Private.fault(), &|repair| {
                interrupts::private_is_right(gic, self.monitor.system(), core, lent, repair)
            });
        }
        if P::CHECKS.periodic {
            self.check_stacks();
            self.check_time();
        }
        true
    }

    fn hold_registers(&self) {
        // VBAR_EL3 changes with the slot where there are two.
        let constant = self.partition(Slot::Critical).is_none();
        let vectors = if constant { !0 } else { 0 };
        let expected = [
            (!0, mmu::SCTLR_ON),
            (!0, mmu::TCR),
            (!0, mmu::MAIR),
            (!0, (&raw const cofferdam_tables) as u64),
            (register::MDCR_MASK, register::MDCR),
            (!0, P::COUNTER_HZ),
            (v3::SRE, v3::SRE),
            (v3::CONTROL_MASK, 0),
            (1, 1),
            (vectors, crate::vectors::table() & vectors),
        ];
        for (n, (value, (mask, expected))) in read_all().into_iter().zip(expected).enumerate() {
            if value & mask == expected {
                continue;
            }
            let fault = Kind::Register.number(n.to_le_bytes()[0]);
            self.monitor.check(self.core(), fault, &|repair| {
                if repair {
                    write(n, value & !mask | expected);
                }
                read_all()
                    .get(n)
                    .is_some_and(|value| value & mask == expected)
            });
        }
    }

    /// SCR_EL3 and CPTR_EL3 come from the contexts at every way out: those are what has to stay.
    fn hold_contexts(&mut self) {
        let core = self.core();
        let floating_point = self.block.state.floating_point;
        let eager = matches!(self.monitor.system().fpu, Fpu::Eager);
        for (n, slot) in [(0, Slot::Critical), (1, Slot::Rich)] {
            let scr = match slot {
                // Never filled where nothing starts.
                Slot::Critical if !self.critical_waits(core) && !self.critical_runs(core) => {
                    continue;
                }
                Slot::Critical => register::SCR_CRITICAL,
                Slot::Rich => register::SCR_STARTED,
            };
            let scr = entry::scr(scr, self.entry(slot));
            let cptr = if eager || slot == floating_point {
                0
            } else {
                register::CPTR_TFP
            };
            let monitor = self.monitor;
            let fault = Kind::Context.number(n);
            let context: &context::Context = self.context(slot);
            if (context.scr, context.cptr) != (scr, cptr) && monitor.found(core, fault) {
                let context = self.context(slot);
                (context.scr, context.cptr) = (scr, cptr);
                monitor.record(What::Repaired, core, None, fault.code());
            }
        }
    }

    fn check_stacks(&self) {
        for n in 0..stack::COUNT {
            let bottom = self.monitor.stack_bottom(self.core(), n);
            // SAFETY: the lowest word of a stack of this core, which is mapped and which nobody else uses.
            let word = unsafe { bottom.read_volatile() };
            if word != stack::CANARY {
                self.monitor.found(self.core(), Kind::Canary.number(n));
            }
        }
    }

    /// The counter goes on, and the Secure timer counts down to its compare value by it (Arm ARM, TimerValue views:
    /// TVAL is the low half of CVAL - CNTPCT).
    fn check_time(&mut self) {
        const LOW: u64 = 0xffff_ffff;
        let last = self.block.state.looked_at;
        let enabled = el1::read_cntps_ctl_el1().bits() & 1 != 0;
        let compare = el1::read_cntps_cval_el1().bits();
        // Reads of counters may be early or out of order without a barrier (Arm ARM, Synchronization requirements for
        // System registers).
        register::isb();
        let before = compare.wrapping_sub(el0::read_cntpct_el0().bits());
        register::isb();
        let left = read!("cntps_tval_el1");
        register::isb();
        let now = el0::read_cntpct_el0().bits();
        let after = compare.wrapping_sub(now);
        // All three are of a few instructions; the difference fits in the low half.
        let is_between = before.wrapping_sub(left) & LOW <= before.wrapping_sub(after);
        if now <= last || enabled && !is_between {
            self.monitor.found(self.core(), Kind::Timer.fault());
        }
        self.block.state.looked_at = now;
    }
}
