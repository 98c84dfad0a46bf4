//! The processor's part of the run-time. Each architecture supplies the same names: `start`,
//! `Console`, `console_of`, `call`, `crash`, `CrossCallHandler`, `now`, `frequency`, `PeriodicTimer`, `InterruptId`,
//! `InterruptController`, `TIMER_INTERRUPT`, `crc32c`, `INTERNET_SUM`, `dispatch`, `handle`, `idle_unless`, `mask`, `unmask`, `halt`,
//! `slack`.

#[cfg(target_arch = "aarch64")]
mod arm64;
#[cfg(target_arch = "riscv64")]
mod riscv64;

#[cfg(target_arch = "aarch64")]
pub use arm64::*;
#[cfg(target_arch = "riscv64")]
pub use riscv64::*;
