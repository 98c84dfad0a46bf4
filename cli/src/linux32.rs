//! Where a 32-bit Linux, its initial root file system and its device tree lie in a partition's memory, and the first instructions of the
//! partition, which give the kernel what it asks for (Documentation/arch/arm/booting.rst in the kernel's sources).

use cofferdam_core::region::{PhysAddr, Region};

use crate::linux::{BLOCK, Error};

/// Of a zImage, at [`MAGIC_AT`].
const MAGIC: [u8; 4] = 0x016f_2818_u32.to_le_bytes();
/// Where it is.
const MAGIC_AT: usize = 0x24;
/// The self-extracting kernel lies above where it puts what it holds, so that it need not move itself.
const KERNEL: u64 = 32 << 20;
/// The others lie above what it looks at as its own.
const OTHERS: u64 = 128 << 20;
const PAGE: u64 = 0x1000;

/// Where things lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The first instructions: the page below the kernel.
    pub start: Region,
    /// The kernel.
    pub kernel: Region,
    /// Room for the device tree.
    pub device_tree: Region,
    /// The initial root file system.
    pub initrd: Option<Region>,
}

/// Whether this is a self-extracting 32-bit kernel.
pub fn is_kernel(image: &[u8]) -> bool {
    image.get(MAGIC_AT..MAGIC_AT + MAGIC.len()) == Some(&MAGIC)
}

/// Places a kernel of so many bytes with an initial root file system (0: none) in `ram`.
pub fn place(ram: Region, kernel: u64, initrd: u64) -> Result<Placement, Error> {
    let no_room = Error::NoRoom {
        at: ram.start().get(),
        ram: ram.len().get(),
        kernel,
        initrd,
    };
    try_place(ram, kernel, initrd).ok_or(no_room)
}

fn try_place(ram: Region, kernel: u64, initrd: u64) -> Option<Placement> {
    let base = PhysAddr::new(ram.start().get()).align_up(BLOCK)?.get();
    let region = |offset: u64, size| Region::from_raw(base.checked_add(offset)?, size).ok();
    let placed = Placement {
        start: region(KERNEL - PAGE, PAGE)?,
        kernel: region(KERNEL, kernel)?,
        device_tree: region(OTHERS, BLOCK)?,
        initrd: match initrd {
            0 => None,
            size => Some(region(OTHERS + BLOCK, size)?),
        },
    };
    let last = placed.initrd.unwrap_or(placed.device_tree);
    // All addresses are below 4 GiB.
    let fits = ram.contains(placed.kernel) && ram.contains(last) && last.end().get() <= 1 << 32;
    (fits && !placed.kernel.overlaps(placed.device_tree)).then_some(placed)
}

/// The monitor gives its argument in r0; the kernel wants 0 there, all ones in r1 and the device tree in r2.
pub fn first_instructions(kernel: u64) -> Option<Vec<u8>> {
    let kernel = u32::try_from(kernel).ok()?;
    let words = [
        0xe1a0_2000, // mov r2, r0
        0xe3e0_1000, // mvn r1, #0
        0xe3a0_0000, // mov r0, #0
        0xe51f_f004, // ldr pc, [pc, #-4]
        kernel,
    ];
    Some(words.map(u32::to_le_bytes).concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_self_extracting_kernel_is_told_by_its_magic() {
        let mut image = vec![0; 64];
        assert!(!is_kernel(&image) && !is_kernel(b"short"));
        image[0x24..0x28].copy_from_slice(&MAGIC);
        assert!(is_kernel(&image));
    }

    #[test]
    fn nothing_lies_on_anything_else() {
        let ram = Region::from_raw(0x4000_0000, 256 * MIB).unwrap();
        let placed = place(ram, 6 * MIB, 5 * MIB + 3).unwrap();
        let all = [
            placed.start,
            placed.kernel,
            placed.device_tree,
            placed.initrd.unwrap(),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(ram.contains(*one));
            assert!(all.iter().skip(n + 1).all(|other| !one.overlaps(*other)));
        }
        assert_eq!(placed.kernel.start().get(), 0x4200_0000);
    }

    #[test]
    fn the_last_byte_decides() {
        let ram = |size| Region::from_raw(0x4000_0000, size).unwrap();
        let exact = (128 + 2 + 4) * MIB;
        assert!(place(ram(exact), MIB, 4 * MIB).is_ok());
        assert!(place(ram(exact - 1), MIB, 4 * MIB).is_err());
        assert!(
            place(ram(exact), 97 * MIB, 0).is_err(),
            "into the device tree"
        );
        let high = Region::from_raw(0xf000_0000, 512 * MIB).unwrap();
        assert!(place(high, MIB, 200 * MIB).is_err(), "beyond 32 bits");
    }
}
