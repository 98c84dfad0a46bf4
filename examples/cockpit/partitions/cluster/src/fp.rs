//! Checks that nobody else changes this partition's FP/SIMD registers.
//!
//! Off until a test starts it, since a partition without FP costs the monitor less. Then every job
//! compares all registers with what the job before left in them, and leaves other values. The
//! pattern differs from job to job: registers that are zeroed, kept from an older job or another
//! world's are all seen.

use core::arch::asm;

use cofferdam_cockpit_cluster::digest::Health;

/// V0 to V31, then FPCR and FPSR.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C, align(16))]
struct Registers {
    vectors: [u128; 32],
    control: u64,
    status: u64,
}

/// The check.
pub struct FpCheck {
    left: Option<Registers>,
    round: u32,
    health: Health,
}

impl FpCheck {
    /// Not started.
    pub const fn new() -> Self {
        Self {
            left: None,
            round: 0,
            health: Health::Unknown,
        }
    }

    /// Starts it.
    pub fn start(&mut self) {
        self.leave();
    }

    /// Compares, and leaves the next values. Nothing while it is not started.
    pub fn step(&mut self) {
        let Some(left) = &self.left else {
            return;
        };
        if read() != *left {
            self.health = Health::Bad;
        } else if self.health == Health::Unknown {
            self.health = Health::Ok;
        }
        self.leave();
    }

    /// What the comparisons so far say.
    pub const fn health(&self) -> Health {
        self.health
    }

    fn leave(&mut self) {
        self.round = self.round.wrapping_add(1);
        let values = pattern(self.round);
        write(&values);
        self.left = Some(values);
    }
}

/// The values of a round: each register another, each byte of it depending on the round.
fn pattern(round: u32) -> Registers {
    let mut state = round;
    let vectors = core::array::from_fn(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u128::from(state).wrapping_mul(0x1_0000_0001_0000_0001_0000_0001)
    });
    Registers {
        vectors,
        // FPCR.RMode, bits 23:22, and the cumulative flags of FPSR, bits 4:0.
        control: u64::from(round % 4) << 22,
        status: u64::from(round % 32),
    }
}

fn read() -> Registers {
    let mut values = Registers {
        vectors: [0; 32],
        control: 0,
        status: 0,
    };
    // SAFETY: stores the registers to `values`, which has this layout and is ours.
    unsafe {
        asm!(
            ".arch_extension simd",
            "stp q0, q1, [{at}]",
            "stp q2, q3, [{at}, #32]",
            "stp q4, q5, [{at}, #64]",
            "stp q6, q7, [{at}, #96]",
            "stp q8, q9, [{at}, #128]",
            "stp q10, q11, [{at}, #160]",
            "stp q12, q13, [{at}, #192]",
            "stp q14, q15, [{at}, #224]",
            "stp q16, q17, [{at}, #256]",
            "stp q18, q19, [{at}, #288]",
            "stp q20, q21, [{at}, #320]",
            "stp q22, q23, [{at}, #352]",
            "stp q24, q25, [{at}, #384]",
            "stp q26, q27, [{at}, #416]",
            "stp q28, q29, [{at}, #448]",
            "stp q30, q31, [{at}, #480]",
            "mrs {control}, fpcr",
            "mrs {status}, fpsr",
            at = in(reg) &raw mut values.vectors,
            control = out(reg) values.control,
            status = out(reg) values.status,
            options(nostack, preserves_flags),
        );
    }
    values
}

fn write(values: &Registers) {
    // SAFETY: code for the soft-float target keeps nothing in these registers, so they are free.
    unsafe {
        asm!(
            ".arch_extension simd",
            "ldp q0, q1, [{at}]",
            "ldp q2, q3, [{at}, #32]",
            "ldp q4, q5, [{at}, #64]",
            "ldp q6, q7, [{at}, #96]",
            "ldp q8, q9, [{at}, #128]",
            "ldp q10, q11, [{at}, #160]",
            "ldp q12, q13, [{at}, #192]",
            "ldp q14, q15, [{at}, #224]",
            "ldp q16, q17, [{at}, #256]",
            "ldp q18, q19, [{at}, #288]",
            "ldp q20, q21, [{at}, #320]",
            "ldp q22, q23, [{at}, #352]",
            "ldp q24, q25, [{at}, #384]",
            "ldp q26, q27, [{at}, #416]",
            "ldp q28, q29, [{at}, #448]",
            "ldp q30, q31, [{at}, #480]",
            "msr fpcr, {control}",
            "msr fpsr, {status}",
            at = in(reg) &raw const values.vectors,
            control = in(reg) values.control,
            status = in(reg) values.status,
            options(nostack, readonly, preserves_flags),
        );
    }
}
