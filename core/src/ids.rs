//! Names of the things that the monitor keeps apart. Each is an index into a table of the system
//! description; none can be mistaken for another.

/// Most partitions that a system can have.
pub const MAX_PARTITIONS: usize = 8;
/// Most cores that a system can have.
pub const MAX_CORES: usize = 8;

/// A partition: its index in the system description, critical ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartitionId(pub u8);

/// A core: its index in the board's list of cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoreId(pub u8);

impl PartitionId {
    /// The index, for tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl CoreId {
    /// The index, for tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The two places of a core: a critical partition preempts the rich one that shares its core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Slot {
    /// Runs at once when it has something to do.
    Critical = 0,
    /// Runs when the critical slot is idle or empty.
    Rich = 1,
}

impl Slot {
    /// The other one of the core.
    pub const fn other(self) -> Self {
        match self {
            Self::Critical => Self::Rich,
            Self::Rich => Self::Critical,
        }
    }
}

/// A set of cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreSet(u8);

impl CoreSet {
    /// No core.
    pub const EMPTY: Self = Self(0);

    /// The set with the cores whose bits are set.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Just this core. A core that no system can have is nothing.
    pub const fn one(core: CoreId) -> Self {
        Self(if core.0 < 8 { 1 << core.0 } else { 0 })
    }

    /// Both.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These, without the other's.
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the core is in it.
    pub const fn contains(self, core: CoreId) -> bool {
        self.0 & Self::one(core).0 != 0
    }

    /// Whether there is no core in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The cores, lowest first.
    pub fn iter(self) -> impl Iterator<Item = CoreId> {
        (0..8).map(CoreId).filter(move |core| self.contains(*core))
    }
}
