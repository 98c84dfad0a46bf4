//! The hardware of the cluster, as the system description gives it.

use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};

use crate::task;

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

/// The core that the cluster shares with Linux.
pub const SHARED_CORE: u64 = generated::BOOT_CORE;
/// PL011, the second serial line of the board.
pub const UART: Region = Region::new(device::uart_secure::REGISTERS);
/// PL061 with the relay on [`RELAY`](cofferdam_cockpit_cluster::gpio::RELAY).
pub const GPIO: Region = Region::new(device::gpio_secure::REGISTERS);

/// The memory that is shared with Linux.
#[cfg(channel)]
pub const CHANNEL: Region = Region::new(net0::MEMORY);
/// With that of who asks for signatures.
const SHARED: [Region; generated::SHARED.len()] = Region::all(generated::SHARED);

/// All that is mapped and enabled.
pub const HARDWARE: Hardware = Hardware {
    devices: &[GPIO],
    channels: &SHARED,
    // For the check of FP registers (fp.rs).
    floating_point: true,
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: task::on_timer,
    }],
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        UART,
    )
};
