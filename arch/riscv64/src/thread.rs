//! Threads of the monitor: loading a partition takes too long for a handler, so it is put into the partition's slot, in
//! M-mode with interrupts on. What preempts the partition there preempts it too. It ends by an ECALL with its result.

use crate::hart::Hart;
use crate::monitor::Monitor;
use crate::platform::Platform;
use crate::{load, stack};
use cofferdam_core::ids::{PartitionId, Slot};
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

/// Where the stack of a slot's thread begins. While the critical slot has one, the rich one does not run, nor does a thread begin in it: so
/// the two nest.
pub fn stack_top(hart: &mut Hart, slot: Slot) -> u64 {
    let below = match slot {
        Slot::Critical => hart.slot(Slot::Rich).thread_stack(),
        Slot::Rich => None,
    };
    below.unwrap_or_else(|| stack::of(hart.core()).saturating_add(stack::BYTES))
}

/// Loads a partition, and says where it starts. Comes from [`crate::firmware!`].
pub fn load<P: Platform>(monitor: &Monitor<P>, partition: u64) -> ! {
    #[cfg(feature = "inject-faults")]
    crate::inject::overflow_if_asked();
    let configuration = monitor.configuration;
    let id = PartitionId(u8::try_from(partition).unwrap_or(u8::MAX));
    let start = configuration.system.partition(id).and_then(|table| {
        let masters = configuration.masters.get(id.index());
        for registers in masters.into_iter().flat_map(|all| all.iter()) {
            P::quiesce(*registers);
        }
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
