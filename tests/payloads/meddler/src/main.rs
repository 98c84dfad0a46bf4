//! A rich partition on a hart that it shares, and another: with an interrupt of its own it goes for the other's, by the interrupt
//! controller (`controller`), by its end of a channel (`doorbell`), and for the monitor, which reads its instructions (`code`) and walks its page tables (`tables`, from U-mode `user`) to emulate that. Then it floods both for ever.
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
mod doorbell;
mod second;
mod tables;
mod user;

use core::arch::asm;

use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::monitor;
pub(crate) use uart::Uart;

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

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
        doorbell::attack(&mut tally);
        tables::attack(&mut tally);
        user::attack(&mut tally);
        second::race(&mut tally);
        controller::attack_claims(&mut tally);
    });
    tally.end();
    // The other end's doorbell, and its own software interrupt, enabled, with waits that it ends.
    loop {
        let _denied = monitor::channel_ring(generated::channel::net0::NUMBER);
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
