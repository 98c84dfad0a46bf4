//! Calls of services, on their way from `trap.S` to what `sossl` generated.
//!
//! Runs on the hart's handler stack, with nothing of the caller saved but what the procedure call standard lets a function
//! change. So it returns to the same slot of the same partition, always.
//!
//! A service is a function of the monitor's own extension of the SBI, of the range for firmware (chapter 3; decision 0017): its SMCCC
//! function identifier, which as a number of 32 bits is negative, as none of the monitor's own is.

use crate::hart::Hart;
use crate::monitor::{Monitor, withdraw};
use crate::platform::Platform;
use cofferdam_core::claim::{Memory, WordAddress};
use cofferdam_core::service::{Place, Registers};

/// Makes the symbols that `trap.S` calls, of a function that answers a slot's call; `false`, with nothing changed, if it is none of
/// the services'. The second is for harts with Smepmp, where the rules of partitions bind M-mode, too.
#[macro_export]
macro_rules! services {
    ($answer:expr) => {
        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_service(
            hart: &$crate::hart::Hart,
            call: &mut $crate::service::Call,
        ) -> bool {
            $crate::service::answer(hart, call, $answer)
        }

        #[unsafe(no_mangle)]
        extern "C" fn cofferdam_bound_service(
            hart: &mut $crate::hart::Hart,
            call: &mut $crate::service::Call,
        ) -> bool {
            $crate::service::answer_bound(&MONITOR, hart, call, $answer)
        }
    };
}

/// A call as `trap.S` leaves it on the stack.
#[derive(Debug)]
#[repr(C, align(16))]
pub struct Call {
    /// Function and a0 to a5; then a0 to a7, which the caller gets. A service has no more registers here, and nobody looks at the others:
    /// `sossl` refuses such a system.
    registers: Registers,
    /// That of the caller, to go back to.
    pub(crate) context: u64,
}

/// Answers a call of the slot that is loaded, by `answer`.
#[inline(always)]
pub fn answer(
    hart: &Hart,
    call: &mut Call,
    answer: impl FnOnce(&mut Registers, Place) -> bool,
) -> bool {
    answer(&mut call.registers, hart.place())
}

/// The same where M-mode reaches partitions' memory only without their rules.
pub fn answer_bound<P: Platform>(
    monitor: &Monitor<P>,
    hart: &mut Hart,
    call: &mut Call,
    answer: impl FnOnce(&mut Registers, Place) -> bool,
) -> bool {
    withdraw(hart);
    let answered = answer(&mut call.registers, hart.place());
    monitor.permit(hart);
    answered
}

/// Memory of partitions as M-mode reaches it: all of it, at its physical addresses.
#[derive(Debug)]
pub struct Mapped;

impl Memory for Mapped {
    fn load(&self, at: WordAddress) -> u64 {
        // SAFETY: an aligned word of a partition's memory, which no reference of the monitor's is ever to. The partition may
        // write it at the same time: the load is volatile and its value only a number.
        unsafe { (at.get() as *const u64).read_volatile() }
    }

    fn store(&self, at: WordAddress, value: u64) {
        // SAFETY: as above.
        unsafe { (at.get() as *mut u64).write_volatile(value) }
    }
}
