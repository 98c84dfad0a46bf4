//! The task that prints the report, once a second, in the time that the others leave.

use cofferdam_abi::stats::Page;
use cofferdam_cockpit_cluster::digest::Digest;
use cofferdam_cockpit_cluster::printer::{Printer, Progress};
use cofferdam_cockpit_cluster::report::Report;
use cofferdam_partition::console::Console;
use cofferdam_partition::{image, monitor, time};

use crate::hardware::{CLUSTER, LINUX, SHARED_CORE, UART, registers};
use crate::kernel::{self, Running};
use crate::mailbox::Mailbox;
use crate::periodic::Jobs;
use crate::tasks::{T1, T5, T20};
use crate::tick::RATE;

/// As the cluster drives.
const METRES_A_SECOND: u32 = 14;

unsafe extern "C" {
    /// `kernel/odometer.c`.
    fn freertos_drive(metres: u32, total: *mut u64) -> bool;
}

/// From the control task to this one.
static SECONDS: Mailbox<Report> = Mailbox::new();

/// Before the scheduler starts.
pub fn open() {
    SECONDS.open();
}

/// The control task finished the last job of a second. If the report of the last second is not
/// begun, because nobody takes the console's output, this second goes without.
pub fn begin(running: &Running, jobs: &Jobs) {
    let deadlines = jobs.deadlines();
    let mut report = Report {
        name: "freertos",
        seconds: deadlines.next_job() / RATE,
        met: deadlines.met(),
        missed: deadlines.missed(),
        worst_latency_ns: time::nanoseconds(jobs.worst_latency()),
        worst_completion_ns: time::nanoseconds(deadlines.worst_completion()),
        ..Report::default()
    };
    // At once, so that both accounts speak of the same job.
    if let Ok(answer) = monitor::stats(CLUSTER, SHARED_CORE, Page::Deadlines) {
        report.take_deadlines(answer);
    }
    let _taken = SECONDS.offer(running, &report);
}

/// The task.
pub fn run(running: &Running) -> ! {
    // SAFETY: the UART of this partition; a panic takes it over only when this is dead.
    let mut console = unsafe { Console::new(registers(UART)) };
    let mut digest = Digest::new(image::read_only());
    loop {
        let mut report = SECONDS.take(running);
        // The other tasks are more urgent: their jobs of this second are done by now.
        report.tasks = [&T1, &T5, &T20].map(|task| Some(task.account()));
        while !digest.step() {}
        report.digest = digest.health();
        report.odometer = drive();
        ask_time(&mut report);
        print(running, &mut console, report);
    }
}

/// The metres driven; `None` where the monitor has no such service.
fn drive() -> Option<u64> {
    let mut total = 0;
    // SAFETY: one call of the monitor, which writes nothing but `total`.
    unsafe { freertos_drive(METRES_A_SECOND, &raw mut total) }.then_some(total)
}

fn ask_time(report: &mut Report) {
    if let Ok(answer) = monitor::stats(CLUSTER, SHARED_CORE, Page::Time) {
        report.take_time(answer);
    }
    if let Ok(answer) = monitor::stats(LINUX, SHARED_CORE, Page::Time) {
        report.take_linux(answer);
    }
}

/// Sends what the console takes and gives the core away where it is full.
fn print(running: &Running, console: &mut Console, report: Report) {
    let mut printer = Printer::new(report);
    loop {
        match printer.step(|bytes| console.send(bytes)) {
            Progress::More => {}
            Progress::Full => kernel::delay(running, 1),
            Progress::Done => return,
        }
    }
}
