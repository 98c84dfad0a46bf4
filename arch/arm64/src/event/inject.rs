//! For tests alone (feature `inject-faults`): a call by which a rich partition flips one bit of what the health monitor
//! looks at, on the core that it calls from. x1: the fault's number in a record ([`Fault::code`]).

use super::Event;
use crate::gic::Controller as _;
use crate::health::interrupts;
use crate::platform::Platform;
use cofferdam_core::health::Fault;
use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

/// The function identifier.
pub const FUNCTION: u32 = cofferdam_abi::call::BASE | 0xff00;

/// Of which fault the digests come out wrong.
static FLIPPED: AtomicU64 = AtomicU64::new(0);

/// What to flip in the state that the digest of this begins with.
pub fn flipped(what: Fault) -> u32 {
    u32::from(FLIPPED.load(Ordering::Relaxed) == what.code())
}

/// Flips a bit of a register.
macro_rules! flip {
    ($name:literal, $bit:expr) => {{
        let bit: u64 = 1 << $bit;
        // SAFETY: a test's fault, in a bit without which the monitor gets as far as its next look.
        unsafe {
            asm!(
                concat!("mrs {value}, ", $name),
                "eor {value}, {value}, {bit}",
                concat!("msr ", $name, ", {value}"),
                "isb",
                value = out(reg) _,
                bit = in(reg) bit,
                options(nostack),
            )
        };
    }};
}

impl<P: Platform> Event<'_, P> {
    pub(super) fn inject(&mut self, code: u64) {
        let core = self.core();
        let [kind, which, ..] = code.to_le_bytes();
        match (kind, which) {
            (1, 0) => flip!("sctlr_el3", 19),
            (1, 1) => flip!("tcr_el3", 20),
            (1, 2) => flip!("mair_el3", 16),
            (1, 3) => flip!("ttbr0_el3", 1),
            (1, 4) => flip!("mdcr_el3", 17),
            (1, 5) => flip!("cntfrq_el0", 3),
            (1, 7) => flip!("S3_6_C12_C12_4", 2), // ICC_CTLR_EL3.EOImode_EL3
            (1, 8) => flip!("S3_0_C12_C12_6", 0), // ICC_IGRPEN0_EL1
            (2, 0) => self.block.critical.scr ^= 1 << 3,
            (2, 1) => self.block.rich.cptr ^= 1 << 31,
            (3..=6, _) => {
                if let Some(gic) = self.monitor.gic().watched() {
                    interrupts::flip(gic, core, kind, which);
                }
            }
            (7, _) => self.flip_image(),
            (8 | 9, _) => FLIPPED.store(code, Ordering::Relaxed),
            (10, n) => {
                let bottom = self.monitor.stack_bottom(core, n);
                // SAFETY: the lowest word of a stack, which nobody else uses.
                unsafe { bottom.write_volatile(crate::stack::CANARY ^ 1) };
            }
            _ => self.block.state.looked_at = u64::MAX,
        }
        self.answer(0);
    }

    /// The last bit that is compared of the critical partition's read-only image.
    fn flip_image(&mut self) {
        let digests = self.monitor.health.with(|state| state.digests());
        if let Some(last) = digests.last_of_image() {
            let last = last as *mut u64;
            // SAFETY: memory of a partition, mapped for loading it.
            let word = unsafe { last.read_volatile() };
            // SAFETY: as above.
            unsafe { last.write_volatile(word ^ 1 << 63) };
        }
    }
}
