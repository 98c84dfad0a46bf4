//! Digests of what must not change, which the host tools wrote into the flash ([`cofferdam_abi::digests`]).
//!
//! CRC-32C and not the SHA-256 of images: its instructions need no floating-point register, which in a handler are a
//! partition's.

use crate::load::flash;
use crate::platform::Hardware;
use arm_sysregs::el1::accessors::read_id_aa64isar0_el1;
use cofferdam_abi::digests::{Entry, Header, MAGIC, MONITOR, OFFSET, VERSION};
use cofferdam_core::health::{Fault, Kind};
use cofferdam_core::ids::PartitionId;
use core::slice;

core::arch::global_asm!(include_str!("../crc32c.S"));

unsafe extern "C" {
    fn cofferdam_crc32c(address: u64, size: u64, state: u32) -> u32;
}

/// The table. What its entries say was checked by who wrote them, and that they are what was written by
/// [`Table::open`]; an address that changes later may end the monitor by an abort before the table's turn comes.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    entries: &'static [Entry],
    crc: u32,
}

impl Table {
    /// None.
    pub const EMPTY: Self = Self {
        entries: &[],
        crc: 0,
    };

    /// Finds the table, on a processor that can compute digests (Arm ARM, ID_AA64ISAR0_EL1, CRC32).
    pub fn open(hardware: &Hardware) -> Result<Self, &'static str> {
        if read_id_aa64isar0_el1().bits() >> 16 & 0xf == 0 {
            return Err("this core has no CRC-32C instructions");
        }
        let table = Self::find(hardware).filter(Self::is_right);
        table.ok_or("the table of digests is damaged, or not there")
    }

    fn find(hardware: &Hardware) -> Option<Self> {
        let at = hardware.image_table - hardware.flash.start().get() + OFFSET;
        let header = flash(hardware, at, size_of::<Header>() as u64)?;
        // SAFETY: a header has no invalid values; the board's table is at a multiple of 4 KiB, and so is the offset.
        let header = unsafe { &*header.as_ptr().cast::<Header>() };
        if (header.magic, header.version) != (MAGIC, VERSION) {
            return None;
        }
        let size = u64::from(header.count) * size_of::<Entry>() as u64;
        let entries = flash(hardware, at + size_of::<Header>() as u64, size)?;
        Some(Self {
            // SAFETY: as above, `count` of them; the header's size keeps the alignment.
            entries: unsafe {
                slice::from_raw_parts(entries.as_ptr().cast(), header.count as usize)
            },
            crc: header.crc,
        })
    }

    /// How many pieces it has.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing to compare.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Compares the table with its own digest.
    pub fn is_right(&self) -> bool {
        let (start, size) = (
            self.entries.as_ptr() as u64,
            size_of_val(self.entries) as u64,
        );
        digest(start, size, Kind::Digests.fault()) == self.crc
    }

    /// Compares a piece, if it is the monitor's or of a partition that is loaded.
    // What it keeps would be in the frame of the function that every slow path goes through.
    #[inline(never)]
    pub fn check(&self, n: usize, loaded: impl Fn(PartitionId) -> bool) -> Result<(), Fault> {
        let entry = self.entries.get(n).ok_or(Kind::Digests.fault())?;
        let [owner, ..] = entry.owner.to_le_bytes();
        let (fault, loaded) = if entry.owner == MONITOR {
            (Kind::Constants.fault(), None)
        } else {
            (
                Kind::Image.number(owner),
                Some(|| loaded(PartitionId(owner))),
            )
        };
        // What is found of a partition that ends meanwhile says nothing.
        let counts = || loaded.as_ref().is_none_or(|loaded| loaded());
        if !counts() || digest(entry.address, entry.size.into(), fault) == entry.crc || !counts() {
            Ok(())
        } else {
            Err(fault)
        }
    }

    /// Address of the last word that must not change of a partition's image.
    #[cfg(feature = "inject-faults")]
    pub fn last_of_image(&self) -> Option<u64> {
        let last = self.entries.iter().rfind(|entry| entry.owner != MONITOR)?;
        Some(last.address + u64::from(last.size & !7) - 8)
    }
}

/// CRC-32C of memory, whole words.
fn digest(address: u64, size: u64, what: Fault) -> u32 {
    // SAFETY: reads memory and nothing else, of which the host tools knew that it is mapped: the flash, or a partition's.
    !unsafe { cofferdam_crc32c(address, size, begin(what)) }
}

/// What a digest begins with.
#[cfg(not(feature = "inject-faults"))]
const fn begin(_what: Fault) -> u32 {
    u32::MAX
}

/// The same with a fault in it: a flipped bit of the state has the effect of the same bit of the first word, and flash
/// cannot be written.
#[cfg(feature = "inject-faults")]
fn begin(what: Fault) -> u32 {
    u32::MAX ^ crate::event::flipped(what)
}
