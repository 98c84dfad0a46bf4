//! Sources of an interrupt controller: whose they are is the same question for each kind of one.

/// The most sources that there can be, 0 among them, which is none.
const SOURCES: usize = 1024;
const WORDS: usize = SOURCES / 32;

/// Sources that a partition owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sources([u32; WORDS]);

impl Sources {
    /// None.
    pub const NONE: Self = Self([0; WORDS]);

    /// Those of a list. By the compiler.
    ///
    /// # Panics
    /// Where one is beyond the most that there can be, which the validator refuses.
    pub const fn of(list: &[u32]) -> Self {
        let mut words = [0; WORDS];
        let mut n = 0;
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        while n < list.len() {
            words[(list[n] / 32) as usize] |= 1 << (list[n] % 32);
            n += 1;
        }
        Self(words)
    }

    /// The bits of the 32 sources from 32 times this on.
    pub fn word(&self, n: u32) -> u32 {
        let word = self.0.get(usize::try_from(n).unwrap_or(usize::MAX));
        word.copied().unwrap_or_default()
    }

    /// Whether a source is among them.
    pub fn has(&self, source: u32) -> bool {
        self.word(source / 32) >> (source % 32) & 1 != 0
    }

    /// Calls for each of them. Loops, for a chain of iterators costs ten times as much where code is made small.
    pub fn each(&self, mut call: impl FnMut(u32)) {
        let mut first = 0;
        for word in &self.0 {
            let mut bits = *word;
            while bits != 0 {
                call(first + bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
            first += 32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_comes_once() {
        let listed = [1, 3, 31, 32, 40, 1023];
        let mut each = Vec::new();
        Sources::of(&listed).each(|source| each.push(source));
        assert_eq!(each, listed);
        Sources::NONE.each(|source| panic!("{source}"));
    }
}
