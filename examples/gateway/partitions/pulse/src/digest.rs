//! The work of a job: a digest of the partition's own code and constants, a piece to each job. The first pass is the
//! reference, for the monitor checked the image when it loaded it; every later one must agree.

/// Bytes of one piece: about a quarter of a period, in the emulator's judged time.
const PIECE: usize = 3 << 10;

/// Of a 64-bit FNV-1a: it finds what changed, and is no protection from who chooses the change.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x100_0000_01b3;

/// A digest under way.
#[derive(Debug)]
pub struct Digest {
    image: &'static [u8],
    rest: &'static [u8],
    sum: u64,
    reference: Option<u64>,
    agrees: Option<bool>,
}

impl Digest {
    /// Nothing read yet.
    pub const fn new(image: &'static [u8]) -> Self {
        Self {
            image,
            rest: image,
            sum: BASIS,
            reference: None,
            agrees: None,
        }
    }

    /// Reads a piece more; less at the end of a pass.
    pub fn step(&mut self) {
        let (piece, rest) = self.rest.split_at(self.rest.len().min(PIECE));
        let add = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(PRIME);
        self.sum = piece.iter().fold(self.sum, add);
        self.rest = rest;
        if rest.is_empty() {
            match self.reference {
                None => self.reference = Some(self.sum),
                // What does not agree once stays so.
                Some(it) => self.agrees = Some(it == self.sum && self.agrees != Some(false)),
            }
            (self.rest, self.sum) = (self.image, BASIS);
        }
    }

    /// Whether all passes agreed.
    pub const fn verdict(&self) -> Verdict {
        match self.agrees {
            None => Verdict::None,
            Some(true) => Verdict::Agrees,
            Some(false) => Verdict::Differs,
        }
    }
}

/// What all passes said.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Verdict {
    /// There was but one.
    None,
    /// The same.
    Agrees,
    /// Not the same.
    Differs,
}
