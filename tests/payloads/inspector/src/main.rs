//! A rich partition that makes every SBI call that is offered, with two harts, the first of which it shares: each answer, each error that
//! the specification names, what the call does, and what happens when two harts get into each other's way. Then it resets, over and over, with
//! its second hart in any state.
#![no_std]
#![no_main]

#[path = "../../uart.rs"]
mod uart;

mod base;
mod calls;
mod errors;
mod fences;
mod harts;
mod interrupts;
mod kept;
mod races;
mod restarts;
mod second;
mod text;
mod timer;

use core::fmt::Write;

use cofferdam_abi::stats::Page;
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::monitor;
use uart::Uart;

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::partition::LINUX as SELF;

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

/// What was as the specification says, and what was not.
pub(crate) struct Checks {
    good: u32,
    wrong: u32,
}

impl Checks {
    pub(crate) fn expect(&mut self, what: &str, is_so: bool) {
        if is_so {
            self.good += 1;
        } else {
            self.wrong += 1;
            // This writer does not fail.
            let _written = writeln!(Uart, "inspector: {what}: WRONG");
        }
    }
}

fn run(_argument: u64) -> ! {
    // What is pending is looked at, and never taken.
    cofferdam_partition::interrupts::mask();
    let time = monitor::stats(SELF, calls::FIRST, Page::Time).unwrap_or_default();
    let [_, _, _, _, starts, ..] = time;
    fences::prepare();
    if starts > 1 {
        restarts::go_on(starts);
    }
    let mut checks = Checks { good: 0, wrong: 0 };
    base::check(&mut checks);
    errors::check(&mut checks);
    kept::check(&mut checks);
    timer::check(&mut checks);
    interrupts::check(&mut checks);
    fences::check(&mut checks);
    text::check(&mut checks);
    harts::check(&mut checks);
    races::check(&mut checks);
    let Checks { good, wrong } = checks;
    // As above.
    let _written = writeln!(Uart, "inspector: {good} as specified, {wrong} wrong");
    restarts::go_on(starts)
}
