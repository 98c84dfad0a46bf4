//! The riscv64 monitor: M-mode under partitions that physical memory protection keeps apart.
#![cfg_attr(not(test), no_std)]
// For what runs on the target.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::cast_possible_truncation
    )
)]

pub mod pmp;
pub mod sbi;
