//! What brings the interrupts of devices to harts: a board has one or the other.

use crate::aplic::Aplic;
use crate::plic::Plic;

/// It.
#[derive(Clone, Copy, Debug)]
pub enum Controller {
    /// Wires to harts.
    Plic(Plic),
    /// Messages to harts, of which each has a file in a controller of its own. No hart of such a board is shared: both slots would have one file.
    Aplic(Aplic),
}

impl Controller {
    /// Where nobody said which.
    pub const NONE: Self = Self::Plic(Plic::NONE);

    /// The first.
    pub const fn plic(&self) -> Option<&Plic> {
        match self {
            Self::Plic(plic) => Some(plic),
            Self::Aplic(_) => None,
        }
    }

    /// The second.
    pub const fn aplic(&self) -> Option<&Aplic> {
        match self {
            Self::Plic(_) => None,
            Self::Aplic(aplic) => Some(aplic),
        }
    }
}
