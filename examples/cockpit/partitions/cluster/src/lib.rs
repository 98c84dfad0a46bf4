//! What the cluster computes, drives and reports, all of it tested on the host; `main.rs` is the
//! partition around it.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_possible_truncation
)]

pub mod control;
pub mod crc;
pub mod digest;
pub mod gpio;
pub mod network;
pub mod printer;
pub mod report;
pub mod signer;
pub mod workload;
