//! What is one architecture's own: its words, its numbers and its checks.
//!
//! The rest of the crate takes the words from here: a board says which architecture it is of, and what only another
//! has is refused.

use crate::fields::Word;

mod arm64;
mod board;
mod controller;
mod interrupt;
mod linux;
mod riscv64;

use crate::check::scene::Scene;
use crate::mistake::Mistakes;
use crate::model::{Board, Fpu};

pub use arm64::interrupt::{IntId, Ppi, Spi};
pub(crate) use arm64::words::{CONSOLE_TYPES, PIN_TYPES};
pub use arm64::words::{DeviceKind, Endianness, Level, State, World};
pub(crate) use board::{core_numbers, protection_entries, reach, worlds};
pub use controller::Controller;
pub(crate) use controller::{RawController, brings_timer, controller, monitor_route, route};
pub use interrupt::Interrupt;
pub(crate) use interrupt::{RawInterrupt, interrupts};
pub use riscv64::Source as InterruptSource;
pub(crate) use riscv64::entries;

/// The architectures that there are boards of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    /// Armv8-A, the monitor at EL3.
    Arm64,
    /// RV64, the monitor in M-mode.
    Riscv64,
}

impl Arch {
    /// The one whose keys a file has that says none.
    pub(crate) const FIRST: Self = Self::Arm64;

    /// What is done with floating point unless the file says otherwise.
    pub(crate) const fn default_fpu(self) -> Fpu {
        match self {
            Self::Arm64 => Fpu::Lazy,
            // S-mode writes sstatus.FS itself, so its first use cannot be trapped.
            Self::Riscv64 => Fpu::Eager,
        }
    }
}

impl Word for Arch {
    const WHAT: &'static str = "an architecture";
    const WORDS: &'static [(&'static str, Self)] =
        &[("arm64", Self::Arm64), ("riscv64", Self::Riscv64)];
}

/// Checks a board by itself.
pub(crate) fn check_board(board: &Board, out: &mut Mistakes) {
    match board.arch {
        Arch::Arm64 => arm64::checks::check_board(board, out),
        Arch::Riscv64 => riscv64::check_board(board, out),
    }
}

/// Checks a system.
pub(crate) fn check_system(scene: &Scene<'_>, out: &mut Mistakes) {
    match scene.board.arch {
        Arch::Arm64 => arm64::checks::check_system(scene, out),
        Arch::Riscv64 => riscv64::check_system(scene, out),
    }
    linux::check(scene, out);
}
