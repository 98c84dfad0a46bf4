//! CRC32C from tables, 16 bytes at a time ("slicing-by-16"): for processors without an instruction.
//!
//! 16 KiB of constants. A table for each place in the block says what a byte there contributes to the
//! remainder after the block; the sum (exclusive or) of all 16 is the remainder.

const POLYNOMIAL: u32 = 0x82f6_3b78;
const BLOCK: usize = 16;

/// `TABLES[n][byte]`: the remainder of `byte` followed by `n` zeros.
static TABLES: [[u32; 256]; BLOCK] = tables();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated at build time, where an index out of range is an error; bytes are below 256"
)]
const fn tables() -> [[u32; 256]; BLOCK] {
    let mut tables = [[0; 256]; BLOCK];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let carry = remainder & 1 != 0;
            remainder >>= 1;
            if carry {
                remainder ^= POLYNOMIAL;
            }
            bit += 1;
        }
        tables[0][byte] = remainder;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < BLOCK {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
}

/// What `byte` contributes. Every byte has an entry, so the default is never taken.
fn entry(table: &[u32; 256], byte: u8) -> u32 {
    table.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Takes the remainder so far over more bytes.
pub fn update(remainder: u32, bytes: &[u8]) -> u32 {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let remainder = blocks.iter().fold(remainder, |remainder, block| {
        let block = u128::from_le_bytes(*block) ^ u128::from(remainder);
        let entries = block.to_le_bytes().into_iter().zip(TABLES.iter().rev());
        entries.fold(0, |sum, (byte, table)| sum ^ entry(table, byte))
    });
    let [single, ..] = &TABLES;
    rest.iter().fold(remainder, |remainder, byte| {
        let [low, ..] = remainder.to_le_bytes();
        (remainder >> 8) ^ entry(single, low ^ byte)
    })
}
