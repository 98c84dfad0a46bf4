//! Turns what a partition is built from (an ELF file, a flat binary, a Linux kernel with its initramfs)
//! into the pieces that the flash holds for it.

use cofferdam_core::region::Region;

use crate::devicetree::{self, Owned};
use crate::flash::elf::{self, Built};
use crate::flash::{self, Piece, Start};
use crate::{linux, linux32};

/// Why a partition has no image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its program cannot be read.
    #[error(transparent)]
    Program(#[from] flash::Error),
    /// Its kernel cannot be placed.
    #[error("{0}: {1}")]
    Linux(String, linux::Error),
    /// It has no device tree.
    #[error(transparent)]
    DeviceTree(#[from] devicetree::Error),
    /// Its program does not lie in its memory.
    #[error(
        "{name} is linked for {start:#x}..{end:#x}, which is not in its memory ({ram_start:#x}..{ram_end:#x})"
    )]
    Outside {
        /// The partition.
        name: String,
        /// First address of the program.
        start: u64,
        /// The address behind its last.
        end: u64,
        /// Where the partition's memory starts.
        ram_start: u64,
        /// Where it ends.
        ram_end: u64,
    },
    /// Its program is for another state of the processor.
    #[error("{name}: the program is {found}, and its `entry` says {wanted}")]
    State {
        /// The partition.
        name: String,
        /// What the file is.
        found: Built,
        /// What the description says.
        wanted: Built,
    },
    /// Its device tree is larger than a kernel maps.
    #[error("{0}: its device tree is larger than 2 MiB")]
    LargeTree(String),
}

/// A partition, as far as its images need it.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Its name, for messages.
    pub name: String,
    /// Its index in the system description.
    pub index: u32,
    /// The memory that its images go to.
    pub ram: Region,
    /// What its program must be built for.
    pub built: Built,
    /// Where it is entered, if the description says.
    pub entry: Option<u64>,
}

impl Partition {
    /// The pieces of a program given as an ELF file.
    pub fn program(&self, file: &[u8]) -> Result<Vec<Piece>, Error> {
        let flat = elf::flatten(&self.name, file, flash::DESTINATION_ALIGNMENT)?;
        if flat.built != self.built {
            return Err(Error::State {
                name: self.name.clone(),
                found: flat.built,
                wanted: self.built,
            });
        }
        let start = Start {
            entry: self.entry.unwrap_or(flat.entry),
            argument: 0,
        };
        let mut pieces = self.flat(flat.bytes, flat.start, start)?;
        for piece in &mut pieces {
            piece.constant.clone_from(&flat.read_only);
        }
        Ok(pieces)
    }

    /// The pieces of a program given as bytes that start at their first instruction, at the start of its memory.
    pub fn binary(&self, bytes: Vec<u8>) -> Result<Vec<Piece>, Error> {
        let at = self.ram.start().get();
        let start = Start {
            entry: self.entry.unwrap_or(at),
            argument: 0,
        };
        self.flat(bytes, at, start)
    }

    fn flat(&self, bytes: Vec<u8>, at: u64, start: Start) -> Result<Vec<Piece>, Error> {
        let region = Region::from_raw(at, bytes.len() as u64).ok();
        if !region.is_some_and(|region| self.ram.contains(region)) {
            return Err(Error::Outside {
                name: self.name.clone(),
                start: at,
                end: at.saturating_add(bytes.len() as u64),
                ram_start: self.ram.start().get(),
                ram_end: self.ram.end().get(),
            });
        }
        Ok(vec![Piece {
            partition: self.index,
            bytes,
            destination: at,
            start: Some(start),
            constant: Vec::new(),
        }])
    }

    /// The pieces of a boot loader that runs wherever it lies: the device tree at the start of its memory, where U-Boot looks
    /// for it on this kind of board, and the loader a block above. It is entered like a kernel.
    pub fn loader(
        &self,
        program: Vec<u8>,
        board: &[u8],
        owned: &Owned,
    ) -> Result<Vec<Piece>, Error> {
        let at = self.ram.start().get();
        let entry = at.saturating_add(linux::BLOCK);
        let start = Start {
            entry,
            argument: at,
        };
        let mut pieces = self.flat(program, entry, start)?;
        pieces.push(Piece {
            partition: self.index,
            bytes: self.small(devicetree::generate(board, owned)?)?,
            destination: at,
            start: None,
            constant: Vec::new(),
        });
        Ok(pieces)
    }

    fn small(&self, tree: Vec<u8>) -> Result<Vec<u8>, Error> {
        if tree.len() as u64 > linux::BLOCK {
            return Err(Error::LargeTree(self.name.clone()));
        }
        Ok(tree)
    }

    /// The pieces of Linux: kernel, initramfs (may be empty) and device tree. The kernel is entered with the
    /// address of the device tree, as the boot protocol asks for.
    pub fn linux(
        &self,
        kernel: Vec<u8>,
        initramfs: Vec<u8>,
        board: &[u8],
        owned: &Owned,
    ) -> Result<Vec<Piece>, Error> {
        let unplaced = |error| Error::Linux(self.name.clone(), error);
        if !self.built.wide {
            return self.linux_32(kernel, initramfs, board, owned);
        }
        let header = linux::Header::read(&kernel).map_err(unplaced)?;
        let size = initramfs.len() as u64;
        let placed = linux::place(self.ram, header, size).map_err(unplaced)?;
        let owned = Owned {
            initrd: placed.initrd,
            ..owned.clone()
        };
        let tree = self.small(devicetree::generate(board, &owned)?)?;
        let start = Start {
            entry: placed.kernel.start().get(),
            argument: placed.device_tree.start().get(),
        };
        let piece = |region: Region, bytes, start| Piece {
            partition: self.index,
            bytes,
            destination: region.start().get(),
            start,
            constant: Vec::new(),
        };
        let mut pieces = vec![
            piece(placed.kernel, kernel, Some(start)),
            piece(placed.device_tree, tree, None),
        ];
        pieces.extend(placed.initrd.map(|at| piece(at, initramfs, None)));
        Ok(pieces)
    }
}

impl Partition {
    /// The same for a 32-bit kernel.
    fn linux_32(
        &self,
        kernel: Vec<u8>,
        initramfs: Vec<u8>,
        board: &[u8],
        owned: &Owned,
    ) -> Result<Vec<Piece>, Error> {
        let unplaced = |error| Error::Linux(self.name.clone(), error);
        if !linux32::is_kernel(&kernel) {
            let what = "an aarch32 partition needs a self-extracting 32-bit kernel";
            return Err(unplaced(linux::Error::NotAnImage(what)));
        }
        let placed = linux32::place(self.ram, kernel.len() as u64, initramfs.len() as u64);
        let placed = placed.map_err(unplaced)?;
        let owned = Owned {
            initrd: placed.initrd,
            ..owned.clone()
        };
        let first = linux32::first_instructions(placed.kernel.start().get()).unwrap_or_default();
        let start = Start {
            entry: placed.start.start().get(),
            argument: placed.device_tree.start().get(),
        };
        let tree = self.small(devicetree::generate(board, &owned)?)?;
        let piece = |region: Region, bytes, start| Piece {
            partition: self.index,
            bytes,
            destination: region.start().get(),
            start,
            constant: Vec::new(),
        };
        let mut pieces = vec![
            piece(placed.start, first, Some(start)),
            piece(placed.kernel, kernel, None),
            piece(placed.device_tree, tree, None),
        ];
        pieces.extend(placed.initrd.map(|at| piece(at, initramfs, None)));
        Ok(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(start: u64, len: u64) -> Partition {
        Partition {
            name: "cluster".to_owned(),
            index: 0,
            ram: Region::from_raw(start, len).unwrap(),
            built: Built {
                wide: true,
                big_endian: false,
            },
            entry: None,
        }
    }

    #[test]
    fn a_program_must_fit_its_memory() {
        let cluster = partition(0x0e10_0000, 64);
        let pieces = cluster.binary(vec![1; 64]).unwrap();
        assert_eq!(pieces[0].destination, 0x0e10_0000);
        assert_eq!(pieces[0].start.unwrap().entry, 0x0e10_0000);
        let message = cluster.binary(vec![1; 65]).unwrap_err().to_string();
        assert!(message.contains("0xe100000..0xe100041"), "{message}");
        assert!(message.contains("0xe100000..0xe100040"), "{message}");
    }

    #[test]
    fn a_loader_must_fit_above_its_device_tree() {
        let rich = partition(0x4000_0000, 0x20_0000 + 64);
        let owned = Owned {
            cores: vec![0],
            memory: vec![rich.ram],
            devices: Vec::new(),
            channels: Vec::new(),
            services: devicetree::Services::default(),
            command_line: String::new(),
            initrd: None,
            console: None,
            watchdog: false,
        };
        let source = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../boards/qemu-virt-arm64/board.dts"
        );
        let board = devicetree::compile(source.as_ref()).unwrap();
        let loader = |size| rich.loader(vec![1; size], &board, &owned);
        let pieces = loader(64).unwrap();
        let start = pieces[0].start.unwrap();
        assert_eq!((start.entry, start.argument), (0x4020_0000, 0x4000_0000));
        assert_eq!(pieces[1].destination, start.argument);
        assert!(matches!(loader(65), Err(Error::Outside { .. })));
    }
}
