//! The critical partition of the benchmarks on riscv64: what a partition can do by itself, then ticks that do nothing, so
//! that what a tick costs is the monitor's. Its first life ends by a crash.
#![no_std]
#![no_main]

#[path = "../../measured.rs"]
mod measured;

use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::stats::Page;
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts::idle_unless;
use cofferdam_partition::monitor;
use cofferdam_partition::time::{PeriodicTimer, frequency, now};

const HARDWARE: Hardware = Hardware {
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
    ..Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE)
};

cofferdam_partition::entry!(run, HARDWARE);

/// This partition and its hart, in `benches/systems/hart.yaml`.
const SELF: u64 = 0;
const HART: u64 = 0;
/// Ticks a second: as many as a run can have, and time between them for what the rich side does.
const RATE: u64 = 50_000;
/// Ticks of the first life.
const LIFE: u64 = 10;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static TICKS: AtomicU64 = AtomicU64::new(0);

fn on_timer() {
    if TIMER.take_release().is_some() {
        TICKS.fetch_add(1, Ordering::Relaxed);
    }
}

fn run(_argument: u64) -> ! {
    let starts = monitor::stats(SELF, HART, Page::Time).map_or(0, |page| page[4]);
    if starts == 1 {
        // The rich one is loaded meanwhile, so that it is not this one that its start is counted with.
        TIMER.start(frequency() / 1000);
        idle_unless(|| TICKS.load(Ordering::Relaxed) > 0);
    }
    measured::all(true);
    TICKS.store(0, Ordering::Relaxed);
    TIMER.start(frequency() / RATE);
    for seen in 0.. {
        while TICKS.load(Ordering::Relaxed) <= seen {
            idle_unless(|| TICKS.load(Ordering::Relaxed) > seen);
        }
        let _refused = monitor::job_done(seen, now());
        if starts == 1 && seen == LIFE {
            break;
        }
    }
    monitor::crash(0, 0, 0)
}
