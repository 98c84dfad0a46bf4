//! Where the user's own code takes part in the monitor.

use super::{CoreId, DeviceId, Limit};
use crate::fields::Word;

/// A handler of the user's, called by the monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name, and its method's.
    pub name: String,
    /// For readers of what is generated.
    pub doc: Option<String>,
    /// Line of the entry in the file.
    pub line: usize,
    /// The most that its handler executes, with every interrupt masked.
    pub instructions: u32,
    /// When it is called.
    pub at: Hooked,
}

impl Hook {
    /// Whose interrupt it is at, if it is at one.
    pub const fn device(&self) -> Option<DeviceId> {
        match self.at {
            Hooked::Interrupt { device, .. } => Some(device),
            Hooked::BeforeSwitch | Hooked::AfterSwitch => None,
        }
    }
}

/// When a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hooked {
    /// Before a core leaves a world for the other.
    BeforeSwitch,
    /// After it came to it.
    AfterSwitch,
    /// At the interrupt of a device that is the monitor's.
    Interrupt {
        /// The device.
        device: DeviceId,
        /// The core that it interrupts.
        core: CoreId,
        /// How often; past it, the interrupt waits.
        limit: Limit,
    },
}

/// The word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookPoint {
    /// [`Hooked::BeforeSwitch`].
    BeforeSwitch,
    /// [`Hooked::AfterSwitch`].
    AfterSwitch,
    /// [`Hooked::Interrupt`].
    Interrupt,
}

impl Word for HookPoint {
    const WHAT: &'static str = "a place for a hook";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("before_switch", Self::BeforeSwitch),
        ("after_switch", Self::AfterSwitch),
        ("interrupt", Self::Interrupt),
    ];
}
