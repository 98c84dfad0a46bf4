//! The critical partition: a job every millisecond at Secure EL1, and a report every second.
//!
//! The secure timer releases a job; it runs in the main loop. What is left of the period goes to the report, as many
//! bytes at a time as the console takes, and then to Linux.
#![no_std]
#![no_main]

use core::fmt::{self, Write as _};
use core::ptr::{NonNull, with_exposed_provenance_mut};

use cofferdam_partition::console::Console;
use cofferdam_partition::deadline::{Deadlines, Releases};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::time::{self, PeriodicTimer};
use cofferdam_partition::{interrupts, monitor};

#[expect(
    dead_code,
    reason = "the numbers of all devices are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

#[allow(
    dead_code,
    reason = "the calls of all services are generated, used or not"
)]
mod services {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// All that is mapped and enabled.
const HARDWARE: Hardware = Hardware {
    interrupt_controller: InterruptController::new(
        generated::interrupt_controller::VERSION,
        generated::interrupt_controller::REGISTERS,
    ),
    console: Region::new(generated::device::uart_secure::REGISTERS),
    devices: &[],
    channels: &[],
    floating_point: false,
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
};

cofferdam_partition::entry!(main, HARDWARE);

/// Jobs a second.
const RATE: u32 = 1_000;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static RELEASES: Releases = Releases::new();

fn on_timer() {
    if let Some(latency) = TIMER.take_release() {
        RELEASES.record(latency);
    }
}

fn main(_argument: u64) -> ! {
    let mut console = console();
    let mut line = Line::new();
    let period = time::frequency() / u64::from(RATE);
    let first = TIMER.start(period);
    // A release that is seen a tenth of the period late is a miss.
    let mut deadlines = Deadlines::new(first, period, period / 10);
    loop {
        let next = deadlines.next_job();
        if RELEASES.count() != next {
            job(&mut deadlines, &mut line);
        } else if !line.send(&mut console) {
            interrupts::idle_unless(|| RELEASES.count() != next);
        }
    }
}

/// Your work goes here.
fn job(deadlines: &mut Deadlines, line: &mut Line) {
    let latency = RELEASES.latency();
    // Refused where no deadline is described; a sign of life where one is.
    let _refused = monitor::job_done(deadlines.next_job(), deadlines.next_release());
    deadlines.finish(time::now(), latency);
    if deadlines.next_job().is_multiple_of(u64::from(RATE)) {
        report(deadlines, line);
    }
}

/// `NAME: key=value ...`, as `cargo cofferdam test` judges it.
fn report(deadlines: &Deadlines, line: &mut Line) {
    let total = services::jobs_add(RATE).unwrap_or(0);
    line.clear();
    // A line that is too long is cut.
    let _cut = writeln!(
        line,
        "control: t={} met={} missed={} worst_latency_ns={} total={total}\r",
        deadlines.next_job() / u64::from(RATE),
        deadlines.met(),
        deadlines.missed(),
        time::nanoseconds(RELEASES.worst_latency()),
    );
}

/// A line that is sent bit by bit.
struct Line {
    text: [u8; 160],
    len: usize,
    sent: usize,
}

impl Line {
    const fn new() -> Self {
        Self {
            text: [0; 160],
            len: 0,
            sent: 0,
        }
    }

    fn clear(&mut self) {
        (self.len, self.sent) = (0, 0);
    }

    /// Sends what fits; whether there was room for something.
    fn send(&mut self, console: &mut Console) -> bool {
        let rest = self.text.get(self.sent..self.len).unwrap_or_default();
        let sent = console.send(rest);
        self.sent += sent;
        sent > 0
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let room = self.text.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

fn console() -> Console {
    let (start, _) = generated::device::uart_secure::REGISTERS;
    let registers = NonNull::new(with_exposed_provenance_mut(start));
    // SAFETY: the UART of this partition; nothing else uses it.
    registers.map_or_else(|| monitor::reset(), |it| unsafe { Console::new(it) })
}
