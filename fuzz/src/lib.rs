//! What is done with bytes that somebody else wrote, whatever they are: a body for each fuzz target of `targets/`.
//!
//! | function | the bytes are | must hold |
//! |---|---|---|
//! | [`description`] | a system, its numbers, its board | mistakes, or a system from which all is generated |
//! | [`channel`] | what a critical end reads of shared memory, and what it does | bounded work inside the memory |
//! | [`accept`] | a frame before the receive filter | what it accepts, another parser calls the same |
//! | [`images`] | files that go into the flash | an error, or an image within its bounds |
//!
//! Here is no fuzzer: `tests/corpus.rs` feeds all of it what is kept in `corpus/`, on any toolchain, and
//! `cofferdam test --soak` lets cargo-fuzz search on. A body panics where something does not hold, and
//! answers whether the bytes were of any use.
#![forbid(unsafe_code)]

mod accept;
mod channel;
mod description;
mod images;

pub use accept::accept;
pub use channel::channel;
pub use description::description;
pub use images::images;

/// A target: its name, which is that of its folder in `corpus/`, and its body.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// All of them.
pub const TARGETS: [Target; 4] = [
    ("accept", accept),
    ("channel", channel),
    ("description", description),
    ("images", images),
];
