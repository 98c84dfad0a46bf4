//! What the monitor, the partitions and the host tools must agree on: call numbers, error codes and
//! memory layouts. No logic beyond encoding and decoding.
//!
//! Numbers here are frozen once released: change one only with [`VERSION`].
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod call;
pub mod console;
pub mod digests;
pub mod image;
pub mod service;
pub mod stats;
pub mod virtualnet;

/// Version of everything in this crate: major in bits 31:16, minor in bits 15:0. A partition must
/// refuse a monitor with another major number.
pub const VERSION: u32 = 0x0001_0000;
