//! The control task and the main loop around it.

use core::ptr::{NonNull, with_exposed_provenance_mut};

use cofferdam_abi::VERSION;
use cofferdam_cockpit_cluster::control::Loop;
use cofferdam_cockpit_cluster::gpio::{Pin, RELAY};
use cofferdam_cockpit_cluster::network::status::Status;
use cofferdam_cockpit_cluster::report::Report;
use cofferdam_cockpit_cluster::workload;
use cofferdam_partition::console::Console;
use cofferdam_partition::deadline::{Deadlines, Releases};
use cofferdam_partition::hardware::Region;
use cofferdam_partition::time::{self, PeriodicTimer};
use cofferdam_partition::{interrupts, monitor, slack};
use safe_mmio::UniqueMmioPointer;

use crate::background::Background;
use crate::fp::FpCheck;
use crate::station::{self, Station};
use crate::{fault, hardware, service, signing};

/// Jobs a second.
pub const RATE: u64 = 1_000;
/// A release that is seen later than this, a tenth of the period, is a miss.
const LATENCY_BOUND_MICROSECONDS: u64 = 100;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static RELEASES: Releases = Releases::new();

/// Handler of the secure timer: notes the release. The job itself runs in the main loop.
pub fn on_timer() {
    if let Some(latency) = TIMER.take_release() {
        RELEASES.record(latency);
    }
}

/// The partition.
pub fn main(_argument: u64) -> ! {
    assert!(
        monitor::version().is_ok_and(|version| version >> 16 == VERSION >> 16),
        "this monitor speaks another version of the interface"
    );
    let mut memory = station::Memory::new();
    let mut station = Station::start(&mut memory);
    let mut cluster = Cluster::start();
    signing::begin();
    loop {
        if RELEASES.count() != cluster.deadlines.next_job() {
            cluster.run_job();
            station.begin(cluster.deadlines.next_job());
        } else if !cluster.background.step(&mut cluster.console)
            && !station.step(|| cluster.status())
        {
            let next = cluster.deadlines.next_job();
            if !slack::resume_unless(|| RELEASES.count() != next) {
                interrupts::idle_unless(|| RELEASES.count() != next);
            }
        }
    }
}

struct Cluster {
    console: Console,
    relay: Pin<'static>,
    fp: FpCheck,
    control: Loop,
    deadlines: Deadlines,
    background: Background,
}

impl Cluster {
    fn start() -> Self {
        // SAFETY: the UART of this partition; a panic takes it over only when this is dead.
        let console = unsafe { Console::new(registers(hardware::UART)) };
        // SAFETY: the GPIO of this partition, used nowhere else.
        let gpio = unsafe { UniqueMmioPointer::new(registers(hardware::GPIO)) };
        // A monitor that gives this partition no cross calls refuses; nothing here depends on them.
        let _refused = monitor::register_handler(Some(service::handler));
        let period = time::frequency() / RATE;
        let latency_bound = time::frequency() * LATENCY_BOUND_MICROSECONDS / 1_000_000;
        let first_release = TIMER.start(period);
        Self {
            console,
            relay: Pin::new(gpio, RELAY),
            fp: FpCheck::new(),
            control: Loop::new(),
            deadlines: Deadlines::new(first_release, period, latency_bound),
            background: Background::new(),
        }
    }

    fn run_job(&mut self) {
        let job = self.deadlines.next_job();
        let latency = RELEASES.latency();
        if let Some(command) = self.console.receive() {
            self.obey(command);
        }
        self.fp.step();
        let in_bounds = self.control.step();
        let right = workload::run();
        self.drive_relay(in_bounds && right);
        // The account here does not depend on the monitor's, with which the report compares it.
        let _refused = monitor::job_done(job, self.deadlines.next_release());
        self.deadlines.finish(time::now(), latency);
        if self.deadlines.next_job().is_multiple_of(RATE) {
            let report = self.report();
            self.background.begin(report);
        }
    }

    /// The accounts as they are now.
    fn report(&self) -> Report {
        Report {
            name: "cluster",
            seconds: self.deadlines.next_job() / RATE,
            met: self.deadlines.met(),
            missed: self.deadlines.missed(),
            worst_latency_ns: time::nanoseconds(RELEASES.worst_latency()),
            worst_completion_ns: time::nanoseconds(self.deadlines.worst_completion()),
            fp: self.fp.health(),
            ..Report::default()
        }
    }

    /// What the status page shows: the own accounts of now, the monitor's of the last second.
    fn status(&self) -> Status {
        let own = self.report();
        Status {
            report: Report {
                seconds: own.seconds,
                met: own.met,
                missed: own.missed,
                worst_latency_ns: own.worst_latency_ns,
                worst_completion_ns: own.worst_completion_ns,
                ..*self.background.latest()
            },
            speed_kmh: self.control.speed(),
            ..Status::default()
        }
    }

    /// Commands for tests: `f` starts the check of the FP registers, all others are faults.
    fn obey(&mut self, command: u8) {
        match command {
            b'f' => self.fp.start(),
            _ => fault::obey(command),
        }
    }

    /// The relay wants an edge in every period; without one it opens.
    fn drive_relay(&mut self, healthy: bool) {
        if healthy {
            self.relay.toggle();
        } else {
            self.relay.set(false);
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant of this partition, not 0")]
fn registers<T>(region: Region) -> NonNull<T> {
    NonNull::new(with_exposed_provenance_mut(region.start)).expect("device at address 0")
}
