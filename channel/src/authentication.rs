//! Frame authentication: a tag that only who has the channel's key can make, over the frame, its place in the ring's history and
//! who sent it. What it is worth, and what not, is in `docs/virtualnet.md`.
//!
//! Whether a channel has one is a type: an end that is [`Off`], as by default, has nothing of it.

use crate::memory::{Header, summed};
use cofferdam_abi::virtualnet::{Side, TAG_WORDS, slot};
use core::fmt::{self, Debug, Formatter};
use siphasher::sip::SipHasher24;

/// What stands in a slot; behind a shorter tag are zeros.
pub type Tag = [u32; TAG_WORDS];

/// A channel's key: by its first half frames are hashed, by the other tags are made. Each channel has another: a tag does not say
/// which one it is of.
pub type Key = [[u8; 16]; 2];

/// Makes tags, or none.
pub trait Authentication {
    /// Whether frames have a tag.
    fn is_on(&self) -> bool;

    /// The tag of a frame with this header that the end of this side sends.
    fn tag(&self, from: Side, header: Header, frame: &[u8]) -> Tag;

    /// What it adds to the flags of a frame.
    #[inline(always)]
    fn flags(&self) -> u32 {
        if self.is_on() { slot::FLAG_TAG } else { 0 }
    }
}

/// Frames have no tag.
#[derive(Clone, Copy, Debug)]
pub struct Off;

impl Authentication for Off {
    #[inline(always)]
    fn is_on(&self) -> bool {
        false
    }

    #[inline(always)]
    fn tag(&self, _: Side, _: Header, _: &[u8]) -> Tag {
        [0; TAG_WORDS]
    }
}

/// Chosen when the program runs.
impl<A: Authentication> Authentication for Option<A> {
    fn is_on(&self) -> bool {
        self.as_ref().is_some_and(A::is_on)
    }

    fn tag(&self, from: Side, header: Header, frame: &[u8]) -> Tag {
        let tag = self.as_ref().map(|it| it.tag(from, header, frame));
        tag.unwrap_or([0; TAG_WORDS])
    }
}

/// SipHash-2-4 of 64 bits (Aumasson, Bernstein: SipHash, a fast short-input PRF), by one key over the frame, and by the other over
/// side, header and what came out. In two steps, so that nobody has to have the header before the frame in memory.
#[derive(Clone)]
pub struct SipHash(Key);

impl SipHash {
    /// By this key.
    pub const fn new(key: Key) -> Self {
        Self(key)
    }
}

/// Without the key.
impl Debug for SipHash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipHash").finish_non_exhaustive()
    }
}

impl Authentication for SipHash {
    #[inline(always)]
    fn is_on(&self) -> bool {
        true
    }

    fn tag(&self, from: Side, header: Header, frame: &[u8]) -> Tag {
        let [by_frame, by_tag] = &self.0;
        let frame = SipHasher24::new_with_key(by_frame).hash(frame);
        let (first, second) = summed(header);
        let side = u64::from(from.number());
        let whole = [side, first, second, frame].map(u64::to_le_bytes);
        let tag = SipHasher24::new_with_key(by_tag).hash(whole.as_flattened());
        let [a, b, c, d, e, f, g, h] = tag.to_le_bytes();
        let words = [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes);
        [words[0], words[1], 0, 0, 0, 0, 0, 0]
    }
}

/// Whether a build has tags, which chooses a type.
#[derive(Clone, Copy, Debug)]
pub struct Build<const SIPHASH: bool>;

/// The type that a build chose.
pub trait Chosen {
    /// It.
    type Authentication: Authentication;

    /// By the channel's key, which a build without tags does not look at.
    fn with(key: Key) -> Self::Authentication;
}

impl Chosen for Build<false> {
    type Authentication = Off;

    fn with(_: Key) -> Off {
        Off
    }
}

impl Chosen for Build<true> {
    type Authentication = SipHash;

    fn with(key: Key) -> SipHash {
        SipHash::new(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of the paper's vectors, its appendix A: 15 bytes, each its place.
    #[test]
    fn the_example_of_the_paper() {
        let key = core::array::from_fn(|n| n as u8);
        let message: [u8; 15] = core::array::from_fn(|n| n as u8);
        let hash = SipHasher24::new_with_key(&key).hash(&message);
        assert_eq!(hash, 0xa129_ca61_49be_45e5);
    }

    /// What `docs/virtualnet.md` gives as an example.
    #[test]
    fn the_example_of_the_document() {
        let [first, second] = [0, 16].map(|first| core::array::from_fn(|n| first + n as u8));
        let message: [u8; 15] = core::array::from_fn(|n| n as u8);
        let tag = SipHash::new([first, second]).tag(Side::Second, [15, 3, 7, 9], &message);
        assert_eq!(tag, [0x3cc4_45c1, 0x7e77_b312, 0, 0, 0, 0, 0, 0]);
    }

    const KEY: Key = [[1; 16], [2; 16]];

    /// A tag of one frame is that of no other, nor of the same one at another place.
    #[test]
    fn a_tag_is_of_all_that_a_frame_has() {
        let by =
            |key: &Key, from, header, frame: &[u8]| SipHash::new(*key).tag(from, header, frame);
        let right = by(&KEY, Side::First, [4, 2, 7, 9], b"text");
        assert_eq!(right, by(&KEY, Side::First, [4, 2, 7, 9], b"text"));
        assert_eq!(right[2..], [0; 6]);
        let other = |key| by(&key, Side::First, [4, 2, 7, 9], b"text");
        for wrong in [
            by(&KEY, Side::Second, [4, 2, 7, 9], b"text"),
            by(&KEY, Side::First, [5, 2, 7, 9], b"text"),
            by(&KEY, Side::First, [4, 3, 7, 9], b"text"),
            by(&KEY, Side::First, [4, 2, 8, 9], b"text"),
            by(&KEY, Side::First, [4, 2, 7, 8], b"text"),
            by(&KEY, Side::First, [4, 2, 7, 9], b"next"),
            other([[3; 16], [2; 16]]),
            other([[1; 16], [3; 16]]),
        ] {
            assert_ne!(right, wrong);
        }
    }
}
