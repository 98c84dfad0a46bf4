//! Loads and stores of one word, the only accesses that an interrupt controller answers: from the bits of an
//! instruction to what it moves (unprivileged specification: RV64I and the C extension). Any other instruction is none.

/// A load or a store of four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The register that holds the address.
    pub base: u8,
    /// What is added to it.
    pub offset: i64,
    /// What is moved.
    pub direction: Direction,
    /// Bytes of the instruction.
    pub length: u64,
}

/// What an access moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into this register, which gets the sign of the word in its upper half, or zeros.
    Load {
        /// The register.
        to: u8,
        /// LW, and not LWU.
        signed: bool,
    },
    /// This register's lower half.
    Store(u8),
}

const LOAD: u32 = 0x03;
const STORE: u32 = 0x23;
/// `funct3` of LW and SW, and of LWU.
const WORD: u32 = 2;
const WORD_UNSIGNED: u32 = 6;
/// x2, which the stack's compressed forms mean.
const SP: u8 = 2;

/// Whether these are the first two bytes of an instruction of two, and not of four.
pub const fn is_compressed(half: u16) -> bool {
    half & 3 != 3
}

/// An instruction of four bytes.
pub fn whole(instruction: u32) -> Option<Access> {
    let field = |low: u32, bits: u32| instruction >> low & ((1 << bits) - 1);
    let (opcode, width) = (field(0, 7), field(12, 3));
    let sign_extended = |unsigned: u32| i64::from(unsigned.cast_signed() << 20 >> 20);
    let (offset, direction) = match (opcode, width) {
        (LOAD, WORD | WORD_UNSIGNED) => {
            let load = Direction::Load {
                to: register(field(7, 5)),
                signed: width == WORD,
            };
            (field(20, 12), load)
        }
        (STORE, WORD) => (
            field(25, 7) << 5 | field(7, 5),
            Direction::Store(register(field(20, 5))),
        ),
        _ => return None,
    };
    Some(Access {
        base: register(field(15, 5)),
        offset: sign_extended(offset),
        direction,
        length: 4,
    })
}

/// One of two bytes: C.LW, C.SW, C.LWSP, C.SWSP.
pub fn compressed(half: u16) -> Option<Access> {
    let half = u32::from(half);
    let field = |low: u32, bits: u32| half >> low & ((1 << bits) - 1);
    // The three bits of the short forms name x8 to x15.
    let short = |low| register(field(low, 3) + 8);
    let load = |to| Direction::Load { to, signed: true };
    let (base, offset, direction) = match (field(0, 2), field(13, 3)) {
        (0, 2) => (short(7), near(half), load(short(2))),
        (0, 6) => (short(7), near(half), Direction::Store(short(2))),
        // Of x0 it is reserved.
        (2, 2) if field(7, 5) != 0 => {
            let offset = field(12, 1) << 5 | field(4, 3) << 2 | field(2, 2) << 6;
            (SP, offset, load(register(field(7, 5))))
        }
        (2, 6) => {
            let offset = field(9, 4) << 2 | field(7, 2) << 6;
            (SP, offset, Direction::Store(register(field(2, 5))))
        }
        _ => return None,
    };
    Some(Access {
        base,
        offset: i64::from(offset),
        direction,
        length: 2,
    })
}

/// The offset of C.LW and C.SW: `uimm[5:3]`, `uimm[2]`, `uimm[6]`.
const fn near(half: u32) -> u32 {
    (half >> 10 & 7) << 3 | (half >> 6 & 1) << 2 | (half >> 5 & 1) << 6
}

/// Of a field of five bits at most.
fn register(field: u32) -> u8 {
    u8::try_from(field).unwrap_or_default()
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
