//! The processor's part of the run-time. Each architecture supplies the same names: `start`,
//! `call`, `crash`, `CrossCallHandler`, `now`, `frequency`, `PeriodicTimer`, `InterruptId`,
//! `InterruptController`, `TIMER_INTERRUPT`, `crc32c`, `dispatch`, `handle`, `idle_unless`, `mask`, `halt`.

#[cfg(target_arch = "aarch64")]
mod arm64;
#[cfg(target_arch = "aarch64")]
pub use arm64::*;
