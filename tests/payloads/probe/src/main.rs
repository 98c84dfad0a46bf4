//! A partition in S-mode that reaches for what is not its own: by calls with hostile arguments (`calls`), by
//! registers (`csrs`), by loads, stores and page tables (`memory`), by its end of a channel (`channel`), by calls of services
//! (`service`). Each attempt says whether it was held; `attacks: N held, N succeeded` is the last line.
#![no_std]
#![no_main]

#[path = "../../faults.rs"]
#[expect(dead_code, reason = "other payloads make other accesses")]
mod faults;
#[path = "../../tally.rs"]
mod tally;

mod calls;
mod channel;
mod csrs;
mod injected;
mod memory;
mod service;

use core::fmt::Write;

use cofferdam_partition::console::{self, Console};
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::monitor;
use tally::Tally;

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

/// The console, which may be taken.
pub(crate) struct Text(Option<Console>);

impl Write for Text {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0
            .as_mut()
            .map_or(Ok(()), |console| console.write_str(text))
    }
}

fn run(_argument: u64) -> ! {
    let mut tally = Tally::new(Text(console::take(&HARDWARE)));
    calls::attack(&mut tally);
    service::attack(&mut tally);
    channel::ring(&mut tally);
    faults::survive(|| {
        csrs::attack(&mut tally);
        memory::attack(&mut tally);
        channel::attack(&mut tally);
    });
    tally.end();
    injected::attack(&mut tally);
    monitor::power_off()
}
