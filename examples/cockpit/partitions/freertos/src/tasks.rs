//! The tasks with deadlines, and the start of all of them.

use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};

use cofferdam_abi::VERSION;
use cofferdam_cockpit_cluster::control::Loop;
use cofferdam_cockpit_cluster::gpio::{Pin, RELAY};
use cofferdam_cockpit_cluster::workload;
use cofferdam_partition::{monitor, time};
use safe_mmio::UniqueMmioPointer;

use crate::hardware::{GPIO, registers};
use crate::kernel::{self, Running, Task, TaskMemory};
use crate::periodic::Periodic;
use crate::reporter;
use crate::tick::RATE;

/// A job of the control task that begins later than this, a tenth of its period, is a miss.
const LATENCY_BOUND_MICROSECONDS: u64 = 100;

/// The account of the control task.
pub static T1: Periodic = Periodic::new("t1", 1);
/// The account of the task of 5 ms.
pub static T5: Periodic = Periodic::new("t5", 5);
/// The account of the task of 20 ms.
pub static T20: Periodic = Periodic::new("t20", 20);

/// The shorter the period the more urgent (rate-monotonic); the report after them, services and the network.
static TASKS: [Task; COUNT] = [
    task(c"t1", 5, control),
    task(c"t5", 4, five_milliseconds),
    task(c"t20", 3, twenty_milliseconds),
    task(c"report", 2, reporter::run),
    task(c"services", 1, crate::services::run),
    #[cfg(channel)]
    task(c"network", 1, crate::network::run),
];
const COUNT: usize = if cfg!(channel) { 6 } else { 5 };

static MEMORY: [TaskMemory; COUNT] = [const { TaskMemory::new() }; COUNT];

/// Whether every result of every task was right so far.
static HEALTHY: AtomicBool = AtomicBool::new(true);

/// The partition.
pub fn main(_argument: u64) -> ! {
    assert!(
        monitor::version().is_ok_and(|version| version >> 16 == VERSION >> 16),
        "this monitor speaks another version of the interface"
    );
    reporter::open();
    kernel::start(&TASKS, &MEMORY)
}

const fn task(name: &'static CStr, priority: u64, body: fn(&Running) -> !) -> Task {
    Task {
        name,
        priority,
        body,
    }
}

/// The cluster's control task. The relay wants an edge in every period; without one it opens.
fn control(running: &Running) -> ! {
    // SAFETY: the GPIO of this partition, used nowhere else.
    let gpio = unsafe { UniqueMmioPointer::new(registers(GPIO)) };
    let mut relay = Pin::new(gpio, RELAY);
    let mut control = Loop::new();
    let mut jobs = T1.jobs(Some(
        time::frequency() * LATENCY_BOUND_MICROSECONDS / 1_000_000,
    ));
    loop {
        let job = jobs.next(running);
        let in_bounds = control.step();
        check(in_bounds && workload::run());
        if HEALTHY.load(Ordering::Relaxed) {
            relay.toggle();
        } else {
            relay.set(false);
        }
        // The account here does not depend on the monitor's, with which the report compares it.
        let _refused = monitor::job_done(job.number, job.release);
        jobs.finish();
        if jobs.deadlines().next_job().is_multiple_of(RATE) {
            reporter::begin(running, &jobs);
        }
    }
}

fn five_milliseconds(running: &Running) -> ! {
    let mut jobs = T5.jobs(None);
    loop {
        jobs.next(running);
        check(workload::run());
        jobs.finish();
    }
}

fn twenty_milliseconds(running: &Running) -> ! {
    let mut jobs = T20.jobs(None);
    loop {
        jobs.next(running);
        check(workload::run());
        check(workload::run());
        jobs.finish();
    }
}

fn check(right: bool) {
    if !right {
        HEALTHY.store(false, Ordering::Relaxed);
    }
}
