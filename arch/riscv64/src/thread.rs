//! Threads of the monitor: loading a partition takes too long for a handler, so it is put into the partition's slot, in
//! M-mode with interrupts on. What preempts the partition there preempts it too. It ends by an ECALL with its result.

use crate::load;
use crate::monitor::Monitor;
use crate::platform::Platform;
use cofferdam_core::ids::PartitionId;
use cofferdam_core::life::Start;
use core::arch::asm;

/// Where a thread begins that loads a partition, which is its argument.
pub fn loader(partition: PartitionId) -> Start {
    unsafe extern "C" {
        fn cofferdam_load(partition: u64) -> !;
    }
    Start {
        entry: (cofferdam_load as *const ()).expose_provenance() as u64,
        argument: u64::from(partition.0),
    }
}

/// Loads a partition, and says where it starts. Comes from [`crate::firmware!`].
pub fn load<P: Platform>(monitor: &Monitor<P>, partition: u64) -> ! {
    let configuration = monitor.configuration;
    let id = PartitionId(u8::try_from(partition).unwrap_or(u8::MAX));
    let start = configuration.system.partition(id).and_then(|table| {
        P::quiesce(id);
        load::load(&configuration.hardware, id, table).ok()
    });
    let (failed, start) = match start {
        Some(start) => (0, start),
        None => (
            1_u64,
            Start {
                entry: 0,
                argument: 0,
            },
        ),
    };
    // SAFETY: the handler puts something else into this slot; nothing here goes on.
    unsafe {
        asm!(
            "ecall",
            in("a0") failed, in("a1") start.entry, in("a2") start.argument,
            options(noreturn),
        )
    }
}
