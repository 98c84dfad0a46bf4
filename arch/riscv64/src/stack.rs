//! Where the monitor's stacks lie: for each hart that of the handlers, above it a small one for the report of a fault, and that of
//! its threads. Below the first and the last is a guard, which no mode can reach (`pmp::Rule::Guard`).
//!
//! The threads of a hart's two slots have one stack: while the critical slot has a thread, the rich one does not run, so
//! the critical one's begins where that of the rich one is (`thread::stack_top`).

use cofferdam_core::region::Region;

/// Bytes of one hart's stacks.
pub const BYTES: u64 = 0x9000;
/// Bytes of a guard.
const GUARD: u64 = 0x1000;
/// Where the handlers' stack begins; it grows down to the guard at the start.
pub const TOP: u64 = GUARD + 0x2000;
/// Bytes of the stack for faults.
pub const FATAL: u64 = 0x1000;

/// The guards of the stacks that lie at an address: of the handlers', and of the threads'.
///
/// # Panics
/// Where no stacks could be, which fails the build.
pub const fn guards(at: u64) -> [Region; 2] {
    [guard(at), guard(at + TOP + FATAL)]
}

const fn guard(at: u64) -> Region {
    match Region::from_raw(at, GUARD) {
        Ok(region) => region,
        Err(_) => panic!("stacks at the end of the address space"),
    }
}

/// Where the stacks of a hart lie.
#[cfg(target_os = "none")]
pub fn of(core: cofferdam_core::ids::CoreId) -> u64 {
    unsafe extern "C" {
        static __stacks: u8;
    }
    let all = (&raw const __stacks).expose_provenance() as u64;
    all + u64::from(core.0) * BYTES
}
