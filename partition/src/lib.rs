//! Run-time for critical partitions written in Rust.
//!
//! It brings the partition from the monitor's entry to a Rust function with its own MMU tables,
//! interrupts and console, and gives it the monitor's calls. It schedules nothing: a partition
//! is one main loop plus the handlers of its interrupts, and long work in what they leave (`slack`).
//!
//! A partition states its hardware once, as a constant `hardware::Hardware`, and starts
//! with `entry!`; its build script writes `memory.x` and links with `-Tpartition.ld`. The cockpit's
//! cluster (`examples/cockpit/partitions/cluster`) is a complete one.
//!
//! What is the processor's lies in `arch/`, one folder an architecture; the modules here are the
//! same on all of them. The modules without hardware also compile on the host, where they are
//! tested.
#![cfg_attr(not(test), no_std)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_possible_truncation
)]

pub mod deadline;

#[cfg(target_os = "none")]
mod arch;
#[cfg(target_os = "none")]
pub mod channel;
#[cfg(target_os = "none")]
pub mod console;
#[cfg(target_os = "none")]
pub mod hardware;
#[cfg(target_os = "none")]
pub mod image;
#[cfg(target_os = "none")]
pub mod interrupts;
#[cfg(target_os = "none")]
pub mod monitor;
#[cfg(target_os = "none")]
mod panic;
#[cfg(all(target_os = "none", target_arch = "aarch64"))]
pub mod service;
#[cfg(target_os = "none")]
pub mod slack;
#[cfg(target_os = "none")]
pub mod time;

/// Calls by their numbers, for what has no module here.
#[cfg(all(target_os = "none", target_arch = "riscv64"))]
pub use arch::{call_service, sbi};

/// For `entry!` alone.
#[cfg(target_os = "none")]
#[doc(hidden)]
pub mod private {
    pub use crate::arch::{dispatch, start};
}
