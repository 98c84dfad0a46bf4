//! The arm64 monitor: EL3 between a Secure critical partition and a Non-secure rich one.
//!
//! What is decided, `cofferdam_core` decides; here decisions meet registers. Decoders and tables are
//! also compiled and tested on the host; what touches the hardware is compiled for the target only.
//!
//! A firmware binary gives its tables and its board to [`firmware!`], which makes the symbols that the
//! assembly calls.
#![cfg_attr(not(test), no_std)]
// For what runs on the target.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::cast_possible_truncation))]

pub mod aarch32;
#[cfg(target_os = "none")]
pub mod digest;
pub mod entry;
pub mod identify;
pub mod mmu;
pub mod psci;
pub mod stack;
pub mod watchdog;

#[cfg(target_os = "none")]
pub mod channel;
#[cfg(target_os = "none")]
pub mod context;
#[cfg(target_os = "none")]
pub mod event;
#[cfg(target_os = "none")]
pub mod floating_point;
#[cfg(target_os = "none")]
pub mod gic;
#[cfg(target_os = "none")]
pub mod health;
#[cfg(target_os = "none")]
pub mod hook;
#[cfg(target_os = "none")]
pub mod load;
#[cfg(target_os = "none")]
pub mod migration;
#[cfg(target_os = "none")]
pub mod monitor;
#[cfg(target_os = "none")]
pub mod panic;
#[cfg(target_os = "none")]
pub mod platform;
#[cfg(target_os = "none")]
pub mod profile;
#[cfg(target_os = "none")]
pub mod register;
#[cfg(target_os = "none")]
pub mod request;
#[cfg(target_os = "none")]
pub mod self_test;
#[cfg(target_os = "none")]
pub mod service;
#[cfg(target_os = "none")]
pub mod thread;
#[cfg(target_os = "none")]
pub mod vectors;

pub use cofferdam_core as core_logic;
pub use cofferdam_lock as lock;

/// Makes a firmware of a board (a `platform::Platform`), a system (`platform::Features`,
/// `platform::Configuration`) and
/// its translation tables ([`mmu::Tables`]).
#[macro_export]
macro_rules! firmware {
    ($board:ty, $features:ty, $configuration:expr, $tables:ty = $build:expr) => {
        static MONITOR: $crate::monitor::Monitor<$crate::platform::Featured<$board, $features>> =
            $crate::monitor::Monitor::new(&$configuration);

        #[unsafe(link_section = ".tables")]
        #[unsafe(no_mangle)]
        static cofferdam_tables: $tables = $build;

        #[unsafe(no_mangle)]
        static cofferdam_hardware_ids: [u64; $crate::core_logic::ids::MAX_CORES] =
            $crate::hardware_ids(&$configuration);

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_boot() -> ! {
            MONITOR.boot()
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_boot_secondary(core: u8) -> ! {
            MONITOR.enter($crate::core_logic::ids::CoreId(core))
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn cofferdam_rich(
            block: *mut $crate::context::CoreBlock,
            kind: u64,
        ) -> u64 {
            let slot = $crate::core_logic::ids::Slot::Rich;
            // SAFETY: called by the vectors only, with the running core's block.
            unsafe { MONITOR.event(block, slot, kind) as u64 }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn cofferdam_critical(
            block: *mut $crate::context::CoreBlock,
            kind: u64,
        ) -> u64 {
            let slot = $crate::core_logic::ids::Slot::Critical;
            // SAFETY: called by the vectors only, with the running core's block.
            unsafe { MONITOR.event(block, slot, kind) as u64 }
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_load(partition: u64) -> ! {
            $crate::thread::load(&MONITOR, partition)
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_fatal(registers: &[u64; 31], vector: u64) -> ! {
            $crate::panic::fatal(&MONITOR, registers, vector)
        }

        #[panic_handler]
        fn panic(info: &core::panic::PanicInfo) -> ! {
            $crate::panic::panicked(&MONITOR, info)
        }
    };
}

/// The table in which `start.S` looks a core up: no core has all bits set.
#[cfg(target_os = "none")]
pub const fn hardware_ids<G>(
    configuration: &platform::Configuration<G>,
) -> [u64; cofferdam_core::ids::MAX_CORES] {
    let mut ids = [u64::MAX; _];
    let cores = configuration.system.cores;
    let mut i = 0;
    while i < cores.len() {
        ids[i] = cores[i].hardware_id;
        i += 1;
    }
    ids
}
