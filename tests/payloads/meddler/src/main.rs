//! A rich partition on a hart that it shares, and another: with an interrupt of its own it goes for the other's, by the interrupt
//! controller (`controller`), and for the monitor, which reads its instructions (`code`) and walks its page tables (`tables`, from U-mode `user`) to emulate that. Then it floods both for ever.
#![no_std]
#![no_main]

#[path = "../../faults.rs"]
mod faults;
#[path = "../../tally.rs"]
mod tally;
#[path = "../../uart.rs"]
mod uart;

mod code;
mod controller;
mod second;
mod tables;
mod user;

use core::arch::asm;

use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
pub(crate) use uart::Uart;

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

/// Has its "transmitter empty" interrupt, which stays.
pub(crate) fn interrupt() {
    // SAFETY: as above; interrupts are off in sie.
    unsafe { uart::REGISTERS.wrapping_add(1).write_volatile(2) };
}

/// The same once more: the line falls and rises.
pub(crate) fn interrupt_again() {
    // SAFETY: as above.
    unsafe { uart::REGISTERS.wrapping_add(1).write_volatile(0) };
    interrupt();
}

fn run(_argument: u64) -> ! {
    let mut tally = tally::Tally::new(Uart);
    faults::survive(|| {
        controller::attack(&mut tally);
        tables::attack(&mut tally);
        user::attack(&mut tally);
        second::race(&mut tally);
        controller::attack_claims(&mut tally);
    });
    tally.end();
    // Its own software interrupt, enabled, and waits that it ends.
    loop {
        // SAFETY: sstatus.SIE is 0 from here on, so none is taken.
        unsafe {
            asm!(
                "csrci sstatus, 2",
                "csrsi sie, 2",
                "csrsi sip, 2",
                "wfi",
                "csrci sip, 2"
            )
        };
    }
}
