//! Where the monitor's stacks lie: for each hart a guard, which no mode can reach (`pmp::Rule::Guard`), the stack above
//! it, and above that a small one for the report of a fault.

/// Bytes of one hart's stacks.
pub const BYTES: u64 = 0x8000;
/// Bytes of the guard at their start.
pub const GUARD: u64 = 0x1000;
/// Bytes of the stack for faults at their end.
pub const FATAL: u64 = 0x1000;
/// Where the stack begins; it grows down to the guard.
pub const TOP: u64 = BYTES - FATAL;
