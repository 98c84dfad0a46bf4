//! The periodic task. The timer's handler records releases; the main loop does one job to each.

use core::fmt::{self, Write};

use cofferdam_abi::stats::Page;
use cofferdam_partition::console;
use cofferdam_partition::deadline::{Deadlines, Releases};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts::idle_unless;
use cofferdam_partition::monitor;
use cofferdam_partition::time::{PeriodicTimer, frequency, nanoseconds, now};

use crate::digest::Digest;
use crate::station::{self, Station};

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::interrupt_controller;
use generated::partition::{LINUX, PULSE};

/// The hart that both have.
const SHARED_CORE: u64 = generated::BOOT_CORE;

/// Jobs a second.
pub const RATE: u64 = 1_000;
/// Latency above which a release counts as missed: a tenth of a period.
const LATENCIES: u64 = 10;

/// It owns nothing but the timer, and its end of a channel.
pub const HARDWARE: Hardware = Hardware {
    channels: &[station::CHANNEL],
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        Region::NONE,
    )
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
    let mut memory = station::Memory::new();
    let mut station = Station::start(&mut memory);
    let period = frequency() / RATE;
    let first_release = TIMER.start(period);
    let mut digest = Digest::new(cofferdam_partition::image::read_only());
    let mut deadlines = Deadlines::new(first_release, period, period / LATENCIES);
    loop {
        let next = deadlines.next_job();
        if RELEASES.count() <= next
            && !station.step(|page| report(page, next / RATE, &deadlines, &digest))
        {
            idle_unless(|| RELEASES.count() > next);
        }
        while RELEASES.count() > deadlines.next_job() {
            let job = deadlines.next_job();
            digest.step();
            deadlines.finish(now(), RELEASES.latency());
            // The monitor judges by this. It refuses nothing that is true.
            let _refused = monitor::job_done(job, first_release.wrapping_add(job * period));
            if let (Some(console), true) = (&mut console, (job + 1).is_multiple_of(RATE)) {
                // The console drops what it cannot take: there is no error to act on.
                let _dropped = report(console, (job + 1) / RATE, &deadlines, &digest);
            }
            station.begin(job);
        }
    }
}

/// The line of every second, as all critical partitions write it. What the monitor counts for itself is in it.
fn report(to: &mut dyn Write, seconds: u64, deadlines: &Deadlines, digest: &Digest) -> fmt::Result {
    let worst = nanoseconds(RELEASES.worst_latency());
    let (met, missed) = (deadlines.met(), deadlines.missed());
    write!(
        to,
        "pulse: t={seconds} met={met} missed={missed} worst_latency_ns={worst}"
    )?;
    if let Ok([jobs, missed, ..]) = monitor::stats(PULSE, SHARED_CORE, Page::Deadlines) {
        write!(to, " monitor_jobs={jobs} monitor_missed={missed}")?;
    }
    if let Ok([_, _, held, of, ..]) = monitor::stats(PULSE, SHARED_CORE, Page::Time) {
        write!(to, " held_ticks={held} of={of}")?;
    }
    if let Ok([state, _, _, _, starts, ..]) = monitor::stats(LINUX, SHARED_CORE, Page::Time) {
        write!(to, " linux_starts={starts} linux_state={state}")?;
    }
    writeln!(to, " digest={}", digest.verdict())
}
