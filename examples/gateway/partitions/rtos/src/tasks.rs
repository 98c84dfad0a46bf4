//! Between the tasks in C and the monitor.

use core::arch::asm;
use core::ffi::{CStr, c_char};
use core::fmt::{self, Write as _};

use cofferdam_abi::stats::Page;
use cofferdam_partition::console::Console;
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::{monitor, time};

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::interrupt_controller;
use generated::partition::RTOS;

const CORE: u64 = generated::BOOT_CORE;

/// It owns nothing, and its interrupts are the kernel's to enable.
pub const HARDWARE: Hardware = Hardware::new(
    InterruptController::new(
        interrupt_controller::VERSION,
        interrupt_controller::REGISTERS,
    ),
    Region::NONE,
);

unsafe extern "C" {
    /// `kernel/tasks.c`: returns only if there is no memory for the kernel's own task.
    fn rtos_start();
}

/// The account of a task; `struct account` of `kernel/tasks.c`.
#[repr(C)]
struct Account {
    met: u64,
    missed: u64,
    worst_latency: u64,
}

/// The partition.
pub fn main(_argument: u64) -> ! {
    // SAFETY: called once, with interrupts that nothing has enabled.
    unsafe { rtos_start() };
    panic!("the scheduler did not start");
}

#[unsafe(no_mangle)]
extern "C" fn rtos_timebase() -> u64 {
    time::frequency()
}

#[unsafe(no_mangle)]
extern "C" fn rtos_now() -> u64 {
    time::now()
}

/// The monitor judges by this. It refuses nothing that is true.
#[unsafe(no_mangle)]
extern "C" fn rtos_job_done(job: u64, release: u64) {
    let _refused = monitor::job_done(job, release);
}

#[unsafe(no_mangle)]
extern "C" fn rtos_wait() {
    // SAFETY: waits, nothing else.
    unsafe { asm!("wfi", options(nostack)) }
}

#[unsafe(no_mangle)]
extern "C" fn rtos_report(seconds: u64, fast: &Account, slow: &Account, healthy: bool) {
    // The console drops what it cannot take: there is no error to act on.
    let _dropped = report(seconds, fast, slow, healthy);
}

/// The line of every second, as all critical partitions write it. What the monitor counts for itself is in it.
fn report(seconds: u64, fast: &Account, slow: &Account, healthy: bool) -> fmt::Result {
    let mut console = Console::open();
    let worst = time::nanoseconds(fast.worst_latency);
    write!(
        console,
        "rtos: t={seconds} met={} missed={} worst_latency_ns={worst}",
        fast.met, fast.missed
    )?;
    if let Ok([jobs, missed, ..]) = monitor::stats(RTOS, CORE, Page::Deadlines) {
        write!(console, " monitor_jobs={jobs} monitor_missed={missed}")?;
    }
    let digest = if healthy { "ok" } else { "BAD" };
    writeln!(
        console,
        " slow={}/{} digest={digest}",
        slow.met, slow.missed
    )
}

#[unsafe(no_mangle)]
extern "C" fn rtos_fail(why: *const c_char) -> ! {
    panic!("{}", text(&why))
}

#[unsafe(no_mangle)]
extern "C" fn rtos_assertion_failed(file: *const c_char, line: u32) -> ! {
    panic!("assertion failed at line {line} of {}", text(&file))
}

#[unsafe(no_mangle)]
extern "C" fn vApplicationException(cause: u64, address: u64, value: u64) -> ! {
    panic!("exception {cause} at {address:#x}, {value:#x}")
}

/// What C passed as a name.
fn text(of: &*const c_char) -> &str {
    // SAFETY: a constant of C, or a task's name in its block, which ends with 0.
    let text = unsafe { CStr::from_ptr(*of) };
    text.to_str().unwrap_or("?")
}
