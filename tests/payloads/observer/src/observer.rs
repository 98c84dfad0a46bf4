//! The partition itself: a task of some ticks, and reports in between.

use core::arch::asm;
use core::fmt::Write as _;
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_partition::console::{self, Console};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts;
use cofferdam_partition::time::{self, PeriodicTimer};

use crate::{floating_point, hooks, log, profile};

#[expect(dead_code, reason = "all numbers are generated, used or not")]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::{device, interrupt_controller};

pub mod services {
    //! The services of `observed.yaml`.

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// All that is mapped.
pub const HARDWARE: Hardware = Hardware {
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
    floating_point: true,
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        Region::new(device::uart_secure::REGISTERS),
    )
};

/// Ticks a second.
const RATE: u64 = 1_000;
/// Ticks between reports.
const PAUSE: u64 = 200;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static TICKS: AtomicU64 = AtomicU64::new(0);
/// Ticks that were seen a tenth of a period after their time, or more.
static LATE: AtomicU64 = AtomicU64::new(0);

fn on_timer() {
    if let Some(latency) = TIMER.take_release() {
        TICKS.fetch_add(1, Ordering::Relaxed);
        if latency > time::frequency() / RATE / 10 {
            LATE.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The partition.
pub fn main(_argument: u64) -> ! {
    let mut console = console::take(&HARDWARE);
    TIMER.start(time::frequency() / RATE);
    loop {
        pass(PAUSE);
        say(
            &mut console,
            format_args!("core={} {}", core(), log::read()),
        );
        say(&mut console, format_args!("{}", floating_point::compare()));
        say(&mut console, format_args!("{}", profile::compare()));
        let late = LATE.load(Ordering::Relaxed);
        say(
            &mut console,
            format_args!("{} late={late}", hooks::compare()),
        );
    }
}

/// The core that it runs on, by its place in the board's list, which is Aff0 there (Arm ARM, MPIDR_EL1).
fn core() -> u64 {
    let affinity: u64;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, mpidr_el1", out(reg) affinity, options(nomem, nostack)) };
    affinity & 0xff
}

/// Takes so many ticks, and does nothing else meanwhile.
pub fn pass(ticks: u64) {
    let end = TICKS.load(Ordering::Relaxed) + ticks;
    while TICKS.load(Ordering::Relaxed) < end {
        let seen = TICKS.load(Ordering::Relaxed);
        interrupts::idle_unless(|| TICKS.load(Ordering::Relaxed) != seen);
    }
}

fn say(console: &mut Option<Console>, line: core::fmt::Arguments<'_>) {
    if let Some(console) = console {
        // A console that drops a line fails the test, which waits for it.
        let _dropped = writeln!(console, "observer: {line}");
    }
}
