//! The partition's digest of its own code and constants, a piece at a time.
//!
//! The first pass is the reference: the monitor checked the image when it loaded it. Every later
//! one must agree with it.

use crate::crc::Crc;

/// Bytes of one piece: about 1 700 instructions.
const PIECE: usize = 256;

/// What a check says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// Nothing was compared yet.
    #[default]
    Unknown,
    /// All that was compared agreed.
    Ok,
    /// Something did not agree. Stays so.
    Bad,
}

/// The digest of an image.
#[derive(Debug)]
pub struct Digest<'image> {
    image: &'image [u8],
    rest: &'image [u8],
    crc: Crc,
    reference: Option<u32>,
    health: Health,
}

impl<'image> Digest<'image> {
    /// Nothing read yet.
    pub const fn new(image: &'image [u8]) -> Self {
        Self {
            image,
            rest: image,
            crc: Crc::new(),
            reference: None,
            health: Health::Unknown,
        }
    }

    /// Reads one piece more. Answers whether that ended a pass.
    pub fn step(&mut self) -> bool {
        let (piece, rest) = self.rest.split_at(self.rest.len().min(PIECE));
        self.crc.update(piece);
        self.rest = rest;
        if !rest.is_empty() {
            return false;
        }
        self.compare(self.crc.value());
        self.rest = self.image;
        self.crc = Crc::new();
        true
    }

    fn compare(&mut self, sum: u32) {
        match self.reference {
            None => self.reference = Some(sum),
            Some(reference) if reference != sum => self.health = Health::Bad,
            Some(_) if self.health == Health::Unknown => self.health = Health::Ok,
            Some(_) => {}
        }
    }

    /// What the passes so far say.
    pub const fn health(&self) -> Health {
        self.health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(digest: &mut Digest) -> usize {
        1 + (0..).take_while(|_| !digest.step()).count()
    }

    #[test]
    fn an_image_that_stays_the_same_is_ok_from_the_second_pass_on() {
        let image = [7; 3 * PIECE + 1];
        let mut digest = Digest::new(&image);
        assert_eq!(pass(&mut digest), 4);
        assert_eq!(digest.health(), Health::Unknown);
        assert_eq!(pass(&mut digest), 4);
        assert_eq!(digest.health(), Health::Ok);
    }

    #[test]
    fn one_bit_makes_it_bad_for_good() {
        let good = [0x55; PIECE];
        let mut bad = good;
        bad[PIECE - 1] ^= 1;
        let mut digest = Digest::new(&good);
        pass(&mut digest);
        digest.image = &bad;
        digest.rest = &bad;
        pass(&mut digest);
        assert_eq!(digest.health(), Health::Bad);
        digest.image = &good;
        digest.rest = &good;
        pass(&mut digest);
        assert_eq!(digest.health(), Health::Bad);
    }
}
