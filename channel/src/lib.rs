//! VirtualNet: a network link between two partitions in shared memory, where each end takes the other for
//! an attacker. One crate for both ends.
//!
//! - [`endpoint`]: one end of a link: sends, receives, asks for doorbells, begins anew with an epoch.
//! - [`port`]: such an end and what it asks of the monitor, which is all that a driver needs.
//! - [`accept`]: which frames may reach the IP stack behind it.
//! - [`memory`], [`shared`]: access to the shared memory. `shared` is the only module that touches it.
//! - [`crc32c`]: the frames' checksum. [`authentication`]: their tag.
//!
//! The layout of the memory is `cofferdam_abi::virtualnet`; rules, reasons and the threats that each part
//! stands against are in `docs/virtualnet.md`.
//!
//! Invariants, for whatever the other side writes and whenever it does:
//! - no panic, and no access outside of the memory that was given;
//! - each word of the other side is read once, and only its private, checked copy is used;
//! - work in a call is bounded by the caller's budget;
//! - a new epoch makes a good link of any memory, provided that the other side is honest then.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]
// For what runs on the target.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::cast_possible_truncation
    )
)]

pub mod accept;
pub mod authentication;
pub mod crc32c;
pub mod endpoint;
pub mod memory;
pub mod port;
#[expect(unsafe_code, reason = "the one module that touches shared memory")]
pub mod shared;
