//! The interrupt translation service of a GICv3, of which the monitor only knows how to stop it (Arm IHI 0069).

use core::ptr::NonNull;
use safe_mmio::fields::ReadPureWrite;
use safe_mmio::{UniqueMmioPointer, field};

/// How often a part of the controller is asked whether it has finished. Threads ask, so a long wait delays nobody but the
/// rich side; a part that never says so is left behind.
pub const PATIENCE: usize = 1_000_000;

/// The first register of the interrupt translation service (IHI 0069, GITS_CTLR).
#[repr(C)]
struct TranslationService {
    control: ReadPureWrite<u32>,
}

/// Stops the translation service: it reads and writes tables in the memory that is to be filled anew.
pub fn silence(address: u64) {
    const QUIESCENT: u32 = 1 << 31;
    let address = NonNull::new(address as *mut TranslationService).unwrap_or(NonNull::dangling());
    // SAFETY: the board's description names the service here and `mmu` maps it.
    let mut its = unsafe { UniqueMmioPointer::new(address) };
    field!(its, control).write(0);
    // It finishes what it is at.
    let _ = (0..PATIENCE).any(|_| field!(its, control).read() & QUIESCENT != 0);
}
