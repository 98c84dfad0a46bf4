//! What the monitor does to a core's registers outside the fast paths: barriers, the state in which a
//! partition finds a core, and what is taken from it when it leaves.

use crate::context::{Context, system_index};
use crate::gic::Controller;
use crate::platform::Platform;
use crate::{aarch32, entry, vectors};
use arm_sysregs::el1::accessors as el1;
use arm_sysregs::el2::accessors as el2;
use arm_sysregs::el2::registers as r2;
use arm_sysregs::el3::accessors as el3;
use arm_sysregs::el3::registers::{MdcrEl3, ScrEl3};
use cofferdam_core::ids::{CoreId, Slot};
use cofferdam_core::life::Start;
use cofferdam_core::table::{Entry, System};
use core::arch::asm;

/// SCR_EL3 while the rich slot runs: RW, HCE, FIQ, NS and RES1 (Arm ARM, SCR_EL3). EA is 0: an external
/// abort of Linux is Linux's.
pub const SCR_RICH: u64 = 1 << 10 | 1 << 8 | 0b11 << 4 | 1 << 2 | 1;
/// What a rich partition starts with; other than [`SCR_RICH`] in positive controls only, which leave the monitor's
/// threads as they are: NS is 0 and ST 1, or FIQ is 0, or TWI is 1.
pub const SCR_STARTED: u64 = if cfg!(feature = "weaken-world") {
    SCR_RICH & !1 | 1 << 11
} else if cfg!(feature = "weaken-routing") {
    SCR_RICH & !(1 << 2)
} else if cfg!(feature = "weaken-idle") {
    SCR_RICH | 1 << 12
} else {
    SCR_RICH
};
/// SCR_EL3 while the critical slot runs: TWI, ST, RW, SIF, EA, FIQ and RES1.
pub const SCR_CRITICAL: u64 = 1 << 12 | 1 << 11 | 1 << 10 | 1 << 9 | 0b11 << 4 | 1 << 3 | 1 << 2;
/// CPTR_EL3.TFP: floating point traps to EL3.
pub const CPTR_TFP: u64 = if cfg!(feature = "weaken-fp") {
    0
} else {
    1 << 10
};
/// SPSR: EL3 with SP_EL0, D, A and I masked, F open: a monitor thread, which FIQ preempts.
pub const SPSR_THREAD: u64 = 0b111 << 7 | 0b1100;
/// SPSR, bit 4 of M: from AArch32.
pub const SPSR_AARCH32: u64 = 1 << 4;
/// Masks FIQ in the threads that wait or load in the stead of a partition: nothing, but in a positive control.
pub const THREAD_MASK: u64 = (cfg!(feature = "weaken-idle") as u64) << 6;
/// MDCR_EL3: SDD and SPD32=0b10, no self-hosted or AArch32 debug exceptions in Secure state; SPME
/// is 0, no event is counted there.
pub const MDCR: u64 = (1 - OPEN) << 16 | 0b10 << 14 | (cfg!(feature = "weaken-pmu") as u64) << 17;
/// What of MDCR_EL3 counts: the above, and the traps of debug and performance registers, which are off.
pub const MDCR_MASK: u64 = 1 << 17 | 1 << 16 | 0b11 << 14 | 0b11 << 9 | 1 << 6;
/// Debug is open in the Secure state, whose partition does not mask it: in a positive control.
const OPEN: u64 = cfg!(feature = "weaken-debug") as u64;

/// A pause: an emulator that runs one core at a time goes on to the next.
pub fn relax() {
    // SAFETY: a hint.
    unsafe { asm!("yield", options(nomem, nostack)) };
}

/// Instruction barrier.
pub fn isb() {
    // SAFETY: a barrier.
    unsafe { asm!("isb", options(nostack, preserves_flags)) };
}

/// Data barrier, full system.
pub fn dsb() {
    // SAFETY: a barrier.
    unsafe { asm!("dsb sy", options(nostack, preserves_flags)) };
}

/// Cleans the data cache of a range to the point of coherency: the next reader has its caches off. It invalidates too, for
/// Cortex-A53 errata 819472, 824069, 826319, 827319 and 855873 lose a clean that does not.
pub fn clean(start: u64, size: u64) {
    const LINE: u64 = 64;
    let mut address = start & !(LINE - 1);
    while address < start + size {
        // SAFETY: this loses nothing that was written; the address is mapped, as the caller just wrote there.
        unsafe { asm!("dc civac, {}", in(reg) address, options(nostack, preserves_flags)) };
        address += LINE;
    }
    dsb();
}

/// Whether EL1 has a cache on (Arm ARM, SCTLR_EL1: C and I).
pub fn caches_are_on() -> bool {
    el1::read_sctlr_el1().bits() & (1 << 12 | 1 << 2) != 0
}

/// Takes faults of the monitor itself from here on.
pub fn set_vectors() {
    let table = vectors::table();
    // SAFETY: a table of vectors for a core whose slots do not run yet.
    unsafe { asm!("msr vbar_el3, {}", "isb", in(reg) table, options(nostack)) };
}

/// Registers of EL3 that stay the same from here on, once a core.
pub fn set_up(counter_hz: u64) {
    set_scr(SCR_RICH & !1);
    el3::write_mdcr_el3(MdcrEl3::from_bits_retain(MDCR));
    // SAFETY: only EL3 may write the counter's frequency, and nothing here depends on it.
    unsafe { asm!("msr cntfrq_el0, {}", in(reg) counter_hz, options(nomem, nostack)) };
    // SAFETY: the monitor does not use floating point, so trapping it or not changes nothing for it.
    unsafe { asm!("msr cptr_el3, xzr", options(nomem, nostack)) };
    isb();
}

fn set_scr(value: u64) {
    // SAFETY: the security state of lower levels only; EL3 itself is always Secure.
    unsafe { el3::write_scr_el3(ScrEl3::from_bits_retain(value)) };
    isb();
}

/// Runs `f` with the banked registers of the Non-secure state in reach.
fn non_secure(f: impl FnOnce()) {
    let before = el3::read_scr_el3().bits();
    with_scr(before, before | 1, f);
}

/// Runs `f` with the banked registers of the Secure state in reach.
pub fn secure(f: impl FnOnce()) {
    let before = el3::read_scr_el3().bits();
    with_scr(before, before & !1, f);
}

fn with_scr(before: u64, meanwhile: u64, f: impl FnOnce()) {
    set_scr(meanwhile);
    f();
    set_scr(before);
}

/// The context in which a slot starts, in the registers that are switched.
pub fn fresh<G: Controller>(context: &mut Context, slot: Slot, state: Entry, start: Start) {
    let spare = context.spare;
    *context = Context {
        gpr: [0; 31],
        elr: start.entry,
        spsr: entry::spsr(state),
        igrpen: G::CLOSED,
        scr: match slot {
            Slot::Critical => entry::scr(SCR_CRITICAL, state),
            Slot::Rich => entry::scr(SCR_RICH, state),
        },
        cptr: context.cptr,
        system: [0; _],
        spare,
    };
    context.gpr[0] = start.argument;
    context.system[const { system_index("sctlr_el1") }] = entry::sctlr_el1(state);
    // Non-secure code can only move the mask within the upper half, and only if it starts there (IHI 0069,
    // Software accesses of interrupt priority): 0x80 masks all of its own interrupts and none of the critical
    // side's.
    match slot {
        Slot::Rich => context.system[const { system_index("icc_pmr_el1") }] = 0x80,
        Slot::Critical => {
            context.spsr &= !(OPEN << 9);
            context.system[const { system_index("mdscr_el1") }] = OPEN << 15 | OPEN << 13;
        }
    }
}

/// The registers of the rich side that are not switched, as a partition finds them at its start and as
/// they are left when it is gone: nothing translated, trapped or armed, no interrupt active.
pub fn reset_rich(gic: &impl Controller, state: Entry) {
    non_secure(|| {
        // SAFETY: all of these belong to the Non-secure state, which does not run on this core now.
        unsafe {
            el2::write_hcr_el2(r2::HcrEl2::from_bits_retain(entry::hcr(state)));
        }
        // SAFETY: as above.
        unsafe {
            asm!(
                "msr sctlr_el2, {sctlr}",
                "msr cptr_el2, {cptr}",
                "msr vttbr_el2, xzr",
                "msr vtcr_el2, {vtcr}",
                "msr vbar_el2, xzr",
                "msr ttbr0_el2, xzr",
                "msr tcr_el2, {tcr}",
                "msr hstr_el2, xzr",
                "msr tpidr_el2, xzr",
                "msr cnthctl_el2, {counters}",
                "msr cntvoff_el2, xzr",
                "msr cnthp_ctl_el2, xzr",
                "msr cntp_ctl_el0, xzr",
                "msr cntv_ctl_el0, xzr",
                sctlr = in(reg) entry::sctlr_el2(state),
                cptr = in(reg) 0x33ff_u64, // RES1; nothing trapped (Arm ARM, CPTR_EL2)
                vtcr = in(reg) 1_u64 << 31, // RES1
                tcr = in(reg) 1_u64 << 31 | 1 << 23, // RES1
                counters = in(reg) 3_u64, // EL1 may use the physical counter and timer
                options(nostack),
            );
        }
        // SAFETY: as above. The virtual identity registers show the real ones.
        unsafe {
            asm!(
                "mrs {t}, midr_el1",
                "msr vpidr_el2, {t}",
                "mrs {t}, mpidr_el1",
                "msr vmpidr_el2, {t}",
                // MDCR_EL2.HPMN = PMCR_EL0.N: all counters are EL1's (Arm ARM, MDCR_EL2).
                "mrs {t}, pmcr_el0",
                "ubfx {t}, {t}, #11, #5",
                "msr mdcr_el2, {t}",
                "msr pmcr_el0, xzr",
                "mov {t}, #0xffffffff",
                "msr pmcntenclr_el0, {t}",
                "msr pmintenclr_el1, {t}",
                "msr pmovsclr_el0, {t}",
                "msr pmuserenr_el0, xzr",
                t = out(reg) _,
                options(nostack),
            );
        }
        gic.reset_rich();
        // SAFETY: dropping cached translations of the Non-secure state cannot harm others.
        unsafe {
            asm!(
                "tlbi alle1",
                "tlbi alle2",
                "ic iallu",
                "dsb nsh",
                "isb",
                options(nostack)
            )
        };
    });
}

/// Lets the Secure physical timer fire at this counter value, or stops it.
pub fn set_secure_timer(at: u64, enabled: bool) {
    restore_secure_timer(SecureTimer {
        compare: at,
        control: u64::from(enabled),
    });
}

/// The Secure physical timer's registers.
#[derive(Clone, Copy, Debug)]
pub struct SecureTimer {
    compare: u64,
    control: u64,
}

impl SecureTimer {
    /// One that does not run.
    pub const STOPPED: Self = Self {
        compare: 0,
        control: 0,
    };

    /// How long ago it expired, if it did.
    pub fn late(&self, now: u64) -> Option<u64> {
        const ENABLE_AND_ISTATUS: u64 = 1 << 2 | 1;
        let expired = self.control & ENABLE_AND_ISTATUS == ENABLE_AND_ISTATUS;
        expired.then(|| now.saturating_sub(self.compare))
    }
}

/// Reads the Secure physical timer.
pub fn secure_timer() -> SecureTimer {
    SecureTimer {
        compare: el1::read_cntps_cval_el1().bits(),
        control: el1::read_cntps_ctl_el1().bits(),
    }
}

/// Puts the Secure physical timer back.
pub fn restore_secure_timer(timer: SecureTimer) {
    use arm_sysregs::el1::registers::{CntpsCtlEl1, CntpsCvalEl1};
    el1::write_cntps_cval_el1(CntpsCvalEl1::from_bits_retain(timer.compare));
    el1::write_cntps_ctl_el1(CntpsCtlEl1::from_bits_retain(timer.control));
    isb();
}

/// Lets the EL2 physical timer fire at this counter value.
pub fn set_monitor_timer(at: u64) {
    el2::write_cnthp_cval_el2(r2::CnthpCvalEl2::from_bits_retain(at));
    el2::write_cnthp_ctl_el2(r2::CnthpCtlEl2::from_bits_retain(1));
    isb();
}

/// Turns the EL2 physical timer off.
pub fn stop_monitor_timer() {
    el2::write_cnthp_ctl_el2(r2::CnthpCtlEl2::empty());
    isb();
}

/// What a critical partition leaves behind on a core: its timer and its interrupts.
pub fn reset_critical(gic: &impl Controller, system: &System, core: CoreId) {
    el1::write_cntps_ctl_el1(arm_sysregs::el1::registers::CntpsCtlEl1::empty());
    secure(|| {
        gic.reset_critical(system, core);
        // SAFETY: the Secure EL1 translations, whose owner is gone.
        unsafe { asm!("tlbi alle1", "ic iallu", "dsb nsh", options(nostack)) };
    });
}

/// EL2 is AArch32, or EL1 in a system without such a partition, which would take the exception in a way that is not emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTaken;

/// Makes a slot that runs now take an undefined instruction exception (Arm ARM, AArch64.TakeException):
/// to EL2 if it was there, or at EL0 with HCR_EL2.TGE set; to EL1 otherwise.
pub fn inject_undefined<P: Platform>(context: &mut Context) -> Result<(), NotTaken> {
    const SYNDROME_UNKNOWN_32_BIT: u64 = 1 << 25;
    const TGE: u64 = 1 << 27;
    let from = context.spsr;
    let below_is_64_bit = context.scr & entry::SCR_RW != 0;
    let (hypervisor, has_el2) = match context.scr & 1 {
        0 => (0, false), // there is no Secure EL2
        _ => (el2::read_hcr_el2().bits(), true),
    };
    let el1_is_32_bit = !below_is_64_bit || has_el2 && hypervisor & entry::HCR_RW == 0;
    let mode = from & 0x1f;
    let to_el2 = match mode {
        0b0_0000 | 0b1_0000 => hypervisor & TGE != 0,
        _ => mode & 0b1_1100 == 0b0_1000 || mode == 0b1_1010,
    };
    if to_el2 && !below_is_64_bit || el1_is_32_bit && !to_el2 && !P::AARCH32 {
        return Err(NotTaken);
    }
    if P::AARCH32 && el1_is_32_bit && !to_el2 {
        take_undefined_32(context);
        return Ok(());
    }
    let (target, below_is_32_bit) = match to_el2 {
        true => (0b0_1000, el1_is_32_bit),
        false => (0b0_0100, mode == 0b1_0000),
    };
    let offset = match (mode & 0b1_1100 == target, mode & 1) {
        (true, stack) => 0x200 * stack,
        (false, _) if below_is_32_bit => 0x600,
        (false, _) => 0x400,
    };
    let base: u64;
    if to_el2 {
        // SAFETY: the interrupted slot's own registers, changed as an exception would.
        unsafe {
            asm!(
                "msr elr_el2, {elr}",
                "msr spsr_el2, {spsr}",
                "msr esr_el2, {esr}",
                "mrs {base}, vbar_el2",
                elr = in(reg) context.elr,
                spsr = in(reg) from,
                esr = in(reg) SYNDROME_UNKNOWN_32_BIT,
                base = out(reg) base,
                options(nomem, nostack),
            );
        }
        context.spsr = entry::SPSR_EL2;
    } else {
        // SAFETY: as above.
        unsafe {
            asm!(
                "msr elr_el1, {elr}",
                "msr spsr_el1, {spsr}",
                "msr esr_el1, {esr}",
                "mrs {base}, vbar_el1",
                elr = in(reg) context.elr,
                spsr = in(reg) from,
                esr = in(reg) SYNDROME_UNKNOWN_32_BIT,
                base = out(reg) base,
                options(nomem, nostack),
            );
        }
        context.spsr = entry::SPSR_EL1;
    }
    // Bits 10 to 0 of the base are RES0, but this is a partition's register, which an emulator may keep as it
    // was written; at the end of the address space the sum must not wrap.
    let ignored = 0x7ff * u64::from(!cfg!(feature = "weaken-injection"));
    let base = base & !ignored;
    context.elr = base + offset;
    Ok(())
}

/// The same at an AArch32 EL1.
fn take_undefined_32(context: &mut Context) {
    let (sctlr, vbar): (u64, u64);
    // SAFETY: reads the interrupted slot's own registers.
    unsafe {
        asm!("mrs {}, sctlr_el1", "mrs {}, vbar_el1", out(reg) sctlr, out(reg) vbar, options(nomem, nostack));
    }
    let taken = aarch32::undefined(context.elr, context.spsr, sctlr, vbar);
    // SAFETY: a register that no other partition sees, changed as the exception would.
    unsafe { asm!("msr spsr_und, {}", in(reg) context.spsr, options(nomem, nostack)) };
    // LR_und (Arm ARM, Mapping of the general-purpose registers between the Execution states).
    context.gpr[22] = taken.link;
    context.spsr = taken.state;
    context.elr = taken.vector;
}
