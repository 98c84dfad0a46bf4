//! Monitor threads: what runs in a slot in a partition's stead, at EL3 with SP_EL0 and FIQ open, so that
//! critical interrupts preempt it like any partition. It comes back to the handlers by SMC.

use crate::gic::Controller as _;
use crate::load;
use crate::monitor::Monitor;
use crate::platform::Platform;
use cofferdam_core::ids::{PartitionId, Slot};
use core::arch::asm;

unsafe extern "C" {
    fn cofferdam_idle();
    fn cofferdam_load(partition: u64) -> !;
}

/// Where an idle slot waits.
pub fn idle_address() -> u64 {
    cofferdam_idle as *const () as u64
}

/// Where a slot that is loaded starts; the partition's number is its argument.
pub fn load_address() -> u64 {
    cofferdam_load as *const () as u64
}

/// The load thread: what the partition left outside of its cores is cleared first.
pub fn load<P: Platform>(monitor: &'static Monitor<P>, partition: u64) -> ! {
    let id = PartitionId(partition.to_le_bytes()[0]);
    let hardware = monitor.hardware();
    let loaded = match monitor.system().partition(id) {
        None => Err(load::Error::NoEntry),
        Some(table) => {
            if table.slot == Slot::Rich {
                #[cfg(not(feature = "weaken-quiesce"))]
                P::quiesce(id);
                monitor.gic().silence_shared(table.cores);
            }
            load::load(hardware, id, table)
        }
    };
    match loaded {
        Ok(start) => finish(0, start.entry, start.argument),
        Err(error) => finish(error as u64, 0, 0),
    }
}

fn finish(result: u64, entry: u64, argument: u64) -> ! {
    // SAFETY: the handlers replace this thread's context; nothing here runs again.
    unsafe {
        asm!(
            "smc #0",
            "b .",
            in("x0") result,
            in("x1") entry,
            in("x2") argument,
            options(noreturn),
        );
    }
}
