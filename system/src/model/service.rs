//! One service, resolved.

use std::time::Duration;

use super::PartitionId;
use crate::fields::Word;

/// A call that the user defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub doc: Option<String>,
    /// Its line in the system file.
    pub line: usize,
    /// Whose range of function identifiers it is in.
    pub range: ServiceRange,
    /// Its number in that range, frozen for good.
    pub number: u8,
    /// How wide its registers are.
    pub convention: Convention,
    /// Who may call it.
    pub callers: Vec<PartitionId>,
    /// Who does the work.
    pub handler: Handler,
    /// What it takes, in the order of its registers.
    pub arguments: Vec<Parameter>,
    /// What it gives, in the order of its registers.
    pub results: Vec<Parameter>,
    /// How often each caller may call. Default: no limit.
    pub limit: Option<Limit>,
}

impl Service {
    /// Whether its handler is the monitor's, written in this language.
    pub fn is_in(&self, wanted: Language) -> bool {
        matches!(self.handler, Handler::Monitor { language, .. } if language == wanted)
    }

    /// The most that the monitor's handler may execute; none that is known, if a partition handles it.
    pub const fn instructions(&self) -> Option<u32> {
        match self.handler {
            Handler::Monitor { instructions, .. } => Some(instructions),
            Handler::Partition(_) => None,
        }
    }

    /// The partition that handles it, later than its call.
    pub const fn partition(&self) -> Option<PartitionId> {
        match self.handler {
            Handler::Partition(id) => Some(id),
            Handler::Monitor { .. } => None,
        }
    }

    /// Its SMCCC function identifier (Arm DEN0028): fast, owned as its range says.
    pub fn function_id(&self) -> u32 {
        let convention = match self.convention {
            Convention::Smc32 => 0,
            Convention::Smc64 => 1 << 30,
        };
        1 << 31 | convention | self.range.owner() << 24 | u32::from(self.number)
    }
}

impl Service {
    /// Its arguments that are memory, with the registers that they are in.
    pub fn regions(&self) -> impl Iterator<Item = Region> {
        let mut next = 1;
        self.arguments.iter().filter_map(move |it| {
            let address = next;
            next += it.kind.registers();
            let Kind::Region {
                access,
                size,
                align,
            } = it.kind
            else {
                return None;
            };
            let (length, most) = match size {
                RegionSize::AtMost(most) => (Some(address + 1), most),
                RegionSize::Exactly(size) => (None, size),
            };
            Some(Region {
                address,
                length,
                most,
                access,
                align,
            })
        })
    }
}

/// An argument that is memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Register of its address, from 1.
    pub address: usize,
    /// Register of its length, if the caller says it.
    pub length: Option<usize>,
    /// Bytes at most.
    pub most: u64,
    /// What the handler may do to it.
    pub access: Access,
    /// What its address is a multiple of.
    pub align: u64,
}

/// The ranges that SMCCC gives to others than Arm (DEN0028, owning entities).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceRange {
    /// Silicon partner.
    Sip,
    /// Maker of the product.
    Oem,
}

impl ServiceRange {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sip, Self::Oem];

    /// Owning entity number.
    pub const fn owner(self) -> u32 {
        match self {
            Self::Sip => 2,
            Self::Oem => 3,
        }
    }

    /// Its name in the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Oem => "oem",
        }
    }
}

impl Word for ServiceRange {
    const WHAT: &'static str = "a range of function identifiers";
    const WORDS: &'static [(&'static str, Self)] = &[("sip", Self::Sip), ("oem", Self::Oem)];
}

/// Width of a call's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// 32 bits, w0 to w7.
    Smc32,
    /// 64 bits, x0 to x17.
    Smc64,
}

impl Convention {
    /// Registers for arguments, and for results behind the status (DEN0028, register use).
    pub const fn registers(self) -> usize {
        match self {
            Self::Smc32 => 7,
            Self::Smc64 => 17,
        }
    }
}

/// Registers for arguments, and for results, of what a partition handles: two go to ticket and function, or ticket and
/// status.
pub const SUBMITTED: usize = cofferdam_core::request::WORDS;

impl Word for Convention {
    const WHAT: &'static str = "a calling convention";
    const WORDS: &'static [(&'static str, Self)] = &[("32", Self::Smc32), ("64", Self::Smc64)];
}

/// Who does a service's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// The monitor, at once, with every interrupt masked.
    Monitor {
        /// The most that the user's handler may execute.
        instructions: u32,
        /// What it is written in.
        language: Language,
    },
    /// A critical partition, in what its deadlines leave: the call only submits.
    Partition(PartitionId),
}

/// What a handler of the monitor's is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust that cannot leave its types.
    Rust,
    /// C, which is trusted to.
    C,
}

impl Word for Language {
    const WHAT: &'static str = "a language of handlers";
    const WORDS: &'static [(&'static str, Self)] = &[("rust", Self::Rust), ("c", Self::C)];
}

/// An argument or a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number in a range, or a truth value.
    Scalar {
        /// Its type.
        scalar: Scalar,
        /// The least that it may be.
        min: i128,
        /// The most.
        max: i128,
    },
    /// A piece of the caller's memory.
    Region {
        /// What the handler may do to it.
        access: Access,
        /// How long it is.
        size: RegionSize,
        /// What its address is a multiple of: a power of two, 8 at least.
        align: u64,
    },
}

impl Kind {
    /// How many registers it takes.
    pub const fn registers(self) -> usize {
        match self {
            Self::Region {
                size: RegionSize::AtMost(_),
                ..
            } => 2,
            Self::Region { .. } | Self::Scalar { .. } => 1,
        }
    }
}

/// Types of what fits in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// 0 or 1.
    Bool,
    /// 32 bits.
    U32,
    /// 64 bits.
    U64,
    /// 64 bits, signed.
    I64,
}

impl Scalar {
    /// The least and the most that it can be.
    pub const fn range(self) -> (i128, i128) {
        match self {
            Self::Bool => (0, 1),
            Self::U32 => (0, u32::MAX as i128),
            Self::U64 => (0, u64::MAX as i128),
            Self::I64 => (i64::MIN as i128, i64::MAX as i128),
        }
    }

    /// Its name in the format, and in Rust.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I64 => "i64",
        }
    }
}

impl Word for Scalar {
    const WHAT: &'static str = "a type";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("bool", Self::Bool),
        ("u32", Self::U32),
        ("u64", Self::U64),
        ("i64", Self::I64),
    ];
}

/// What a handler may do to a caller's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read it.
    Read,
    /// Write it.
    Write,
}

impl Word for Access {
    const WHAT: &'static str = "an access";
    const WORDS: &'static [(&'static str, Self)] = &[("read", Self::Read), ("write", Self::Write)];
}

/// How long a region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionSize {
    /// The caller says, in a register of its own; not more than this.
    AtMost(u64),
    /// Always so many bytes.
    Exactly(u64),
}

/// How often a caller may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// From one call to the next, in the long run.
    pub interval: Duration,
    /// Calls that may come at once after a pause.
    pub burst: u32,
}
