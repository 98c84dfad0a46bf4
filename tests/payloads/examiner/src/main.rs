//! Runs `sbi-testing` (RustSBI), a test suite that knows nothing of this monitor, on all harts of its partition. What it says goes to the
//! console; the last line is its verdict, and how many errors and warnings it had.
#![no_std]
#![no_main]

use core::fmt::Write;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cofferdam_partition::console::Console;
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::{interrupts, monitor};
use log::{Level, LevelFilter, Log, Metadata, Record};
use sbi_testing::Testing;

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

/// The harts of the partition, and the first of them, where this runs.
const HARTS: usize = if cfg!(feature = "pair") { 0b11 } else { 0b1 };
const FIRST: usize = if cfg!(feature = "pair") { 0 } else { 2 };
/// Until the timer of its test fires, in ticks.
const DELAY: u64 = 10_000;

struct Report;

static ERRORS: AtomicU32 = AtomicU32::new(0);
static WARNINGS: AtomicU32 = AtomicU32::new(0);

impl Log for Report {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        match record.level() {
            Level::Error => ERRORS.fetch_add(1, Relaxed),
            Level::Warn => WARNINGS.fetch_add(1, Relaxed),
            _ => 0,
        };
        // A console that drops a line fails the test, which waits for it.
        let _dropped = writeln!(Console::open(), "{}", record.args());
    }

    fn flush(&self) {}
}

fn run(_argument: u64) -> ! {
    // Its tests enable what they need, in a vector of their own.
    interrupts::mask();
    let _first = log::set_logger(&Report);
    log::set_max_level(LevelFilter::Info);
    let suite = Testing {
        hartid: FIRST,
        hart_mask: HARTS,
        hart_mask_base: FIRST,
        delay: DELAY,
    };
    let passed = suite.test();
    let (errors, warnings) = (ERRORS.load(Relaxed), WARNINGS.load(Relaxed));
    // As above.
    let _dropped = writeln!(
        Console::open(),
        "examiner: passed {passed} errors {errors} warnings {warnings}"
    );
    monitor::power_off()
}
