//! The advanced platform-level interrupt controller (RISC-V AIA 1.0, chapter 4), which makes messages of wires: each hart has a
//! controller for those, whose file of S-mode is a page of its partition's (`imsic.rs`).
//!
//! The root domain is the monitor's. It delegates the sources that somebody owns to the domain of S-mode, whose words are shared: so a
//! partition's accesses to them trap, and are done by the monitor (`emulate.rs`) as far as [`View`] says. It has the bits, modes and targets of
//! its own sources, and no target but its own harts and no guest of theirs: who may say where a message goes, writes there. `domaincfg` is
//! the monitor's, for it is all partitions'. `genmsi` sends a message anywhere, and nobody has it. Everything
//! else reads as zero, and writes to it do nothing.

use crate::sources::Sources;

/// Which bits of sources a register is of, as where its words begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Bits {
    /// `setip`: pending, and made so by a store.
    Pending = 0x1c00,
    /// `in_clrip`: what the wire says; a store clears what is pending.
    Input = 0x1d00,
    /// `setie`: enabled, and made so by a store.
    Enabled = 0x1e00,
    /// `clrie`: a store disables.
    Disabled = 0x1f00,
}

impl Bits {
    const ALL: [Self; 4] = [Self::Pending, Self::Input, Self::Enabled, Self::Disabled];
}

/// Bytes of a register's words, and where one is behind them that takes the number of a source instead.
const WORDS: u64 = 0x80;
const NUMBER: u64 = 0xdc;

/// A register of a domain (Memory-mapped control region for an interrupt domain).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// `domaincfg`.
    Domain,
    /// `sourcecfg` of a source.
    Source(u32),
    /// Of the 32 sources from 32 times this on.
    Word(Bits, u32),
    /// Of the source whose number is stored; it reads as zero.
    Number(Bits),
    /// `genmsi`.
    Message,
    /// `target` of a source.
    Target(u32),
}

const SOURCES: u64 = 0x4;
const BEHIND_SOURCES: u64 = 0x1000;
/// `setipnum_le`, which is `setipnum` for who stores as we do.
const LITTLE_ENDIAN: u64 = 0x2000;
const MESSAGE: u64 = 0x3000;
const TARGETS: u64 = 0x3004;
const BEHIND_TARGETS: u64 = 0x4000;

impl Register {
    /// What is so many bytes from the first register. A word that is none reads as zero.
    pub fn at(offset: u64) -> Option<Self> {
        if !offset.is_multiple_of(4) {
            return None;
        }
        // The first of both arrays is source 1's.
        let source = |from: u64| u32::try_from((offset - from) / 4 + 1).ok();
        match offset {
            0 => Some(Self::Domain),
            SOURCES..BEHIND_SOURCES => source(SOURCES).map(Self::Source),
            LITTLE_ENDIAN => Some(Self::Number(Bits::Pending)),
            MESSAGE => Some(Self::Message),
            TARGETS..BEHIND_TARGETS => source(TARGETS).map(Self::Target),
            _ => Bits::ALL
                .into_iter()
                .find_map(|bits| match offset.checked_sub(bits as u64)? {
                    NUMBER => Some(Self::Number(bits)),
                    inside @ 0..WORDS => Some(Self::Word(bits, u32::try_from(inside / 4).ok()?)),
                    _ => None,
                }),
        }
    }

    /// Where it is.
    const fn offset(self) -> u64 {
        match self {
            Self::Domain => 0,
            Self::Source(source) => 4 * source as u64,
            Self::Word(bits, word) => bits as u64 + 4 * word as u64,
            Self::Number(bits) => bits as u64 + NUMBER,
            Self::Message => MESSAGE,
            Self::Target(source) => MESSAGE + 4 * source as u64,
        }
    }
}

/// `sourcecfg`: the source is a child domain's; its mode otherwise.
const DELEGATED: u32 = 1 << 10;
const MODE: u32 = 7;
/// The mode in which a high wire is an interrupt.
const HIGH: u32 = 6;

/// `target`: where the index of the hart begins, and the number of the interrupt there. Between them is a guest of it.
const HART: u32 = 18;
const IDENTITY: u32 = (1 << 11) - 1;

/// Where the messages of a source go, as a word of `target`.
const fn target(hart: u32) -> u32 {
    hart << HART
}

/// What a partition has of the domain of S-mode.
#[derive(Debug)]
pub struct View<'a, S> {
    /// Its sources.
    pub sources: &'a Sources,
    /// Whether it has the hart of an index.
    pub has: S,
}

impl<S: Fn(u32) -> bool> View<'_, S> {
    /// Whether the register is the partition's to read, and which of its bits.
    pub fn load(&self, register: Register) -> Option<u32> {
        let open = cfg!(feature = "weaken-plic");
        match register {
            Register::Domain => Some(u32::MAX),
            Register::Source(source) | Register::Target(source) => {
                (open || self.sources.has(source)).then_some(u32::MAX)
            }
            Register::Word(_, word) => Some(self.sources.word(word) | if open { !0 } else { 0 }),
            Register::Number(_) => None,
            Register::Message => open.then_some(u32::MAX),
        }
    }

    /// What is written for a partition that stores a value.
    pub fn store(&self, register: Register, value: u32) -> Option<u32> {
        if cfg!(feature = "weaken-plic") {
            return Some(value);
        }
        let own = |source: u32| self.sources.has(source);
        match register {
            Register::Domain | Register::Message => None,
            // This domain has no child: the whole register is zero then.
            Register::Source(source) if own(source) && value & DELEGATED != 0 => Some(0),
            Register::Source(source) => own(source).then_some(value & MODE),
            Register::Target(source) => (own(source) && self.is_target(value)).then_some(value),
            Register::Word(_, word) => Some(value & self.sources.word(word)),
            Register::Number(_) => own(value).then_some(value),
        }
    }

    /// Whether a source may send there.
    pub fn is_target(&self, value: u32) -> bool {
        let hart = value >> HART;
        (self.has)(hart) && value == target(hart) | value & IDENTITY
    }
}

/// The root domain and that of S-mode, and the files of harts' message controllers.
#[derive(Clone, Copy, Debug)]
pub struct Aplic {
    /// Where the root domain begins.
    pub root: u64,
    /// Where that of S-mode does.
    pub at: u64,
    /// How many bytes each takes.
    pub size: u64,
    /// The highest source.
    pub sources: u32,
    /// Where the files of M-mode begin.
    pub machine_files: u64,
    /// Where those of S-mode do. The n-th hart has the n-th page of both, and the index n.
    pub files: u64,
    /// Bits of a hart's index.
    pub index_bits: u32,
    /// The highest interrupt of a file.
    pub identities: u32,
}

/// `domaincfg`: interrupts are sent, as messages.
const SENDS: u32 = 1 << 8 | 1 << 2;
/// `mmsiaddrcfg` and `smsiaddrcfg` in the root domain, each before its upper half.
const MACHINE_ADDRESSES: u64 = 0x1bc0;
const SUPERVISOR_ADDRESSES: u64 = 0x1bc8;
/// In the upper half: where the number of bits of an index begins; nothing is written any more.
const INDEX_BITS: u32 = 12;
const LOCKED: u32 = 1 << 31;

impl Aplic {
    /// How far from the first register of S-mode's domain the word at an address is.
    pub fn word(self, address: u64) -> Option<u64> {
        let offset = address.checked_sub(self.at)?;
        (offset < self.size && offset.is_multiple_of(4)).then_some(offset)
    }

    /// Before any hart runs: the messages' addresses are fixed, and the owned sources are S-mode's, inactive.
    pub fn set_up(self, is_owned: impl Fn(u32) -> bool) {
        write(self.root, 0);
        for (at, files) in [
            (SUPERVISOR_ADDRESSES, self.files),
            (MACHINE_ADDRESSES, self.machine_files),
        ] {
            let [low, high] = page(files);
            write(self.root + at, low);
            // Of S-mode's, the widths are reserved; QEMU 7.2 takes them from there. The lock, of all four, is of the last one.
            let locked = if at == MACHINE_ADDRESSES { LOCKED } else { 0 };
            let high = high | self.index_bits << INDEX_BITS | locked;
            write(self.root + at + 4, high);
        }
        for source in 1..=self.sources {
            let place = Register::Source(source).offset();
            write(
                self.root + place,
                if is_owned(source) { DELEGATED } else { 0 },
            );
            write(self.at + place, 0);
        }
        self.write(Register::Domain, SENDS);
    }

    /// Nothing of a partition is left in its sources: inactive, none is pending or enabled (`sourcecfg`).
    pub fn release(self, sources: &Sources) {
        sources.each(|source| self.write(Register::Source(source), 0));
    }

    /// Makes a source pending that nothing is wired to: its message is sent where its owner had it sent, once that enabled it.
    pub fn ring(self, source: u32) {
        self.write(Register::Number(Bits::Pending), source);
    }

    /// Stores for a partition what [`View::store`] lets through.
    pub fn store<S: Fn(u32) -> bool>(self, view: &View<'_, S>, register: Register, value: u32) {
        match register {
            // A level that is over is not pending (Precise effects on interrupt-pending bits). QEMU 7.2 makes it so, and a driver
            // that asks after each interrupt, as the specification has it ask, is interrupted for ever.
            Register::Number(Bits::Pending) if self.is_over(value) => {}
            Register::Source(source) => {
                self.write(register, value);
                // It may have become active, with any target (`sourcecfg`). It is not enabled then, so nothing was sent.
                let place = Register::Target(source);
                if !view.is_target(self.read(place)) && !cfg!(feature = "weaken-plic") {
                    let hart = (0..1 << self.index_bits).find(|hart| (view.has)(*hart));
                    // 0 is no interrupt.
                    self.write(place, target(hart.unwrap_or(0)));
                }
            }
            _ => self.write(register, value),
        }
    }

    /// Whether a source's wire was to be high, and is not.
    fn is_over(self, source: u32) -> bool {
        let input = self.read(Register::Word(Bits::Input, source / 32));
        self.read(Register::Source(source)) == HIGH && input >> (source % 32) & 1 == 0
    }

    /// Reads a register of S-mode's domain.
    pub fn read(self, register: Register) -> u32 {
        let at = (self.at + register.offset()) as *const u32;
        // SAFETY: a register of the board, by its description; reading one changes nothing here.
        unsafe { at.read_volatile() }
    }

    fn write(self, register: Register, value: u32) {
        write(self.at + register.offset(), value);
    }
}

/// The number of a page, in two words.
fn page(address: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = (address >> 12).to_le_bytes();
    [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes)
}

fn write(at: u64, value: u32) {
    // SAFETY: a register of the board, by its description. Messages go to files of harts, which is what `View` and the root domain's addresses
    // say.
    unsafe { (at as *mut u32).write_volatile(value) };
}

#[cfg(test)]
#[path = "aplic_tests.rs"]
mod tests;
