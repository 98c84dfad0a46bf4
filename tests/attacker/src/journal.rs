//! What the attacker must know across a restart of itself: which attacks are still to be run, and what
//! came of the others. It lies where the monitor neither loads nor clears. It goes through volatile accesses:
//! only the director uses it.

use crate::monitor::Look;

const MAGIC: u64 = 0x6a6f_7572_6e61_6c31;

/// The journal.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Journal {
    magic: u64,
    /// A bit for each attack that is still to be run; the running one's is still set.
    pub left: u64,
    /// How often the running attack has restarted the partition.
    pub restarts: u64,
    /// The monitor's counters before the running attack.
    pub look: [u64; 3],
    /// Attacks that did not succeed.
    pub held: u64,
    /// Attacks that did.
    pub succeeded: u64,
}

unsafe extern "C" {
    static mut __journal: u64;
}

fn place() -> *mut Journal {
    (&raw mut __journal).cast()
}

impl Journal {
    /// Nothing to do.
    pub const NEW: Self = Self {
        magic: MAGIC,
        left: 0,
        restarts: 0,
        look: [0; 3],
        held: 0,
        succeeded: 0,
    };

    /// The journal of before the restart, or a new one.
    pub fn open() -> Self {
        // SAFETY: memory of this partition, which only the director uses; any bits are a value.
        let found = unsafe { place().read_volatile() };
        if found.magic == MAGIC {
            found
        } else {
            Self::NEW
        }
    }

    /// Keeps it.
    pub fn save(&self) {
        // SAFETY: as above.
        unsafe { place().write_volatile(*self) };
    }

    /// The partition will be restarted; the running attack goes on after that.
    pub fn announce_restart(&mut self) {
        self.restarts += 1;
        self.save();
    }

    /// Restarts the partition.
    pub fn restart(&mut self) -> ! {
        self.announce_restart();
        crate::call::reset()
    }

    /// The look from before the running attack.
    pub const fn before(&self) -> Look {
        let [jobs, missed, at] = self.look;
        Look { jobs, missed, at }
    }
}
