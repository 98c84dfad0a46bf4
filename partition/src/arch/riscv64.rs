//! riscv64: S-mode under an M-mode monitor (RISC-V privileged specification, SBI 2.0).
//!
//! Addresses are physical: what the partition may reach, PMP says. Nothing here touches floating-point registers. Of the
//! monitor's own calls (`cofferdam_abi::call`) riscv64 has those that are named there.

mod call;
mod console;
mod interrupt;
mod messages;
pub mod slack;
mod start;
mod timer;

pub use call::{CrossCallHandler, call, call_service, crash, sbi};
pub(crate) use console::of_panic;
pub use console::{Console, console_of};
pub(crate) use interrupt::unmask;
pub use interrupt::{InterruptController, InterruptId, dispatch, halt, handle, idle_unless, mask};
pub use start::start;
pub use timer::{PeriodicTimer, TIMER_INTERRUPT, frequency, now};

/// By tables: no core that this runs on has carry-less multiplication (Zbc).
pub const fn crc32c() -> cofferdam_channel::crc32c::Engine {
    cofferdam_channel::crc32c::Engine::Table
}

/// No other way than the stack's own.
pub const INTERNET_SUM: Option<fn(&[u8]) -> u16> = None;
