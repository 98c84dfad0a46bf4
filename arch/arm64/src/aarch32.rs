//! Exceptions that a partition in AArch32 takes where the monitor takes away what it tried.
//!
//! Arm ARM, AArch32.TakeUndefInstrException and AArch32.EnterMode; SCTLR, VBAR. Only to Undefined mode of EL1: Hyp mode is
//! not served.

/// How an AArch32 EL1 goes on with an undefined instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undefined {
    /// LR_und.
    pub link: u64,
    /// CPSR.
    pub state: u64,
    /// Where it goes on.
    pub vector: u64,
}

/// SPSR of AArch32, T: Thumb.
const THUMB: u64 = 1 << 5;
/// SPSR of AArch32, I: IRQ is masked.
const IRQ_MASKED: u64 = 1 << 7;
/// SPSR of AArch32, E: data are big-endian.
const BIG_ENDIAN: u64 = 1 << 9;
/// SPSR of AArch32, M: Undefined mode.
const UNDEFINED: u64 = 0b1_1011;
/// What an exception clears or sets by itself: IT, J, E, T and M.
const REPLACED: u64 = 0b11 << 25 | 0b11_1111 << 10 | 1 << 24 | BIG_ENDIAN | THUMB | 0b1_1111;

/// Takes an undefined instruction exception from `instruction` in `state` (SPSR), with these SCTLR and VBAR.
pub const fn undefined(instruction: u64, state: u64, sctlr: u64, vbar: u64) -> Undefined {
    const HIGH_VECTORS: u64 = 1 << 13;
    const EXCEPTIONS_BIG_ENDIAN: u64 = 1 << 25;
    const EXCEPTIONS_IN_THUMB: u64 = 1 << 30;
    let base = match sctlr & HIGH_VECTORS {
        0 => vbar & 0xffff_ffe0,
        _ => 0xffff_0000,
    };
    let mut new = state & !REPLACED | IRQ_MASKED | UNDEFINED;
    if sctlr & EXCEPTIONS_BIG_ENDIAN != 0 {
        new |= BIG_ENDIAN;
    }
    if sctlr & EXCEPTIONS_IN_THUMB != 0 {
        new |= THUMB;
    }
    Undefined {
        link: (instruction & 0xffff_ffff) + size(state),
        state: new,
        vector: base + 4,
    }
}

/// What LR_und is ahead of the instruction.
const fn size(state: u64) -> u64 {
    match state & THUMB {
        0 => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: u64 = 0x00c5_0838;

    #[test]
    fn undefined_mode_is_entered_as_the_core_does() {
        let taken = undefined(0x0e10_0040, 0x6000_01d3, RESET, 0x0e10_0020);
        assert_eq!(taken.link, 0x0e10_0044);
        // Flags and masks are kept.
        assert_eq!(taken.state, 0x6000_01db);
        assert_eq!(taken.vector, 0x0e10_0024);
    }

    #[test]
    fn thumb_and_byte_order_are_those_of_sctlr() {
        // From Thumb in an IT block and big-endian, in User mode with nothing masked.
        let from = 0x0600_fe30;
        let taken = undefined(0x1002, from, RESET, 0x20);
        assert_eq!((taken.link, taken.state), (0x1004, 0x9b));
        let taken = undefined(0x1002, 0x1d3, RESET | 1 << 30 | 1 << 25, 0x20);
        assert_eq!((taken.link, taken.state), (0x1006, 0x1d3 & !0x1f | 0x23b));
    }

    #[test]
    fn nothing_that_a_partition_wrote_wraps() {
        let taken = undefined(u64::MAX, u64::MAX, RESET | 1 << 13, u64::MAX);
        assert_eq!((taken.link, taken.vector), (0x1_0000_0001, 0xffff_0004));
        assert_eq!(undefined(0, 0, RESET, u64::MAX).vector, 0xffff_ffe4);
    }
}
