//! Where the monitor's stacks lie: for each hart a guard, which no mode can reach (`pmp::Rule::Guard`), above it the stacks
//! of the threads of its two slots and that of the handlers, on top a small one for the report of a fault.
//!
//! The guard is below the handlers', whose depth depends on more than the threads': those load, and nothing else.

use cofferdam_core::ids::Slot;

/// Bytes of one hart's stacks.
pub const BYTES: u64 = 0x8000;
/// Bytes of the guard at their start.
pub const GUARD: u64 = 0x1000;
/// Bytes of the stack for faults.
pub const FATAL: u64 = 0x1000;
/// Bytes of a thread's stack.
pub const THREAD: u64 = 0x2000;
/// Where the handlers' stack begins; it grows down to the guard.
pub const TOP: u64 = BYTES - FATAL - 2 * THREAD;

/// Where the stacks of a hart lie.
#[cfg(target_os = "none")]
pub fn of(core: cofferdam_core::ids::CoreId) -> u64 {
    unsafe extern "C" {
        static __stacks: u8;
    }
    let all = (&raw const __stacks).expose_provenance() as u64;
    all + u64::from(core.0) * BYTES
}

/// Where the stack of a slot's thread begins, counted from the hart's.
pub const fn thread_top(slot: Slot) -> u64 {
    match slot {
        Slot::Critical => BYTES,
        Slot::Rich => BYTES - THREAD,
    }
}
