//! Where the stacks lie: constant addresses, each above a page that is not mapped, so that an overflow
//! is a fault of EL3 and not a silent write into a neighbour.

use crate::mmu::{Kind, Mapping};
use cofferdam_core::ids::Slot;

/// Bytes of one stack with its guard page.
pub const STRIDE: u64 = 0x4000;
/// Bytes of the guard page.
pub const GUARD: u64 = 0x1000;
/// Bytes of all stacks of a core: handlers, thread of the critical slot, thread of the rich slot.
pub const OF_CORE: u64 = COUNT as u64 * STRIDE;

/// How many stacks a core has.
pub const COUNT: u8 = 3;
/// The lowest word of each stack, above the guard page: the periodic self-tests look whether it is still there.
pub const CANARY: u64 = 0xcaff_e1dd_a25e_7b93;

/// Lowest address of stack number `n` of a core, from the start of its stacks.
pub const fn bottom(n: u8) -> u64 {
    n as u64 * STRIDE + GUARD
}

/// Top of the stack for handlers, from the start of a core's stacks.
pub const HANDLER_TOP: u64 = STRIDE;

/// Top of the stack for the monitor thread in a slot, from the start of a core's stacks.
pub const fn thread_top(slot: Slot) -> u64 {
    match slot {
        Slot::Critical => 2 * STRIDE,
        Slot::Rich => 3 * STRIDE,
    }
}

/// The mapping of stack number `n`, counted over all cores, of stacks that start at `at`.
pub const fn mapping(at: u64, n: u64) -> Mapping {
    Mapping {
        start: at + n * STRIDE + GUARD,
        size: STRIDE - GUARD,
        kind: Kind::SecureRam,
    }
}
