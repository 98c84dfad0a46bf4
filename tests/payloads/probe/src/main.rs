//! A partition in S-mode that reaches for what is not its own: by calls with hostile arguments (`calls`), by loads and
//! stores (`memory`). Each attempt says whether it was held; `attacks: N held, N succeeded` is the last line.
#![no_std]
#![no_main]

mod calls;
mod memory;

use core::fmt::Write;

use cofferdam_partition::console::{self, Console};
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::monitor;

const HARDWARE: Hardware = Hardware {
    interrupt_controller: InterruptController::new(0, [(0, 0); 2]),
    console: Region { start: 0, size: 0 },
    devices: &[],
    channels: &[],
    floating_point: false,
    interrupts: &[],
};

cofferdam_partition::entry!(run, HARDWARE);

/// Counts what was held and what was not.
struct Tally {
    console: Option<Console>,
    held: u32,
    succeeded: u32,
}

impl Tally {
    fn enter(&mut self, what: &str, held: bool) {
        let verdict = if held { "held" } else { "SUCCEEDED" };
        *if held {
            &mut self.held
        } else {
            &mut self.succeeded
        } += 1;
        self.say(format_args!("attack {what}: {verdict}"));
    }

    fn say(&mut self, line: core::fmt::Arguments<'_>) {
        if let Some(console) = &mut self.console {
            // A console that drops a line fails the test, which waits for it.
            let _dropped = writeln!(console, "{line}");
        }
    }
}

fn run(_argument: u64) -> ! {
    let mut tally = Tally {
        console: console::take(&HARDWARE),
        held: 0,
        succeeded: 0,
    };
    calls::attack(&mut tally);
    memory::attack(&mut tally);
    let (held, succeeded) = (tally.held, tally.succeeded);
    tally.say(format_args!("attacks: {held} held, {succeeded} succeeded"));
    monitor::power_off()
}
