//! SHA-256 of images (FIPS 180-4). The rounds are a function that is passed in: [`software`] works everywhere, and a
//! processor with instructions for it has its own in `arch`.
//!
//! The `sha2` crate is a quarter of a monitor's size and cannot use the instructions of a processor that is compiled
//! for without floating point. It is the oracle of the tests.

/// Fractional parts of the square roots of the first eight primes (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// Adds whole blocks to a state.
pub type Rounds = fn(&mut [u32; 8], &[[u8; BLOCK]]);

/// Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
pub static CONSTANTS: [u32; 64] = constants();

/// The cube roots are computed in integers: the largest `r` with `r^3 <= p * 2^96` has 32 fraction bits.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn constants() -> [u32; 64] {
    let mut table = [0; 64];
    let mut prime = 2_u128;
    let mut n = 0;
    while n < table.len() {
        let mut root = 0_u128;
        let mut bit = 36;
        while bit > 0 {
            bit -= 1;
            let candidate = root | 1 << bit;
            if candidate * candidate * candidate <= prime << 96 {
                root = candidate;
            }
        }
        table[n] = low(root);
        prime += 1;
        while !is_prime(prime) {
            prime += 1;
        }
        n += 1;
    }
    table
}

const fn low(number: u128) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

const fn is_prime(n: u128) -> bool {
    let mut divisor = 2;
    while divisor * divisor <= n {
        if n.is_multiple_of(divisor) {
            return false;
        }
        divisor += 1;
    }
    true
}

/// A digest under way.
#[derive(Debug)]
pub struct Hasher {
    rounds: Rounds,
    state: [u32; 8],
    bytes: u64,
}

impl Hasher {
    /// Nothing digested yet.
    pub const fn new(rounds: Rounds) -> Self {
        Self {
            rounds,
            state: INITIAL,
            bytes: 0,
        }
    }

    /// Adds whole blocks: of what is left over, nothing is read.
    pub fn update(&mut self, piece: &[u8]) {
        let (blocks, _) = piece.as_chunks::<BLOCK>();
        self.bytes += (blocks.len() * BLOCK) as u64;
        (self.rounds)(&mut self.state, blocks);
    }

    /// Adds the last piece, of any length, and gives the digest.
    pub fn finish(mut self, piece: &[u8]) -> [u8; 32] {
        self.update(piece);
        let (_, tail) = piece.as_chunks::<BLOCK>();
        // Padding: one bit, zeros, the length in bits (FIPS 180-4, 5.1.1).
        let length = (self.bytes + tail.len() as u64) * 8;
        let mut padding = [0; 2 * BLOCK];
        for (to, from) in padding.iter_mut().zip(tail.iter().chain(&[0x80])) {
            *to = *from;
        }
        let room = if tail.len() < BLOCK - 8 {
            BLOCK
        } else {
            2 * BLOCK
        };
        let (last, _) = padding.split_at_mut(room);
        for (to, from) in last.iter_mut().rev().zip(length.to_le_bytes()) {
            *to = from;
        }
        self.update(last);
        let mut digest = [0; 32];
        let words = self.state.iter().flat_map(|word| word.to_be_bytes());
        for (to, from) in digest.iter_mut().zip(words) {
            *to = from;
        }
        digest
    }
}

/// In general registers: some 2 000 instructions a block.
pub fn software(state: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
    for block in blocks {
        add(state, block);
    }
}

/// One block (FIPS 180-4, 6.2.2). The message schedule is a ring of its last 16 words.
#[expect(clippy::indexing_slicing, reason = "below 16")]
fn add(state: &mut [u32; 8], block: &[u8; BLOCK]) {
    let mut w = [0; 16];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (t, k) in CONSTANTS.iter().enumerate() {
        if t >= 16 {
            let (w1, w14) = (w[(t + 1) & 15], w[(t + 14) & 15]);
            let s0 = w1.rotate_right(7) ^ w1.rotate_right(18) ^ w1 >> 3;
            let s1 = w14.rotate_right(17) ^ w14.rotate_right(19) ^ w14 >> 10;
            w[t & 15] = w[t & 15]
                .wrapping_add(s0)
                .wrapping_add(w[(t + 9) & 15])
                .wrapping_add(s1);
        }
        let t1 = h
            .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
            .wrapping_add(e & f ^ !e & g)
            .wrapping_add(*k)
            .wrapping_add(w[t & 15]);
        let t2 = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22))
            .wrapping_add(a & b ^ a & c ^ b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

/// Whether digests come out right here: the two-block example of FIPS 180-4 (NIST, SHA-256 example 2).
pub fn self_test(rounds: Rounds) -> bool {
    let message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let digest = Hasher::new(rounds).finish(message);
    digest.starts_with(&[0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn digests_are_those_of_the_oracle_at_every_length() {
        let bytes: Vec<u8> = (0..300_u32).map(|n| (n * 7 + n / 5) as u8).collect();
        for length in 0..bytes.len() {
            let piece = &bytes[..length];
            let ours = Hasher::new(software).finish(piece);
            assert_eq!(ours[..], Sha256::digest(piece)[..], "{length} bytes");
        }
    }

    #[test]
    fn pieces_add_up() {
        let bytes = [0x5a; 4096 + 17];
        let mut hasher = Hasher::new(software);
        hasher.update(&bytes[..2048]);
        hasher.update(&bytes[2048..4096]);
        assert_eq!(hasher.finish(&bytes[4096..])[..], Sha256::digest(bytes)[..]);
    }

    #[test]
    fn the_self_test_holds() {
        assert!(self_test(software));
    }
}
