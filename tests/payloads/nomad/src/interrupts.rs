//! Interrupts that this partition makes pending by itself: an SGI (private to a core) and the one of its UART (shared).

use core::arch::asm;
use core::ptr::with_exposed_provenance_mut;
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_partition::hardware::InterruptId;

use crate::nomad::generated::interrupt_controller;

/// The private one.
pub const SGI: InterruptId = InterruptId::sgi(9);
/// The shared one: the UART's, which asks for none itself.
pub const SHARED: InterruptId = InterruptId::spi(8);

/// From one core's redistributor to the next; its SGI frame; GICR_IGROUPR0 and GICR_IGRPMODR0 in that (IHI 0069).
const STRIDE: usize = 0x2_0000;
const SGI_FRAME: usize = 0x1_0000;
const GROUP: usize = 0x80;
const MODIFIER: usize = 0xd00;
/// GICD_ISPENDR of 32 interrupts.
const SET_PENDING: usize = 0x200;

/// What came of one of them.
pub struct Count {
    sent: AtomicU64,
    taken: AtomicU64,
}

impl Count {
    const fn new() -> Self {
        Self {
            sent: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        }
    }

    fn add(counter: &AtomicU64) {
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Whether each that was sent was taken, once.
    pub fn agrees(&self) -> bool {
        self.sent.load(Ordering::Relaxed) == self.taken.load(Ordering::Relaxed)
    }

    /// Sent and taken.
    pub fn both(&self) -> [u64; 2] {
        [&self.sent, &self.taken].map(|it| it.load(Ordering::Relaxed))
    }
}

/// Of the SGI.
pub static TO_SELF: Count = Count::new();
/// Of the shared one.
pub static FROM_DEVICE: Count = Count::new();

/// The SGI came.
pub fn on_sgi() {
    Count::add(&TO_SELF.taken);
}

/// The shared interrupt came.
pub fn on_shared() {
    Count::add(&FROM_DEVICE.taken);
}

/// Which core this is.
pub fn core() -> u64 {
    let affinity: u64;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, mpidr_el1", out(reg) affinity, options(nomem, nostack)) };
    affinity & 0xff
}

/// Takes the SGI into the Secure group, on this core.
pub fn own_sgi() {
    let [_, (redistributors, _)] = interrupt_controller::REGISTERS;
    let frame = redistributors + usize::from(core().to_le_bytes()[0]) * STRIDE + SGI_FRAME;
    let bit = 1 << SGI.raw_value();
    change(frame + MODIFIER, |word| word | bit);
    change(frame + GROUP, |word| word & !bit);
}

fn change(address: usize, f: impl FnOnce(u32) -> u32) {
    let register = with_exposed_provenance_mut::<u32>(address);
    // SAFETY: a register of the interrupt controller, which start-up mapped.
    let word = unsafe { register.read_volatile() };
    // SAFETY: as above.
    unsafe { register.write_volatile(f(word)) };
}

/// Makes both pending here. Interrupts are masked.
pub fn send() {
    Count::add(&TO_SELF.sent);
    Count::add(&FROM_DEVICE.sent);
    let [(distributor, _), _] = interrupt_controller::REGISTERS;
    let id = SHARED.raw_value();
    change(distributor + SET_PENDING + 4 * (id as usize / 32), |_| {
        1 << (id % 32)
    });
    // ICC_SGI1R_EL1: the number, and this core alone.
    let value = u64::from(SGI.raw_value()) << 24 | 1 << core();
    // SAFETY: an interrupt to this core, which has a handler.
    unsafe { asm!("dsb sy", "msr S3_0_C12_C11_5, {}", "isb", in(reg) value, options(nostack)) };
}
