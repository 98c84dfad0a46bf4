//! Whether a use of floating point traps where the other partition used it meanwhile: under `fpu: lazy`.

use core::arch::asm;
use core::fmt;

use cofferdam_partition::time;

use crate::observer::pass;

/// Ticks of the other partition's in between.
const TICKS: usize = 50;
/// What a use takes that traps, in ticks of 16 ns: 182 instructions of 8 ns at least. One without is shorter, and one that an emulator's
/// turn of another core falls into longer.
const TRAP: core::ops::Range<u64> = 40..600;

/// What was seen.
pub enum Verdict {
    /// One of them trapped.
    Trap,
    /// None did.
    NoTrap,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trap => "floating point: a trap",
            Self::NoTrap => "floating point: no trap",
        })
    }
}

/// Uses it once in each tick.
pub fn compare() -> Verdict {
    let mut trapped = false;
    for _ in 0..TICKS {
        pass(1);
        trapped |= TRAP.contains(&use_once());
    }
    match trapped {
        true => Verdict::Trap,
        false => Verdict::NoTrap,
    }
}

/// What it takes, in ticks.
fn use_once() -> u64 {
    let since = time::now();
    // SAFETY: code for the soft-float target keeps nothing in these registers.
    unsafe {
        asm!(
            ".arch_extension fp",
            "fmov d0, xzr",
            options(nomem, nostack)
        );
    }
    time::now() - since
}
