//! The partition itself.

use core::fmt::Write;
use core::hint;
use core::ptr::{NonNull, with_exposed_provenance_mut};

use cofferdam_abi::stats::Page;
use cofferdam_partition::console::Console;
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::interrupts;
use cofferdam_partition::monitor;

#[expect(dead_code, reason = "all numbers are generated, used or not")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::{device, interrupt_controller, partition};

const UART: Region = Region::new(device::uart_secure::REGISTERS);

/// All that is mapped.
pub const HARDWARE: Hardware = Hardware::new(
    InterruptController::new(
        interrupt_controller::VERSION,
        interrupt_controller::REGISTERS,
    ),
    UART,
);

/// It stops for good then: without a pause between its starts, Linux gets nothing of the core.
const STARTS: u64 = 8;
/// What there is to load. Not all zero: that would not be in the image.
static LADING: [u8; 512 << 10] = [0x5a; 512 << 10];

/// The partition.
pub fn main(_argument: u64) -> ! {
    hint::black_box(&LADING);
    let uart = NonNull::new(with_exposed_provenance_mut(UART.start)).unwrap_or(NonNull::dangling());
    // SAFETY: the UART of this partition, mapped above and used nowhere else.
    let mut console = unsafe { Console::new(uart) };
    let start = starts();
    // This writer does not fail.
    let _written = writeln!(console, "laden: start {start}\r");
    interrupts::mask();
    match start {
        STARTS.. => monitor::power_off(),
        _ if start.is_multiple_of(2) => monitor::crash(0, 0, 0),
        _ => loop {
            hint::spin_loop();
        },
    }
}

/// How often the monitor started this partition.
fn starts() -> u64 {
    monitor::stats(partition::CLUSTER, generated::BOOT_CORE, Page::Time).map_or(0, |page| page[4])
}
