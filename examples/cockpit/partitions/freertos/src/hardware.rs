//! The hardware of the partition, as the system description gives it to the partition `cluster`, of
//! which this is another image.

use core::ptr::{NonNull, with_exposed_provenance_mut};

use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};

use crate::tick;

#[expect(
    dead_code,
    reason = "the numbers of all devices are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

#[cfg(channel)]
pub use generated::channel::net0;
pub use generated::partition::{CLUSTER, LINUX};
use generated::{device, interrupt_controller};

/// The core that this partition shares with Linux.
pub const SHARED_CORE: u64 = generated::BOOT_CORE;
/// PL011, the second serial line of the board.
pub const UART: Region = Region::new(device::uart_secure::REGISTERS);
/// PL061 with the relay on [`RELAY`](cofferdam_cockpit_cluster::gpio::RELAY).
pub const GPIO: Region = Region::new(device::gpio_secure::REGISTERS);

/// The memory that is shared with Linux.
#[cfg(channel)]
pub const CHANNEL: Region = Region::new(net0::MEMORY);
/// With that of who asks for services.
const SHARED: [Region; generated::SHARED.len()] = Region::all(generated::SHARED);

// The deadline that the monitor judges is that of the task of one tick.
const _: () = assert!(generated::PERIOD == 1_000_000_000 / tick::RATE);

/// Where the port asserts that the tick is; see the crate's documentation.
const TICK_PRIORITY: u8 = 0x70;

/// All that is mapped and enabled.
pub const HARDWARE: Hardware = Hardware {
    devices: &[GPIO],
    channels: &SHARED,
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: Some(TICK_PRIORITY),
        handler: tick::on_timer,
    }],
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        UART,
    )
};

/// Where the registers of a device are.
#[expect(clippy::expect_used, reason = "a constant of this partition, not 0")]
pub fn registers<T>(region: Region) -> NonNull<T> {
    NonNull::new(with_exposed_provenance_mut(region.start)).expect("device at address 0")
}
