//! A critical partition on a hart that it shares, whose jobs the alarm of a clock releases, each millisecond. In the handler it
//! looks for what another partition could do to its interrupt. With each job it rings the other end of a channel. Its first start ends in there, with the interrupt claimed.
#![no_std]
#![no_main]

mod clock;

use core::arch::asm;
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use cofferdam_abi::stats::Page;
use cofferdam_partition::console::{self, Console};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, InterruptId, Region,
};
use cofferdam_partition::interrupts::idle_unless;
use cofferdam_partition::monitor;
use cofferdam_partition::time::{frequency, now};

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::{channel::net0::NUMBER, device::rtc, interrupt_controller, partition};

const HARDWARE: Hardware = Hardware {
    devices: &[Region::new(rtc::REGISTERS)],
    interrupts: &[Interrupt {
        id: InterruptId::Source(rtc::INTERRUPT),
        priority: None,
        handler: on_alarm,
    }],
    ..Hardware::new(
        InterruptController::new(
            interrupt_controller::VERSION,
            interrupt_controller::REGISTERS,
        ),
        Region::NONE,
    )
};

cofferdam_partition::entry!(run, HARDWARE);

/// Jobs from report to report, and in the first start.
const JOBS: u64 = 100;
/// Nanoseconds.
const PERIOD: u64 = 1_000_000;
/// Every so many alarms it is held for so long, for another hart to complete it.
const HELD_EACH: u64 = 10;
const HELD: u64 = 200_000;
/// External interrupts, in sip.
const EXTERNAL: u64 = 1 << 9;
/// Where the other partition looks for a page table: one entry for the first page of the interrupt controller (V, R, W, A, D).
const BAIT: *mut u64 = 0x801f_f000 as *mut u64;
const TO_CONTROLLER: u64 = (interrupt_controller::REGISTERS[0].0 as u64 >> 12) << 10 | 0xc7;
/// Where interrupts are messages nothing holds the next one back while one is handled, and none comes before its alarm.
const ARE_MESSAGES: bool = interrupt_controller::VERSION == 1;

static ALARMS: AtomicU64 = AtomicU64::new(0);
static NEXT: AtomicU64 = AtomicU64::new(u64::MAX);
static LATEST: AtomicU64 = AtomicU64::new(0);
static FOREIGN: AtomicBool = AtomicBool::new(false);
static COMPLETED: AtomicBool = AtomicBool::new(false);
static ENDS: AtomicBool = AtomicBool::new(false);

/// The alarm is claimed, and not completed yet.
fn on_alarm() {
    clock::acknowledge();
    let due = NEXT.load(Relaxed);
    let Some(late) = clock::now().checked_sub(due) else {
        // The controller keeps what is raised while it is held.
        FOREIGN.fetch_or(ARE_MESSAGES, Relaxed);
        return;
    };
    LATEST.fetch_max(late, Relaxed);
    let alarms = ALARMS.fetch_add(1, Relaxed) + 1;
    // It was the only one of this partition.
    if is_pending() {
        FOREIGN.store(true, Relaxed);
        // Or it would be taken for ever.
        // SAFETY: takes no interrupt any more.
        unsafe { asm!("csrw sie, zero", options(nostack)) };
    }
    if alarms.is_multiple_of(HELD_EACH) && !ARE_MESSAGES {
        COMPLETED.fetch_or(is_completed_by_another(), Relaxed);
    }
    if ENDS.load(Relaxed) && alarms == JOBS {
        // SAFETY: an illegal instruction, which the run-time reports.
        unsafe { asm!("unimp", options(noreturn)) }
    }
    NEXT.store(due + PERIOD, Relaxed);
    clock::alarm_at(due + PERIOD);
}

/// Raises the alarm again: it is not pending as long as the last one is claimed.
fn is_completed_by_another() -> bool {
    let begun = clock::now();
    clock::alarm_at(begun);
    while clock::now() < begun + HELD {
        core::hint::spin_loop();
    }
    let is_pending = is_pending();
    clock::acknowledge();
    is_pending
}

fn is_pending() -> bool {
    let pending: u64;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
    pending & EXTERNAL != 0
}

fn run(_argument: u64) -> ! {
    // SAFETY: the last page of this partition's memory, where nothing is linked to.
    unsafe { BAIT.write_volatile(TO_CONTROLLER) };
    let mut console = console::take(&HARDWARE);
    let start = monitor::stats(partition::ALARM, generated::BOOT_CORE, Page::Time);
    let start = start.map_or(0, |[_, _, _, _, starts, ..]| starts);
    ENDS.store(start == 1, Relaxed);
    let period = frequency() / 1000;
    let first = clock::now() + PERIOD;
    let release = now() + period;
    NEXT.store(first, Relaxed);
    clock::alarm_at(first);
    for job in 0.. {
        while ALARMS.load(Relaxed) <= job && !FOREIGN.load(Relaxed) {
            idle_unless(|| ALARMS.load(Relaxed) > job);
        }
        if FOREIGN.load(Relaxed) {
            break;
        }
        let _refused = monitor::job_done(job, release + job * period);
        // After a flood it is refused until an epoch begins.
        if monitor::channel_ring(NUMBER).is_err() {
            let _busy = monitor::channel_begin(NUMBER);
        }
        if job % JOBS == JOBS - 1 {
            report(&mut console, start);
        }
    }
    report(&mut console, start);
    monitor::power_off()
}

fn report(console: &mut Option<Console>, start: u64) {
    let page = monitor::stats(partition::ALARM, generated::BOOT_CORE, Page::Deadlines);
    let [jobs, missed, ..] = page.unwrap_or_default();
    let verdict = |seen: &AtomicBool| {
        if seen.load(Relaxed) {
            "SUCCEEDED"
        } else {
            "held"
        }
    };
    let (foreign, completed) = (verdict(&FOREIGN), verdict(&COMPLETED));
    let latest = LATEST.load(Relaxed) / 1000;
    if let Some(console) = console {
        // A console that drops a line fails the test, which waits for it.
        let _dropped = writeln!(
            console,
            "alarm: start {start} jobs {jobs} missed {missed} foreign interrupt {foreign} foreign completion {completed} latest {latest} us"
        );
    }
}
