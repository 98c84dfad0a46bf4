//! What a trace needs of an ELF file: where its symbols are, what lies there.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use object::{File, Object, ObjectSection, ObjectSymbol};

/// Why a program cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not an ELF file with symbols.
    #[error("{path}: {source}", path = path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: object::Error,
    },
    /// It lacks a symbol that a measurement starts or ends at.
    #[error("{path} has no symbol `{symbol}`", path = path.display())]
    NoSymbol {
        /// The file.
        path: PathBuf,
        /// The symbol.
        symbol: String,
    },
}

/// A program whose instructions are traced.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    /// By address.
    symbols: Vec<(u64, String)>,
    text_start: u64,
    text: Vec<u8>,
    image: u64,
}

impl Program {
    /// Reads an ELF file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &bytes).map_err(|source| Error::Elf {
            path: path.to_owned(),
            source,
        })
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, object::Error> {
        let file = File::parse(bytes)?;
        let text = file.section_by_name(".text");
        let mut symbols: Vec<_> = file
            .symbols()
            .filter_map(|symbol| Some((symbol.address(), symbol.name().ok()?.to_owned())))
            // Mapping symbols say what is code and what is data, not where (ELF for the Arm 64-bit
            // Architecture, 5.7); those of the assembler say nothing to a reader.
            .filter(|(_, name)| !name.is_empty() && !name.starts_with(['$', '.']))
            .collect();
        symbols.sort();
        let sections = file.sections().filter(|section| {
            [".text", ".rodata", ".data"].contains(&section.name().unwrap_or_default())
        });
        Ok(Self {
            path: path.to_owned(),
            image: sections.map(|section| section.size()).sum(),
            symbols,
            text_start: text.as_ref().map_or(0, |text| text.address()),
            text: text.map_or(Ok(Vec::new()), |text| text.data().map(<[u8]>::to_vec))?,
        })
    }

    /// The address of a symbol.
    pub fn symbol(&self, name: &str) -> Result<u64, Error> {
        let mut symbols = self.symbols.iter();
        let found = symbols.find(|(_, symbol)| symbol == name);
        found
            .map(|(address, _)| *address)
            .ok_or_else(|| Error::NoSymbol {
                path: self.path.clone(),
                symbol: name.to_owned(),
            })
    }

    /// The addresses of all symbols with this prefix, and the rest of their names.
    pub fn symbols_with_prefix(&self, prefix: &str) -> impl Iterator<Item = (&str, u64)> {
        let symbols = self.symbols.iter();
        symbols.filter_map(move |(address, name)| Some((name.strip_prefix(prefix)?, *address)))
    }

    /// All symbols of which `what` says something, with that.
    pub fn symbols_of<'a, T>(
        &'a self,
        what: impl Fn(&'a str) -> Option<T>,
    ) -> impl Iterator<Item = (&'a str, T)> {
        let symbols = self.symbols.iter();
        symbols.filter_map(move |(_, name)| Some((name.as_str(), what(name)?)))
    }

    /// The symbol that an address belongs to: the nearest one at or below it.
    pub fn symbol_at(&self, address: u64) -> &str {
        let after = self.symbols.partition_point(|(at, _)| *at <= address);
        let symbol = after.checked_sub(1).and_then(|n| self.symbols.get(n));
        symbol.map_or("?", |(_, name)| name)
    }

    /// The instructions from a symbol to the next one.
    pub fn function(&self, name: &str) -> Result<Range<u64>, Error> {
        let start = self.symbol(name)?;
        let after = self.symbols.partition_point(|(at, _)| *at <= start);
        let end = self.symbols.get(after).map(|(at, _)| *at);
        Ok(start..end.unwrap_or(self.text().end))
    }

    /// All its instructions.
    pub fn text(&self) -> Range<u64> {
        self.text_start..self.text_start + self.text.len() as u64
    }

    /// Bytes of instructions, constants and what variables begin with.
    pub fn image(&self) -> u64 {
        self.image
    }

    /// The instruction at an address.
    pub fn instruction(&self, address: u64) -> Option<u32> {
        let at = usize::try_from(address.checked_sub(self.text_start)?).ok()?;
        let bytes = self.text.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A program that lies at `start`, with these symbols and these instructions; the rest is zero.
    pub fn program(symbols: &[(&str, u64)], start: u64, code: &[(u64, u32)], end: u64) -> Program {
        let mut text = vec![0; usize::try_from(end - start).unwrap()];
        for (at, word) in code {
            let at = usize::try_from(at - start).unwrap();
            text[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        let mut symbols: Vec<_> = symbols
            .iter()
            .map(|(name, at)| (*at, (*name).to_owned()))
            .collect();
        symbols.sort();
        Program {
            path: "made.elf".into(),
            symbols,
            text_start: start,
            image: text.len() as u64,
            text,
        }
    }

    #[test]
    fn an_address_belongs_to_the_symbol_before_it() {
        let program = program(&[("b", 0x20), ("a", 0x10)], 0x10, &[(0x14, 7)], 0x40);
        assert_eq!(program.symbol_at(0x1c), "a");
        assert_eq!(program.symbol_at(0x20), "b");
        assert_eq!(program.symbol_at(0xc), "?");
        assert_eq!(program.function("a").unwrap(), 0x10..0x20);
        assert_eq!(program.function("b").unwrap(), 0x20..0x40);
        assert_eq!(program.instruction(0x14), Some(7));
        assert_eq!(program.instruction(0x40), None);
        assert!(
            matches!(program.symbol("c"), Err(Error::NoSymbol { symbol, .. }) if symbol == "c")
        );
    }
}
