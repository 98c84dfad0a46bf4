//! The periodic task. The timer's handler records releases; the main loop does one job to each.

use core::fmt::Write;

use cofferdam_partition::console;
use cofferdam_partition::deadline::{Deadlines, Releases};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts::idle_unless;
use cofferdam_partition::time::{PeriodicTimer, frequency, nanoseconds, now};

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::interrupt_controller;

/// Jobs a second.
const RATE: u64 = 1_000;
/// Latency above which a release counts as missed: a tenth of a period.
const LATENCIES: u64 = 10;

/// It owns nothing but the timer.
pub const HARDWARE: Hardware = Hardware {
    interrupt_controller: InterruptController::new(
        interrupt_controller::VERSION,
        interrupt_controller::REGISTERS,
    ),
    console: Region { start: 0, size: 0 },
    devices: &[],
    channels: &[],
    floating_point: false,
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
};

static TIMER: PeriodicTimer = PeriodicTimer::new();
static RELEASES: Releases = Releases::new();

fn on_timer() {
    if let Some(latency) = TIMER.take_release() {
        RELEASES.record(latency);
    }
}

/// The main loop.
pub fn main(_argument: u64) -> ! {
    let mut console = console::take(&HARDWARE);
    let period = frequency() / RATE;
    let mut deadlines = Deadlines::new(TIMER.start(period), period, period / LATENCIES);
    loop {
        idle_unless(|| RELEASES.count() > deadlines.next_job());
        while RELEASES.count() > deadlines.next_job() {
            deadlines.finish(now(), RELEASES.latency());
            let done = deadlines.next_job();
            if let (Some(console), true) = (&mut console, done.is_multiple_of(RATE)) {
                let worst = nanoseconds(RELEASES.worst_latency());
                let (met, missed) = (deadlines.met(), deadlines.missed());
                let seconds = done / RATE;
                // The console drops what it cannot take: there is no error to act on.
                let _dropped = writeln!(
                    console,
                    "pulse: t={seconds} met={met} missed={missed} worst_latency_ns={worst}"
                );
            }
        }
    }
}
