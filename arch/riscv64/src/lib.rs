//! The riscv64 monitor: M-mode under partitions that physical memory protection keeps apart.
//!
//! What is decided, `cofferdam_core` decides; here decisions meet registers. Decoders and tables are
//! also compiled and tested on the host; what touches the hardware is compiled for the target only.
//!
//! A firmware binary gives its tables and its board to [`firmware!`], which makes the symbols that the
//! assembly calls.
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

pub mod aplic;
pub mod channel;
pub mod clint;
pub mod console;
pub mod controller;
pub mod counter;
pub mod decode;
pub mod platform;
pub mod plic;
pub mod pmp;
pub mod policy;
pub mod remote;
pub mod sbi;
pub mod sources;
pub mod stack;
pub mod translate;

#[cfg(target_os = "none")]
mod account;
#[cfg(target_os = "none")]
mod ask;
#[cfg(target_os = "none")]
mod call;
#[cfg(target_os = "none")]
pub mod context;
#[cfg(target_os = "none")]
pub mod csr;
#[cfg(target_os = "none")]
mod digest;
#[cfg(target_os = "none")]
mod doorbell;
#[cfg(target_os = "none")]
mod emulate;
#[cfg(target_os = "none")]
mod external;
#[cfg(target_os = "none")]
mod floating_point;
#[cfg(target_os = "none")]
pub mod hart;
#[cfg(target_os = "none")]
mod hypervisor;
#[cfg(target_os = "none")]
mod imsic;
#[cfg(all(target_os = "none", feature = "inject-faults"))]
mod inject;
#[cfg(target_os = "none")]
mod load;
#[cfg(target_os = "none")]
mod log;
#[cfg(target_os = "none")]
pub mod monitor;
#[cfg(target_os = "none")]
pub mod panic;
#[cfg(target_os = "none")]
pub mod service;
#[cfg(target_os = "none")]
pub mod supervisor;
#[cfg(target_os = "none")]
mod suspend;
#[cfg(target_os = "none")]
mod switch;
#[cfg(target_os = "none")]
pub mod thread;
#[cfg(target_os = "none")]
mod watch;

pub use cofferdam_core as core_logic;

/// Makes a firmware of a board (a [`platform::Platform`]) and a system (a [`platform::Configuration`]).
#[macro_export]
macro_rules! firmware {
    ($board:ty, $configuration:expr) => {
        /// The board, and what of the system the compiler is to know.
        struct Known;

        impl $crate::platform::Platform for Known {
            fn console(bytes: &[u8]) {
                <$board as $crate::platform::Platform>::console(bytes)
            }

            fn safe_state() {
                <$board as $crate::platform::Platform>::safe_state()
            }

            fn quiesce(registers: $crate::core_logic::region::Region) {
                <$board as $crate::platform::Platform>::quiesce(registers)
            }

            #[inline(always)]
            fn channels() -> &'static [$crate::channel::Channel] {
                $configuration.channels
            }

            #[inline(always)]
            fn controller() -> &'static $crate::controller::Controller {
                &$configuration.hardware.controller
            }
        }

        static MONITOR: $crate::monitor::Monitor<Known> =
            $crate::monitor::Monitor::new(&$configuration, &cofferdam_consoles);

        // The host tools look for it by this name.
        #[unsafe(no_mangle)]
        static cofferdam_consoles: $crate::console::Rings =
            [const { $crate::console::Ring::new() }; _];

        #[unsafe(no_mangle)]
        static cofferdam_hardware_ids: [u64; $crate::core_logic::ids::MAX_CORES] =
            $crate::hardware_ids(&$configuration);

        #[unsafe(no_mangle)]
        static cofferdam_harts: $crate::hart::Harts = $crate::hart::Harts::new();

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_enter(hart: &'static mut $crate::hart::Hart) -> ! {
            $crate::context::resume(MONITOR.enter(hart))
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_trap(hart: &mut $crate::hart::Hart) -> &$crate::context::Context {
            MONITOR.trap(hart)
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_load(partition: u64) -> ! {
            $crate::thread::load(&MONITOR, partition)
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_fatal(registers: &[u64; 31]) -> ! {
            $crate::panic::fatal(&MONITOR, registers)
        }

        #[panic_handler]
        fn panic(info: &core::panic::PanicInfo) -> ! {
            $crate::panic::panicked(&MONITOR, info)
        }
    };
}

/// The table in which `start.S` looks a hart up: no hart has all bits set.
pub const fn hardware_ids(
    configuration: &platform::Configuration,
) -> [u64; cofferdam_core::ids::MAX_CORES] {
    let mut ids = [u64::MAX; _];
    let cores = configuration.system.cores;
    let mut n = 0;
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    while n < cores.len() {
        ids[n] = cores[n].hardware_id;
        n += 1;
    }
    ids
}
