//! arm64: Secure EL1 under an EL3 monitor (Arm ARM DDI 0487, GICv3 IHI 0069, SMCCC DEN0028).
//!
//! Built for the soft-float target: nothing here touches FP/SIMD registers.

mod call;
mod console;
mod copy;
mod crc32c;
mod interrupt;
mod mmu;
pub mod slack;
mod start;
mod sum;
mod timer;
mod vectors;

pub use call::{CrossCallHandler, call, call_with_all, crash};
pub(crate) use console::of_panic;
pub use console::{Console, console_of};
pub use crc32c::crc32c;
pub(crate) use interrupt::unmask;
pub use interrupt::{InterruptController, InterruptId, dispatch, halt, handle, idle_unless, mask};
pub use start::start;
pub use sum::INTERNET_SUM;
pub use timer::{PeriodicTimer, TIMER_INTERRUPT, frequency, now};
