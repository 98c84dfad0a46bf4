//! Services that this partition handles for others: requests, one at a time, in the order in which they came.
//!
//! What `sossl` generates takes a request, calls the partition's own method and answers. The monitor checked the
//! arguments; memory among them is the caller's own, and stays so until the answer. What is *in* it the caller may change at
//! any time: [`Readable::copy_to`] looks at each byte once, and the copy is what is to be used.

use core::ptr::with_exposed_provenance_mut;

pub use cofferdam_abi::call::Error;
use cofferdam_abi::call::{Call, check};

use crate::arch;

/// Words of arguments, and of results.
const WORDS: usize = 15;

/// A request that was taken and is to be answered.
#[derive(Debug)]
pub struct Request {
    ticket: u64,
    service: u64,
    words: [u64; WORDS],
}

/// The request that waits the longest, if one does.
pub fn take() -> Option<Request> {
    let [status, ticket, service, words @ ..] =
        arch::call_with_all(Call::ServiceTake.function_id(), [0; 17]);
    check(status).ok()?;
    Some(Request {
        ticket,
        service,
        words,
    })
}

impl Request {
    /// The service's function identifier.
    pub const fn function(&self) -> u32 {
        low(self.service)
    }

    /// The partition that asks.
    pub const fn caller(&self) -> u64 {
        self.service >> 32
    }

    /// An argument; 0 for what is none.
    pub fn word(&self, number: usize) -> u64 {
        self.words.get(number).copied().unwrap_or(0)
    }

    /// Memory of the caller, by arguments of this request that the monitor checked.
    pub const fn readable(&self, start: u64, length: u64) -> Readable<'_> {
        Readable(Memory {
            start,
            length,
            request: self,
        })
    }

    /// The same, to be written.
    pub const fn writable(&self, start: u64, length: u64) -> Writable<'_> {
        Writable(Memory {
            start,
            length,
            request: self,
        })
    }

    /// Answers. Nobody is told if the caller ended meanwhile.
    pub fn answer(self, done: Result<[u64; WORDS], Error>) {
        let mut arguments = [0; 17];
        let [ticket, status, words @ ..] = &mut arguments;
        *ticket = self.ticket;
        match done {
            Ok(results) => *words = results,
            Err(error) => *status = (error as i64).cast_unsigned(),
        }
        let _gone = arch::call_with_all(Call::ServiceComplete.function_id(), arguments);
    }
}

/// The lower half of a word.
pub const fn low(word: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "what is meant")]
    let low = word as u32;
    low
}

/// Results, and zeros for the rest.
pub fn words<const N: usize>(results: [u64; N]) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for (word, result) in words.iter_mut().zip(results) {
        *word = result;
    }
    words
}

#[derive(Debug)]
struct Memory<'a> {
    start: u64,
    length: u64,
    /// While it is not answered, the memory is lent.
    #[expect(dead_code, reason = "for its lifetime")]
    request: &'a Request,
}

impl Memory<'_> {
    /// The words, with the bytes of each that are in the memory. It starts at a word, and belongs to its owner in pages.
    fn each_word(&self, count: usize, mut with: impl FnMut(*mut u64, usize)) {
        let (mut at, mut left) = (self.start, count);
        while left > 0 {
            let bytes = left.min(8);
            with(
                with_exposed_provenance_mut(usize::try_from(at).unwrap_or(0)),
                bytes,
            );
            at = at.wrapping_add(8);
            left = left.wrapping_sub(bytes);
        }
    }
}

/// Memory of the caller to be read.
#[derive(Debug)]
pub struct Readable<'a>(Memory<'a>);

impl Readable<'_> {
    /// Where it starts.
    pub const fn start(&self) -> u64 {
        self.0.start
    }

    /// Bytes.
    pub const fn len(&self) -> u64 {
        self.0.length
    }

    /// Never.
    pub const fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// Copies all of it, each word by one load. `None` if there is no room for it.
    pub fn copy_to<'a>(&self, room: &'a mut [u8]) -> Option<&'a [u8]> {
        let copy = room.get_mut(..usize::try_from(self.0.length).ok()?)?;
        let mut chunks = copy.chunks_mut(8);
        self.0
            .each_word(usize::try_from(self.0.length).ok()?, |at, bytes| {
                // SAFETY: an aligned word of the caller's own memory, as the monitor checked, which start-up mapped; no reference
                // is ever to it. The caller may write it meanwhile: the load is volatile, and its value only a number.
                let word = unsafe { at.read_volatile() }.to_le_bytes();
                if let (Some(chunk), Some(word)) = (chunks.next(), word.get(..bytes)) {
                    chunk.copy_from_slice(word);
                }
            });
        Some(copy)
    }
}

/// Memory of the caller to be written.
#[derive(Debug)]
pub struct Writable<'a>(Memory<'a>);

impl Writable<'_> {
    /// Bytes.
    pub const fn len(&self) -> u64 {
        self.0.length
    }

    /// Never.
    pub const fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// Writes from its start on, whole words; says whether the bytes are as many as it has.
    pub fn copy_from(&mut self, bytes: &[u8]) -> bool {
        let (words, rest) = bytes.as_chunks();
        if bytes.len() as u64 != self.0.length || !rest.is_empty() {
            return false;
        }
        let mut words = words.iter();
        self.0.each_word(bytes.len(), |at, _| {
            if let Some(word) = words.next() {
                // SAFETY: as above; it was lent for this.
                unsafe { at.write_volatile(u64::from_le_bytes(*word)) };
            }
        });
        true
    }
}
