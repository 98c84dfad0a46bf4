//! Where Linux's kernel, initial root file system and device tree lie in a partition's memory, by the rules of
//! the boot protocols of arm64 and riscv64, which are alike (Documentation/arch/arm64/booting.rst and
//! Documentation/arch/riscv/boot-image-header.rst in the kernel's sources).

use cofferdam_core::region::{PhysAddr, Region};

/// Why Linux cannot be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not an uncompressed kernel.
    #[error("not an uncompressed Linux Image of arm64 or riscv64: {0}")]
    NotAnImage(&'static str),
    /// The partition's memory is too small.
    #[error(
        "{ram} bytes of memory at {at:#x} do not hold the kernel ({kernel} bytes), \
         its initramfs ({initrd} bytes) and its device tree: give the partition more"
    )]
    NoRoom {
        /// Where its memory starts.
        at: u64,
        /// Bytes of its memory.
        ram: u64,
        /// Bytes that the kernel takes when it runs.
        kernel: u64,
        /// Bytes of its initial root file system.
        initrd: u64,
    },
}

/// Of arm64 and of riscv64.
const MAGICS: [&[u8]; 2] = [b"ARM\x64", b"RSC\x05"];

/// The kernel's own alignment, and the largest device tree it maps.
pub(crate) const BLOCK: u64 = 0x20_0000;
const PAGE: u64 = 0x1000;

/// What an Image's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes from a 2 MiB boundary to the Image.
    pub text_offset: u64,
    /// Bytes that the kernel needs from its start, its zeroed data included.
    pub image_size: u64,
}

impl Header {
    /// Reads the header of an Image.
    pub fn read(image: &[u8]) -> Result<Self, Error> {
        let word = |at: usize| {
            let bytes = image.get(at..)?.first_chunk::<8>()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let magic = image.get(56..60).unwrap_or_default();
        if !MAGICS.contains(&magic) {
            return Err(Error::NotAnImage("no magic number in its header"));
        }
        let short = Error::NotAnImage("its header is cut");
        let text_offset = word(8).ok_or(short.clone())?;
        let image_size = word(16).ok_or(short)?;
        if image_size < image.len() as u64 {
            return Err(Error::NotAnImage("its size field is less than the file"));
        }
        Ok(Self {
            text_offset,
            image_size,
        })
    }
}

/// Where things lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The kernel with its zeroed data. Its first byte is its entry.
    pub kernel: Region,
    /// The initial root file system.
    pub initrd: Option<Region>,
    /// Room for the device tree.
    pub device_tree: Region,
}

/// Places a kernel with an initial root file system of `initrd` bytes (0: none) in `ram`: the kernel low, one
/// block above the start, the rest as high as it goes, so that a kernel may grow without anything moving.
pub fn place(ram: Region, kernel: Header, initrd: u64) -> Result<Placement, Error> {
    try_place(ram, kernel, initrd).ok_or(Error::NoRoom {
        at: ram.start().get(),
        ram: ram.len().get(),
        kernel: kernel.image_size,
        initrd,
    })
}

fn try_place(ram: Region, kernel: Header, initrd: u64) -> Option<Placement> {
    let base = ram.start().get().checked_add(BLOCK)?;
    let base = PhysAddr::new(base).align_up(BLOCK)?.get();
    let start = base.checked_add(kernel.text_offset)?;
    let kernel = Region::from_raw(start, kernel.image_size).ok()?;

    let tree = (ram.end().get().checked_sub(BLOCK)?) & !(BLOCK - 1);
    let device_tree = Region::from_raw(tree, BLOCK).ok()?;
    let low = match initrd {
        0 => tree,
        size => tree.checked_sub(size)? & !(PAGE - 1),
    };
    let placed = Placement {
        kernel,
        initrd: (initrd > 0)
            .then(|| Region::from_raw(low, initrd).ok())
            .flatten(),
        device_tree,
    };
    (ram.contains(kernel) && kernel.end().get() <= low && ram.contains(device_tree))
        .then_some(placed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 0x10_0000;

    fn image(text_offset: u64, size: u64) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[8..16].copy_from_slice(&text_offset.to_le_bytes());
        bytes[16..24].copy_from_slice(&size.to_le_bytes());
        bytes[56..60].copy_from_slice(b"ARM\x64");
        bytes
    }

    fn region(start: u64, len: u64) -> Region {
        Region::from_raw(start, len).unwrap()
    }

    #[test]
    fn a_header_is_read_and_others_are_refused() {
        let read = Header::read(&image(0x8_0000, 5 * MIB)).unwrap();
        assert_eq!((read.text_offset, read.image_size), (0x8_0000, 5 * MIB));
        let mut riscv64 = image(0x20_0000, 5 * MIB);
        riscv64[56..60].copy_from_slice(b"RSC\x05");
        assert_eq!(Header::read(&riscv64).unwrap().text_offset, 0x20_0000);
        assert!(Header::read(b"\x1f\x8b").is_err(), "compressed");
        assert!(Header::read(&image(0, 63)).is_err(), "larger than it says");
    }

    #[test]
    fn the_boot_protocol_is_kept() {
        let ram = region(0x4000_0000, 64 * MIB);
        let header = Header {
            text_offset: 0x8_0000,
            image_size: 30 * MIB,
        };
        let placed = place(ram, header, 5 * MIB + 3).unwrap();
        let initrd = placed.initrd.unwrap();
        assert_eq!(placed.kernel.start().get() % BLOCK, 0x8_0000);
        assert_eq!(placed.device_tree.start().get() % BLOCK, 0);
        assert_eq!(initrd.start().get() % PAGE, 0);
        assert_eq!(initrd.len().get(), 5 * MIB + 3);
        for (one, other) in [
            (placed.kernel, initrd),
            (initrd, placed.device_tree),
            (placed.kernel, placed.device_tree),
        ] {
            assert!(ram.contains(one) && ram.contains(other) && !one.overlaps(other));
        }
    }

    #[test]
    fn the_last_byte_decides() {
        let header = Header {
            text_offset: 0,
            image_size: 30 * MIB,
        };
        // 2 MiB below the kernel, 30 MiB of it, a page for the initramfs up to a 2 MiB boundary, the tree.
        let exact = region(0x4000_0000, 2 * MIB + 30 * MIB + 2 * MIB + 2 * MIB);
        assert!(place(exact, header, 2 * MIB).is_ok());
        assert!(place(exact, header, 2 * MIB + 1).is_err());
        let less = region(0x4000_0000, exact.len().get() - 1);
        assert!(place(less, header, 2 * MIB).is_err());
        assert!(place(region(u64::MAX - 64 * MIB, 64 * MIB), header, 1).is_ok());
        let huge = Header {
            text_offset: u64::MAX,
            image_size: u64::MAX,
        };
        assert!(place(exact, huge, u64::MAX).is_err());
    }
}
