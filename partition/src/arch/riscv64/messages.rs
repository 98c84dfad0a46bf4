//! A device's interrupt where it is a message (RISC-V AIA 1.0): its source of the APLIC sends it to the file of the hart that the partition starts
//! on, under the source's own number.

use core::arch::asm;

use super::interrupt::register;

/// Of the APLIC's domain: modes of sources, their pending and enable bits by number, what their wires say, targets. A source's word is behind the one before it.
const MODES: u32 = 0x0;
const SET_PENDING: u32 = 0x1cdc;
const INPUTS: u32 = 0x1d00;
const SET_ENABLED: u32 = 0x1edc;
const TARGETS: u32 = 0x3000;
/// A high level is an interrupt.
const HIGH: u32 = 6;
/// Where a target's hart begins.
const HART: u32 = 18;

/// siselect: what the file delivers, and its enable bits, 64 to a register of which every second is there.
const DELIVERY: u64 = 0x70;
const THRESHOLD: u64 = 0x72;
const ENABLED: u64 = 0xc0;

/// The domain, and the index of a hart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages {
    domain: usize,
    hart: usize,
}

impl Messages {
    /// By the addresses of the domain and of two files, the first one and the hart's.
    pub(super) const fn new(domain: usize, files: usize, file: usize) -> Self {
        Self {
            domain,
            hart: file.saturating_sub(files) / 0x1000,
        }
    }

    /// Lets a source interrupt.
    pub(super) fn enable(self, source: u32) {
        self.write(MODES + 4 * source, HIGH);
        // An index has 14 bits.
        let hart = u32::try_from(self.hart).unwrap_or(u32::MAX);
        self.write(TARGETS + 4 * source, hart << HART | source);
        let bit = 1 << (source % 64);
        select(ENABLED + u64::from(source / 64 * 2));
        // SAFETY: the file of this hart, which the partition has alone.
        unsafe { asm!("csrs 0x151, {}", in(reg) bit, options(nostack)) };
        for (what, value) in [(THRESHOLD, 0), (DELIVERY, 1_u64)] {
            select(what);
            // SAFETY: as above.
            unsafe { asm!("csrw 0x151, {}", in(reg) value, options(nostack)) };
        }
        self.write(SET_ENABLED, source);
        self.complete(source);
    }

    /// Takes an interrupt; 0 is none (stopei).
    pub(super) fn claim(self) -> u32 {
        let top: u32;
        // SAFETY: what is taken, the caller handles.
        unsafe { asm!("csrrw {}, 0x15c, zero", out(reg) top, options(nostack)) };
        top >> 16
    }

    /// A level that is still there is pending again (Special consideration for level-sensitive interrupt sources). QEMU 7.2 would have one
    /// pending that is over, too.
    pub(super) fn complete(self, source: u32) {
        // SAFETY: reading a word of the domain changes nothing.
        let inputs = unsafe { register(self.domain, INPUTS + source / 32 * 4).read_volatile() };
        if inputs >> (source % 32) & 1 != 0 {
            self.write(SET_PENDING, source);
        }
    }

    fn write(self, offset: u32, value: u32) {
        // SAFETY: of the partition's own source.
        unsafe { register(self.domain, offset).write_volatile(value) };
    }
}

fn select(what: u64) {
    // SAFETY: of the registers of this hart's file; interrupts are masked until start-up is over.
    unsafe { asm!("csrw 0x150, {}", in(reg) what, options(nostack)) };
}
