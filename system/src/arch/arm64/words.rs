//! The words of the format that arm64 brought; a word of another architecture is refused by its checks.

use crate::fields::Word;

/// A security state of the processor, and with it of memory, devices and interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum World {
    /// Secure: where the critical partition lives. It may reach Non-secure memory too.
    Secure,
    /// Non-secure: where the rich partition lives. The hardware keeps it from all that is Secure.
    NonSecure,
}

impl World {
    /// Its name in the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secure => "secure",
            Self::NonSecure => "non_secure",
        }
    }
}

impl Word for World {
    const WHAT: &'static str = "a world";
    const WORDS: &'static [(&'static str, Self)] =
        &[("secure", Self::Secure), ("non_secure", Self::NonSecure)];
}

/// The exception level or mode at which a partition starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// EL1.
    El1,
    /// EL2: its own hypervisor stays usable.
    El2,
    /// S-mode, on riscv64.
    Supervisor,
}

impl Level {
    /// Its name in the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::El1 => "el1",
            Self::El2 => "el2",
            Self::Supervisor => "supervisor",
        }
    }
}

impl Word for Level {
    const WHAT: &'static str = "a level that a partition can have";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("el1", Self::El1),
        ("el2", Self::El2),
        ("supervisor", Self::Supervisor),
    ];
}

/// The execution state at entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 64-bit.
    Aarch64,
    /// 32-bit: known, and refused until the monitor can do it.
    Aarch32,
}

impl State {
    /// What is entered unless the file says otherwise.
    pub(crate) const DEFAULT: Self = Self::Aarch64;
}

impl Word for State {
    const WHAT: &'static str = "an execution state";
    const WORDS: &'static [(&'static str, Self)] =
        &[("aarch64", Self::Aarch64), ("aarch32", Self::Aarch32)];
}

/// Byte order of data at entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endianness {
    /// Least significant byte first.
    Little,
    /// Most significant byte first: known, and refused until the monitor can do it.
    Big,
}

impl Endianness {
    /// What is entered unless the file says otherwise.
    pub(crate) const DEFAULT: Self = Self::Little;
}

impl Word for Endianness {
    const WHAT: &'static str = "a byte order";
    const WORDS: &'static [(&'static str, Self)] = &[("little", Self::Little), ("big", Self::Big)];
}

/// The types of device that [`DeviceKind::is_console`] accepts, for a message.
pub(crate) const CONSOLE_TYPES: &str = "pl011";
/// The types of device that have [`DeviceKind::pins`], for a message.
pub(crate) const PIN_TYPES: &str = "pl061";

/// The device types that a check or the monitor must know; any other is passed through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// `cntps`: the Secure physical timer, by which a critical partition takes the core back.
    SecureTimer,
    /// `cnthp`: the EL2 physical timer, which the monitor uses.
    HypervisorTimer,
    /// `pl011`: a UART.
    Pl011,
    /// `pl061`: eight output pins.
    Pl061,
    /// `ns16550a`: a UART.
    Ns16550,
    /// `sifive_uart`: a UART.
    SifiveUart,
    /// `virtio_mmio`: transports that are bus masters.
    VirtioMmio,
    /// A device that only its owner understands.
    Other(String),
}

impl DeviceKind {
    /// From the `type:` of a board's device.
    pub(crate) fn from_type(name: &str) -> Self {
        match name {
            "cntps" => Self::SecureTimer,
            "cnthp" => Self::HypervisorTimer,
            "pl011" => Self::Pl011,
            "pl061" => Self::Pl061,
            "ns16550a" => Self::Ns16550,
            "sifive_uart" => Self::SifiveUart,
            "virtio_mmio" => Self::VirtioMmio,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name in the format.
    pub fn as_str(&self) -> &str {
        match self {
            Self::SecureTimer => "cntps",
            Self::HypervisorTimer => "cnthp",
            Self::Pl011 => "pl011",
            Self::Pl061 => "pl061",
            Self::Ns16550 => "ns16550a",
            Self::SifiveUart => "sifive_uart",
            Self::VirtioMmio => "virtio_mmio",
            Self::Other(name) => name,
        }
    }

    /// Whether it is a serial port.
    pub const fn is_uart(&self) -> bool {
        matches!(self, Self::Pl011 | Self::Ns16550 | Self::SifiveUart)
    }

    /// Whether the monitor can print on it.
    pub(crate) const fn is_console(&self) -> bool {
        matches!(self, Self::Pl011)
    }

    /// How many output pins it has, if the monitor knows how to drive it.
    pub(crate) const fn pins(&self) -> Option<u32> {
        match self {
            Self::Pl061 => Some(8),
            _ => None,
        }
    }
}
