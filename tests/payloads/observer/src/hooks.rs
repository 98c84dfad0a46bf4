//! The hooks of `observed.yaml`: how often they were called, against the ticks of this partition, and whether each kept to
//! its instructions. Judged where an instruction takes 8 ns, half a tick of the counter.

use core::fmt;

use cofferdam_abi::call::Error;
use cofferdam_partition::monitor;

use crate::observer::{pass, services};

/// Ticks of a comparison.
const TICKS: u64 = 100;
/// Instructions in a tick of the counter.
const INSTRUCTIONS: u64 = 2;
/// What reading the counter twice, and the edges of two ticks, may add.
const READING: u64 = 8;
/// Hooks of the system: before, after, clock.
const HOOKS: u64 = 3;

/// What came out.
pub enum Verdict {
    /// The system has none.
    None,
    /// A switch of this core in each direction called each, and none took too long. With the calls of the interrupt's.
    Agree(u64),
    /// This was called too often, too seldom or for too long.
    Wrong(&'static str, u64, u64),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("hooks: none"),
            Self::Agree(clock) => write!(f, "hooks: called at each switch, in time, clock={clock}"),
            Self::Wrong(what, expected, found) => {
                write!(f, "hooks: WRONG {what}: {found}, expected {expected}")
            }
        }
    }
}

/// Takes ticks, and compares.
pub fn compare() -> Verdict {
    found().unwrap_or(Verdict::None)
}

fn found() -> Result<Verdict, Error> {
    pass(1);
    let first = services::hooked()?;
    pass(TICKS);
    let last = services::hooked()?;
    for (what, calls) in [
        ("calls before", last.before - first.before),
        ("calls after", last.after - first.after),
    ] {
        if calls.abs_diff(2 * TICKS) > 2 {
            return Ok(Verdict::Wrong(what, 2 * TICKS, calls));
        }
    }
    for number in 0..HOOKS {
        let [_, longest, budget, ..] = monitor::hook(number)?;
        if longest * INSTRUCTIONS > budget + READING {
            return Ok(Verdict::Wrong(
                "instructions",
                budget,
                longest * INSTRUCTIONS,
            ));
        }
    }
    Ok(Verdict::Agree(last.clock))
}
