//! The floating-point registers of both slots, outside of the vectors: the swap of `lazy`, and zeros for a fresh start.
//!
//! The monitor is compiled without floating point; only the routines of `start.S` and the lists of `switch.S` touch
//! these registers.

use crate::context::FloatingPoint;
use cofferdam_core::ids::Slot;
use core::arch::asm;

unsafe extern "C" {
    fn cofferdam_fp_save(to: *mut FloatingPoint);
    fn cofferdam_fp_load(from: *const FloatingPoint);
}

/// Lets EL3 use the floating-point registers; the vectors set CPTR_EL3 again on the way out.
fn open() {
    // SAFETY: nothing in EL3 relies on the trap.
    unsafe { asm!("msr cptr_el3, xzr", "isb", options(nomem, nostack)) };
}

/// Puts the registers away for one slot and loads the other's.
pub fn swap(areas: &mut [FloatingPoint; 2], from: Slot, to: Slot) {
    open();
    let [critical, rich] = areas;
    let mut area = |slot| match slot {
        Slot::Critical => &raw mut *critical,
        Slot::Rich => &raw mut *rich,
    };
    // SAFETY: an area of this core, and EL3 itself holds nothing in these registers.
    unsafe { cofferdam_fp_save(area(from)) };
    // SAFETY: as above.
    unsafe { cofferdam_fp_load(area(to)) };
}

/// Leaves nothing of a slot's floating point, in memory or, where they are `loaded`, in the registers.
pub fn zero(areas: &mut [FloatingPoint; 2], slot: Slot, loaded: bool) {
    let [critical, rich] = areas;
    let area = match slot {
        Slot::Critical => critical,
        Slot::Rich => rich,
    };
    area.q = [0; 32];
    area.control = [0; 2];
    if loaded {
        open();
        // SAFETY: the slot whose registers these are starts afresh.
        unsafe { cofferdam_fp_load(area) };
    }
}
