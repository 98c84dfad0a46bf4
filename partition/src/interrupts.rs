//! Interrupts. Which are enabled and what handles them is fixed in
//! [`Hardware`](crate::hardware::Hardware); here is what the main loop, or an operating system in
//! its place, does about them.

pub use crate::arch::{handle, idle_unless, mask};
