//! The monitor's own translation tables: computed at build time, constant, in flash.
//!
//! Nothing can change them at run time: they lie in read-only memory and SCTLR_EL3.WXN is set. What is
//! mapped: text executable, all else not; RAM of the monitor with holes under the stacks; the flash
//! that holds images; devices; memory of partitions, for loading (Non-secure memory by Non-secure
//! accesses, so that the monitor sees the same cache lines as its owner).
//!
//! VMSAv8-64, 4 KiB granule, 32-bit input addresses (Arm ARM, VMSAv8-64 translation table formats): levels
//! 1 to 3.

/// Device-nGnRE, then Normal write-back: the indices of [`Kind`] (Arm ARM, MAIR_EL3).
pub const MAIR: u64 = 0xff04;
/// 32-bit input, 4 KiB granule, tables in Inner Shareable write-back memory, 40-bit output (Arm ARM, TCR_EL3).
pub const TCR: u64 = 1 << 31 | 1 << 23 | 0b010 << 16 | 0b11 << 12 | 0b01 << 10 | 0b01 << 8 | 32;
/// SCTLR_EL3 before the MMU is on: RES1 bits of Armv8.0 and I.
pub const SCTLR_OFF: u64 = 0x30c5_0830 | 1 << 12;
/// SCTLR_EL3 from then on: WXN, I, SA, C, M.
pub const SCTLR_ON: u64 = 0x30c5_0830 | 1 << 19 | 1 << 12 | 1 << 3 | 1 << 2 | 1;

/// What an address range is to the monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its instructions.
    Text,
    /// Constants and images.
    Constant,
    /// Secure memory that it writes.
    SecureRam,
    /// Non-secure memory that it writes.
    NonSecureRam,
    /// Registers.
    Device,
}

/// A range to map. Multiples of 4 KiB, below 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// First address, mapped to itself.
    pub start: u64,
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

impl Kind {
    /// Attributes of a block or page descriptor (Arm ARM, VMSAv8-64 translation table formats), without its
    /// address and type.
    const fn attributes(self) -> u64 {
        const NORMAL: u64 = 1 << 2;
        const NON_SECURE: u64 = 1 << 5;
        const RES1_AP1: u64 = 1 << 6;
        const READ_ONLY: u64 = 1 << 7;
        const INNER_SHAREABLE: u64 = 0b11 << 8;
        const ACCESSED: u64 = 1 << 10;
        const EXECUTE_NEVER: u64 = 1 << 54;
        let memory = NORMAL | INNER_SHAREABLE;
        RES1_AP1
            | ACCESSED
            | match self {
                Self::Text => memory | READ_ONLY,
                Self::Constant => memory | READ_ONLY | EXECUTE_NEVER,
                Self::SecureRam => memory | EXECUTE_NEVER,
                Self::NonSecureRam => memory | NON_SECURE | EXECUTE_NEVER,
                Self::Device => EXECUTE_NEVER,
            }
    }
}

const ENTRIES: usize = 512;
const PAGE: u64 = 0x1000;
const TABLE: u64 = 0b11;
const BLOCK: u64 = 0b01;

/// `N` tables of one 4 KiB page each: the first is level 1.
#[derive(Debug)]
#[repr(C, align(4096))]
pub struct Tables<const N: usize>([[u64; ENTRIES]; N]);

impl<const N: usize> Tables<N> {
    /// Tables for these ranges, to lie at physical address `at`. Wrong ranges end the build.
    pub const fn build(at: u64, mappings: &[Mapping]) -> Self {
        let mut tables = Self([[0; ENTRIES]; N]);
        let mut used = 1;
        let mut i = 0;
        while i < mappings.len() {
            let mapping = mappings[i];
            assert!(
                mapping.start.is_multiple_of(PAGE) && mapping.size.is_multiple_of(PAGE),
                "not whole pages"
            );
            assert!(mapping.start + mapping.size <= 1 << 32, "beyond 4 GiB");
            let mut address = mapping.start;
            let end = mapping.start + mapping.size;
            while address < end {
                // The largest block that starts here and fits.
                let mut level = 1;
                let mut table = 0;
                loop {
                    let span = PAGE << (9 * (3 - level));
                    let slot = index(address / span) % ENTRIES;
                    if address.is_multiple_of(span) && end - address >= span {
                        assert!(tables.0[table][slot] == 0, "mapped twice");
                        let kind = if level == 3 { TABLE } else { BLOCK };
                        tables.0[table][slot] = address | mapping.kind.attributes() | kind;
                        address += span;
                        break;
                    }
                    if tables.0[table][slot] == 0 {
                        assert!(used < N, "more tables are needed");
                        tables.0[table][slot] = (at + used as u64 * PAGE) | TABLE;
                        used += 1;
                    }
                    let entry = tables.0[table][slot];
                    assert!(entry & TABLE == TABLE, "mapped twice");
                    table = index(((entry & !0xfff) - at) / PAGE);
                    level += 1;
                }
            }
            i += 1;
        }
        tables
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 2^20 pages are below 4 GiB; `try_from` is not const"
)]
const fn index(number: u64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: u64 = 0x8_0000;
    const MAPPINGS: [Mapping; 4] = [
        Mapping {
            start: 0,
            size: 0x8_0000,
            kind: Kind::Text,
        },
        Mapping {
            start: 0x8_0000,
            size: 0x3f8_0000,
            kind: Kind::Constant,
        },
        Mapping {
            start: 0x0e00_1000,
            size: 0x3000,
            kind: Kind::SecureRam,
        },
        Mapping {
            start: 0x4000_0000,
            size: 0x4000_0000,
            kind: Kind::NonSecureRam,
        },
    ];

    /// Walks as the hardware does; the leaf descriptor, if there is one.
    fn walk<const N: usize>(tables: &Tables<N>, address: u64) -> Option<u64> {
        let mut table = 0;
        for level in 1..=3 {
            let span = PAGE << (9 * (3 - level));
            let entry = tables.0[table][index(address / span) % ENTRIES];
            match entry & 3 {
                TABLE if level < 3 => table = index(((entry & 0xffff_f000) - AT) / PAGE),
                TABLE | BLOCK => {
                    assert_eq!(entry & 0xffff_f000 & !(span - 1), address & !(span - 1));
                    return Some(entry);
                }
                _ => return None,
            }
        }
        None
    }

    #[test]
    fn every_page_is_mapped_as_said_and_no_other() {
        static TABLES: Tables<4> = Tables::build(AT, &MAPPINGS);
        for page in (0..0x8000_0000_u64).step_by(0x1000) {
            let expected = MAPPINGS
                .iter()
                .find(|m| (m.start..m.start + m.size).contains(&page));
            let found = walk(&TABLES, page);
            assert_eq!(found.is_some(), expected.is_some(), "{page:#x}");
            if let (Some(found), Some(mapping)) = (found, expected) {
                let executable = found & 1 << 54 == 0;
                let writable = found & 1 << 7 == 0;
                assert_eq!(executable, mapping.kind == Kind::Text);
                assert!(!(executable && writable));
                assert_eq!(found >> 5 & 1 == 1, mapping.kind == Kind::NonSecureRam);
            }
        }
    }

    #[test]
    #[should_panic(expected = "mapped twice")]
    fn an_overlap_is_refused() {
        let twice = Mapping {
            start: 0x4000,
            size: 0x1000,
            kind: Kind::Constant,
        };
        let _ = Tables::<4>::build(AT, &[MAPPINGS[0], twice]);
    }
}
