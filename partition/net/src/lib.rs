//! VirtualNet as a device of `smoltcp`, for a critical partition: no heap, no waiting, work bounded by the caller.
//!
//! - [`Device`]: `smoltcp::phy::Device` over an end of a channel. Drain it with
//!   `Interface::poll_ingress_single`, never with bare `poll`, which goes on for as long as the other end sends.
//! - [`Allowance`]: how much of the other end's traffic a poll and a second may cost.
//! - [`Sum`]: what checksums are computed by, where the stack's own way is dear.
//! - [`Neighbour`]: the other end's address as the build knows it, in the place of ARP.
//! - [`iperf`]: a server that a link is measured with. [`text`]: what is written into a fixed room.
//!
//! What reaches the stack has passed the channel's checks and the allow-list filter, in a private copy. What the stack
//! then does with a hostile peer's well-formed packets is smoltcp's; it runs in the partition's slack.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod allowance;
mod device;
pub mod iperf;
mod neighbour;
mod sums;
pub mod text;

pub use allowance::Allowance;
pub use device::{Buffers, DAMAGED, Device, Dropped};
pub use neighbour::Neighbour;
pub use sums::Sum;
