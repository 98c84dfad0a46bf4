//! arm64: TrustZone worlds, GIC interrupts, exception levels.

pub(crate) mod checks;
mod entry;
pub(crate) mod interrupt;
mod migration;
mod reach;
pub(crate) mod words;
