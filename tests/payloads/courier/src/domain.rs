//! The words of a domain of the APLIC (RISC-V AIA 1.0, Memory-mapped control region for an interrupt domain).

use crate::faults::{load_word, store_word};
use crate::file;

/// The UART's source.
pub(crate) const OWN: u64 = 10;

/// Modes: interrupts are high levels, or rising edges.
pub(crate) const HIGH: u64 = 6;
pub(crate) const RISING: u64 = 4;

/// By its address.
#[derive(Clone, Copy)]
pub(crate) struct Domain(pub(crate) u64);

impl Domain {
    pub(crate) fn mode(self, source: u64) -> u64 {
        self.0 + 4 * source
    }

    pub(crate) fn target(self, source: u64) -> u64 {
        self.0 + 0x3000 + 4 * source
    }

    /// Of the first 32 sources.
    pub(crate) fn enabled(self) -> u64 {
        self.0 + 0x1e00
    }

    /// Whether a word is as expected after a store.
    pub(crate) fn keeps(self, offset: u64, stored: u64, expected: u64) -> bool {
        let is_stored = store_word(self.0 + offset, stored);
        let loaded = load_word(self.0 + offset);
        is_stored && loaded.is_some_and(|word| word & 0xffff_ffff == expected)
    }

    /// Whether a source is as nobody's.
    pub(crate) fn is_quiet(self, source: u64) -> bool {
        let word = source / 32 * 4;
        let words = [
            self.mode(source),
            self.0 + 0x1c00 + word,
            self.0 + 0x1e00 + word,
        ];
        words.iter().all(|at| load_word(*at) == Some(0))
    }

    /// Makes a source pending.
    pub(crate) fn ring(self, source: u64) -> bool {
        store_word(self.0 + 0x1cdc, source)
    }

    /// Has a source interrupt a hart under a number, which this one takes.
    pub(crate) fn begin(self, source: u64, mode: u64, hart: u64, number: u64) {
        file::enable(number);
        store_word(self.mode(source), mode);
        store_word(self.target(source), target(hart, number));
        store_word(self.0 + 0x1edc, source);
    }
}

pub(crate) fn target(hart: u64, number: u64) -> u64 {
    hart << 18 | number
}
