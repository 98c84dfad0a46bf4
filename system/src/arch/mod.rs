//! What is one architecture's own: its words, its numbers and its checks.
//!
//! The rest of the crate takes the words from here. When a second architecture comes, this is
//! where they become an enum; until then there is nothing to choose.

use crate::fields::Word;

mod arm64;

pub(crate) use arm64::checks::{check_board, check_system};
pub use arm64::controller::Controller;
pub(crate) use arm64::controller::{RawController, controller, monitor_route, route};
pub(crate) use arm64::interrupt::NumberError;
pub use arm64::interrupt::{IntId, Ppi, Spi};
pub(crate) use arm64::words::{CONSOLE_TYPES, PIN_TYPES};
pub use arm64::words::{DeviceKind, Endianness, Level, State, World};

/// The architectures that there are boards of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArchName {
    Arm64,
}

impl Word for ArchName {
    const WHAT: &'static str = "an architecture";
    const WORDS: &'static [(&'static str, Self)] = &[("arm64", Self::Arm64)];
}
