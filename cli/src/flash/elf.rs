//! Flattens an ELF file: the bytes of its loadable segments, at their physical addresses.

use std::fmt;
use std::ops::Range;

use object::elf::{FileHeader32, FileHeader64};
use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, Object, ObjectSymbol};

use super::Error;

/// An ELF file as memory will hold it before its first instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flat {
    /// Physical address of the first byte.
    pub start: u64,
    /// The bytes; gaps between segments are 0.
    pub bytes: Vec<u8>,
    /// Address of the first instruction.
    pub entry: u64,
    /// Addresses of all segments.
    pub segments: Vec<Range<u64>>,
    /// Addresses of those that the program cannot write.
    pub read_only: Vec<Range<u64>>,
    /// What it is built for.
    pub built: Built,
}

/// What an ELF file says of the processor's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// 64-bit, not 32-bit.
    pub wide: bool,
    /// Big-endian data.
    pub big_endian: bool,
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bits, order) = (
            if self.wide { 64 } else { 32 },
            if self.big_endian { "big" } else { "little" },
        );
        write!(f, "{bits}-bit, {order}-endian")
    }
}

/// The address of a symbol.
pub fn symbol(name: &str, file: &[u8], symbol: &str) -> Result<u64, Error> {
    let bad = |reason: String| Error::Elf {
        name: name.to_owned(),
        reason,
    };
    let elf = ElfFile::<FileHeader64<Endianness>>::parse(file).map_err(|e| bad(e.to_string()))?;
    let found = elf.symbol_by_name(symbol);
    found
        .map(|it| it.address())
        .ok_or_else(|| bad(format!("it has no symbol {symbol}")))
}

/// As large as the flash of any board here; without it a wild address in a header would ask for as much memory.
const LARGEST: u64 = 0x0400_0000;

/// Flattens an ELF file. Its start is rounded down to `alignment`, a power of two.
///
/// Memory that a segment asks for beyond its bytes (`.bss`) is not part of it: the program's own
/// start-up code clears that.
pub fn flatten(name: &str, file: &[u8], alignment: u64) -> Result<Flat, Error> {
    match FileKind::parse(file) {
        Ok(FileKind::Elf32) => flatten_as::<FileHeader32<Endianness>>(name, file, alignment),
        _ => flatten_as::<FileHeader64<Endianness>>(name, file, alignment),
    }
}

fn flatten_as<H: FileHeader<Endian = Endianness>>(
    name: &str,
    file: &[u8],
    alignment: u64,
) -> Result<Flat, Error> {
    let bad = |reason: &str| Error::Elf {
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let elf = ElfFile::<H>::parse(file).map_err(|e| bad(&e.to_string()))?;
    let endian = elf.endian();
    let mut segments = Vec::new();
    let (mut ranges, mut read_only) = (Vec::new(), Vec::new());
    for header in elf.elf_program_headers() {
        if header.p_type(endian) != object::elf::PT_LOAD || header.p_filesz(endian).into() == 0 {
            continue;
        }
        let data = header
            .data(endian, file)
            .map_err(|()| bad("a segment lies outside the file"))?;
        let address = header.p_paddr(endian).into();
        let range = address..address.saturating_add(data.len() as u64);
        if !header.p_flags(endian).contains(object::elf::PF_W) {
            read_only.push(range.clone());
        }
        ranges.push(range);
        segments.push((address, data));
    }
    segments.sort_by_key(|(address, _)| *address);
    let lowest = segments.first().ok_or_else(|| bad("nothing to load"))?.0;
    let start = lowest & !(alignment - 1);
    let mut bytes: Vec<u8> = Vec::new();
    for (address, data) in segments {
        let at = address - start;
        if at < bytes.len() as u64 && !bytes.is_empty() {
            return Err(bad(&format!("two segments overlap at {address:#x}")));
        }
        if at.saturating_add(data.len() as u64) > LARGEST {
            return Err(bad(&format!("a segment at {address:#x} is out of reach")));
        }
        bytes.resize(at as usize, 0);
        bytes.extend_from_slice(data);
    }
    Ok(Flat {
        start,
        bytes,
        entry: elf.entry(),
        segments: ranges,
        read_only,
        built: Built {
            wide: elf.elf_header().is_type_64(),
            big_endian: endian == Endianness::Big,
        },
    })
}
