//! The partition itself.

use core::arch::naked_asm;

use cofferdam_abi::call::Call;
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::monitor;

use crate::end;

#[expect(dead_code, reason = "all numbers are generated, used or not")]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::{channel, device, interrupt_controller};

/// All that is mapped.
pub const HARDWARE: Hardware = Hardware {
    channels: &[Region::new(channel::net0::MEMORY)],
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: end::on_timer,
    }],
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        Region::new(device::uart_secure::REGISTERS),
    )
};

/// The partition.
pub fn main(_argument: u64) -> ! {
    // A refusal shows: nothing is relayed.
    let _refused = monitor::register_handler(Some(handler));
    end::play()
}

/// Handler of all cross calls: makes the call whose registers are x1 to x3, and answers its x0 to x3.
///
/// # Safety
///
/// For the monitor alone.
#[unsafe(naked)]
unsafe extern "C" fn handler() -> ! {
    // Live on entry: x0..x7 of the caller; x8..x30, SP and the system registers are those of the WFI that this interrupts and
    // must be as found at the end. The monitor's calls change x0..x7 only. Live on exit: x1..x4.
    naked_asm!(
        "mov x0, x1",
        "mov x1, x2",
        "mov x2, x3",
        "smc #0",
        "mov x4, x3",
        "mov x3, x2",
        "mov x2, x1",
        "mov x1, x0",
        "ldr w0, ={done}",
        "smc #0",
        ".ltorg",
        done = const Call::HandlerDone.function_id(),
    )
}
