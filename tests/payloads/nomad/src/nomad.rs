//! The partition itself.

use core::arch::{asm, naked_asm};
use core::fmt::Write;

use cofferdam_abi::call::{Call, Error};
use cofferdam_abi::stats::Page;
use cofferdam_partition::console::{self, Console};
use cofferdam_partition::deadline::{Deadlines, Releases};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts::{idle_unless, mask};
use cofferdam_partition::monitor;
use cofferdam_partition::time::{PeriodicTimer, frequency, nanoseconds, now};

use crate::interrupts::{self, FROM_DEVICE, SGI, SHARED, TO_SELF};

/// Numbers of the partition.
#[expect(dead_code, reason = "all numbers are generated, used or not")]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::partition::{CLUSTER, LINUX};
use generated::{device, interrupt_controller};

/// All that is mapped and enabled.
pub const HARDWARE: Hardware = Hardware {
    floating_point: true,
    interrupts: &[
        Interrupt {
            id: TIMER_INTERRUPT,
            priority: Some(0x20),
            handler: on_timer,
        },
        Interrupt {
            id: SGI,
            // As every Secure interrupt's, in the upper half: Linux had it before.
            priority: Some(0x40),
            handler: interrupts::on_sgi,
        },
        Interrupt {
            id: SHARED,
            priority: None,
            handler: interrupts::on_shared,
        },
    ],
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        Region::new(device::uart_secure::REGISTERS),
    )
};

/// Jobs a second.
const RATE: u64 = 1000;
/// Jobs from report to report.
const REPORT: u64 = 100;
/// Jobs of the first start, which ends by a crash, away from home.
const JOBS: u64 = 300;
/// In floating-point registers.
const MARK: u64 = 0x40ad_40ad_40ad_40ad;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static RELEASES: Releases = Releases::new();

fn on_timer() {
    if let Some(latency) = TIMER.take_release() {
        RELEASES.record(latency);
    }
}

struct Nomad {
    console: Option<Console>,
    deadlines: Deadlines,
    start: u64,
    core: u64,
    /// Moves that it asked for, and those that happened to it.
    moves: [u64; 2],
    wrong: bool,
}

/// The partition.
pub fn main(_argument: u64) -> ! {
    interrupts::own_sgi();
    let period = frequency() / RATE;
    let mut nomad = Nomad {
        console: console::take(&HARDWARE),
        start: 0,
        core: interrupts::core(),
        moves: [0; 2],
        wrong: monitor::register_handler(Some(handler)).is_err(),
        deadlines: Deadlines::new(0, period, period),
    };
    nomad.begin();
    nomad.deadlines = Deadlines::new(TIMER.start(period), period, period);
    loop {
        nomad.job();
    }
}

impl Nomad {
    fn begin(&mut self) {
        let [_, _, _, _, start, ..] =
            monitor::stats(CLUSTER, self.core, Page::Time).unwrap_or_default();
        self.start = start;
        let core = self.core;
        self.say(format_args!("nomad: start {start} on core {core}"));
        self.wrong |= !refusals_are_as_documented();
        hold(MARK);
    }

    fn job(&mut self) {
        let job = self.deadlines.next_job();
        while RELEASES.count() <= job {
            idle_unless(|| RELEASES.count() > job);
        }
        self.look();
        let latency = RELEASES.latency();
        let _refused = monitor::job_done(job, self.deadlines.next_release());
        self.deadlines.finish(now(), latency);
        if self.deadlines.next_job().is_multiple_of(REPORT) {
            self.report();
        }
        match job % 4 {
            1 => self.move_on(false),
            3 => self.move_on(true),
            _ => {}
        }
        if self.start == 1 && job >= JOBS && self.core != generated::BOOT_CORE {
            monitor::crash(0, 0, 0);
        }
    }

    /// Goes to the other core with two interrupts pending; `late`: and with the timer about to fire.
    fn move_on(&mut self, late: bool) {
        let to = 1 - self.core;
        mask();
        interrupts::send();
        let soon = self.deadlines.next_release() - frequency() / 1_000_000;
        while late && now() < soon {
            core::hint::spin_loop();
        }
        // The rich side may have moved it since it last looked: then it is there already.
        let to = if interrupts::core() == self.core {
            to
        } else {
            self.core
        };
        self.wrong |= monitor::migrate(to).is_err() || interrupts::core() != to;
        // With interrupts on again, what is pending comes at once.
        idle_unless(|| true);
        self.wrong |= !TO_SELF.agrees() || !FROM_DEVICE.agrees();
        self.core = to;
        self.moves[0] += 1;
    }

    /// Whether it is elsewhere than it was, or lost its registers.
    fn look(&mut self) {
        let core = interrupts::core();
        if core != self.core {
            self.core = core;
            self.moves[1] += 1;
        }
        self.wrong |= !holds(MARK);
    }

    fn report(&mut self) {
        let [jobs, missed, ..] =
            monitor::stats(CLUSTER, self.core, Page::Deadlines).unwrap_or_default();
        let [_, _, _, _, starts, ..] =
            monitor::stats(LINUX, self.core, Page::Time).unwrap_or_default();
        let (account, [own, forced]) = (&self.deadlines, self.moves);
        let (seconds, met, late) = (account.next_job() / RATE, account.met(), account.missed());
        let worst = nanoseconds(RELEASES.worst_latency());
        let [sent, taken] = TO_SELF.both();
        let [raised, served] = FROM_DEVICE.both();
        let verdict = if self.wrong { "WRONG" } else { "right" };
        self.say(format_args!(
            "nomad: t={seconds} met={met} missed={late} worst_latency_ns={worst} monitor_jobs={jobs} monitor_missed={missed} \
             linux_starts={starts} moves={own} forced={forced} sgi={sent}:{taken} spi={raised}:{served} all={verdict}"
        ));
    }

    fn say(&mut self, text: core::fmt::Arguments<'_>) {
        if let Some(console) = &mut self.console {
            // A console that drops a line fails the test, which waits for it.
            let _dropped = writeln!(console, "{text}\r");
        }
    }
}

/// What cannot be is refused, and changes nothing.
fn refusals_are_as_documented() -> bool {
    let here = interrupts::core();
    let refused = [here, 2, u64::MAX].map(monitor::migrate);
    refused.iter().all(|it| *it == Err(Error::InvalidParameter)) && interrupts::core() == here
}

/// Leaves a value in the first and the last floating-point register.
fn hold(value: u64) {
    // SAFETY: code for the soft-float target keeps nothing in these registers.
    unsafe {
        asm!(".arch_extension fp", "fmov d0, {0}", "fmov d31, {0}", in(reg) value, options(nomem, nostack));
    }
}

/// Whether it is still there.
fn holds(value: u64) -> bool {
    let (first, last): (u64, u64);
    // SAFETY: reads registers.
    unsafe {
        asm!(".arch_extension fp", "fmov {}, d0", "fmov {}, d31", out(reg) first, out(reg) last, options(nomem, nostack));
    }
    [first, last] == [value; 2]
}

/// Handler of all cross calls: asks to be moved to the core in x1, which cannot be meanwhile, and answers what it was told.
///
/// # Safety
///
/// For the monitor alone.
#[unsafe(naked)]
unsafe extern "C" fn handler() -> ! {
    // Live on entry: x0..x7 of the caller; x8..x30, SP and the system registers are those of the WFI that this interrupts and
    // must be as found at the end. The monitor's calls change x0..x7 only. Live on exit: x1..x4.
    naked_asm!(
        "ldr w0, ={migrate}",
        "smc #0",
        "mov x1, x0",
        "ldr w0, ={done}",
        "smc #0",
        ".ltorg",
        migrate = const Call::Migrate.function_id(),
        done = const Call::HandlerDone.function_id(),
    )
}
