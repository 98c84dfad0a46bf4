//! The periodic task. The timer's handler records releases; the main loop does one job to each.

use core::fmt::Write;

use cofferdam_partition::console;
use cofferdam_partition::deadline::Deadlines;
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts::idle_unless;
use cofferdam_partition::time::{PeriodicTimer, frequency, now};
use cofferdam_partition::{monitor, slack};

use crate::account::{self, Account, RATE};
use crate::digest::Digest;
use crate::station;

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
#[expect(
    dead_code,
    reason = "all services that the pulse may call are generated, used or not"
)]
mod services {
    //! The services of `system.yaml` that the pulse may call.

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}
use generated::interrupt_controller;

/// 50 km/h.
const METRES_A_SECOND: u32 = 14;
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
/// What the pulse has done.
pub static ACCOUNT: Account = Account::new();

fn on_timer() {
    if let Some(latency) = TIMER.take_release() {
        ACCOUNT.releases.record(latency);
    }
}

/// The main loop. Where it would wait, the station goes on, until the next release.
pub fn main(_argument: u64) -> ! {
    let mut console = console::take(&HARDWARE);
    if let Some(console) = &mut console {
        // As with every report.
        let _dropped = account::tell_of_restart(console);
    }
    station::begin();
    let period = frequency() / RATE;
    let first_release = TIMER.start(period);
    let mut digest = Digest::new(cofferdam_partition::image::read_only());
    let mut deadlines = Deadlines::new(first_release, period, period / LATENCIES);
    let released = |job| ACCOUNT.releases.count() > job;
    loop {
        let job = deadlines.next_job();
        if !slack::resume_unless(|| released(job)) {
            idle_unless(|| released(job));
        }
        while released(deadlines.next_job()) {
            let job = deadlines.next_job();
            digest.step();
            deadlines.finish(now(), ACCOUNT.releases.latency());
            // The monitor judges by this. It refuses nothing that is true.
            let _refused = monitor::job_done(job, first_release.wrapping_add(job * period));
            ACCOUNT.enter(&deadlines, digest.verdict());
            let is_last = (job + 1).is_multiple_of(RATE);
            if is_last {
                // A system without the odometer refuses, and nothing of the pulse depends on it.
                let _refused = services::odometer_advance(METRES_A_SECOND);
            }
            if let (Some(console), true) = (&mut console, is_last) {
                // The console drops what it cannot take: there is no error to act on.
                let _dropped = write!(console, "{ACCOUNT}");
            }
        }
    }
}
