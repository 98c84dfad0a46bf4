//! The interrupt that says that a request is done, looked at where the distributor keeps it (GICD_ISPENDR, GICD_ICPENDR:
//! Arm IHI 0069): nothing is enabled, and nobody takes it.

use core::ptr::with_exposed_provenance_mut;

use crate::console::generated::{COMPLETION, interrupt_controller};

const ID: usize = match COMPLETION {
    Some(id) => id as usize,
    None => panic!("the board has an interrupt for this partition's requests"),
};
const DISTRIBUTOR: usize = interrupt_controller::REGISTERS[0].0;
const PENDING: usize = DISTRIBUTOR + 0x200 + ID / 32 * 4;
const NOT_PENDING: usize = DISTRIBUTOR + 0x280 + ID / 32 * 4;
const BIT: u32 = 1 << (ID % 32);

/// Whether it is pending.
pub fn is_pending() -> bool {
    let pending = with_exposed_provenance_mut::<u32>(PENDING);
    // SAFETY: a register of the interrupt controller that this world may read.
    unsafe { pending.read_volatile() & BIT != 0 }
}

/// Makes it not so.
pub fn clear() {
    let not_pending = with_exposed_provenance_mut::<u32>(NOT_PENDING);
    // SAFETY: a register of the interrupt controller that this world may write; ones alone do something.
    unsafe { not_pending.write_volatile(BIT) };
}
