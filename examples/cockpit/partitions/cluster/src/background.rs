//! What runs in the time that the control task leaves: once a second the digest of the image, the
//! monitor's counters, and the report of all of it on the console.
//!
//! Each step is short (below 2 000 instructions), since a release waits for the step that it finds
//! under way.

use cofferdam_abi::stats::Page;
use cofferdam_cockpit_cluster::digest::Digest;
use cofferdam_cockpit_cluster::printer::{Printer, Progress};
use cofferdam_cockpit_cluster::report::Report;
use cofferdam_partition::console::Console;
use cofferdam_partition::{image, monitor};

use crate::hardware::{CLUSTER, LINUX, SHARED_CORE};

#[expect(
    dead_code,
    reason = "all services that may be called are generated, used or not"
)]
mod services {
    //! The services of `system.yaml` that this partition may call.

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// 50 km/h.
const METRES_A_SECOND: u32 = 14;

/// The second's work.
pub struct Background {
    digest: Digest<'static>,
    report: Report,
    /// The last that was complete.
    latest: Report,
    stage: Stage,
}

/// What the next step does.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, and no heap to put the printer on"
)]
enum Stage {
    Rest,
    Digest,
    AskTime,
    Print(Printer),
}

impl Background {
    /// At rest.
    pub fn new() -> Self {
        Self {
            digest: Digest::new(image::read_only()),
            report: Report::default(),
            latest: Report::default(),
            stage: Stage::Rest,
        }
    }

    /// The last report that was complete.
    pub fn latest(&self) -> &Report {
        &self.latest
    }

    /// Begins the work of a second with the accounts as they are. If that of the last is not done,
    /// because nobody takes the console's output, this second goes without.
    pub fn begin(&mut self, report: Report) {
        if !matches!(self.stage, Stage::Rest) {
            return;
        }
        self.report = report;
        // At once, so that both accounts speak of the same job.
        ask_deadlines(&mut self.report);
        self.stage = Stage::Digest;
    }

    /// One step. Answers whether there may be more to do now.
    pub fn step(&mut self, console: &mut Console) -> bool {
        match &mut self.stage {
            Stage::Rest => return false,
            Stage::Digest => {
                if self.digest.step() {
                    self.report.digest = self.digest.health();
                    self.stage = Stage::AskTime;
                }
            }
            Stage::AskTime => {
                ask_time(&mut self.report);
                self.latest = self.report;
                self.stage = Stage::Print(Printer::new(self.report));
            }
            Stage::Print(printer) => match printer.step(|bytes| console.send(bytes)) {
                Progress::More => {}
                // It has room again some periods later: until then Linux may have the core.
                Progress::Full => return false,
                Progress::Done => self.stage = Stage::Rest,
            },
        }
        true
    }
}

fn ask_deadlines(report: &mut Report) {
    if let Ok(answer) = monitor::stats(CLUSTER, SHARED_CORE, Page::Deadlines) {
        report.take_deadlines(answer);
    }
}

fn ask_time(report: &mut Report) {
    if let Ok(answer) = monitor::stats(CLUSTER, SHARED_CORE, Page::Time) {
        report.take_time(answer);
    }
    // Refused where the monitor has no such service: then the report has no such field.
    report.odometer = services::odometer_advance(METRES_A_SECOND).ok();
    if let Ok(answer) = monitor::stats(LINUX, SHARED_CORE, Page::Time) {
        report.take_linux(answer);
    }
}
