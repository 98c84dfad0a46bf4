//! What the demonstration does, decided line by line from what the consoles say: boot, load, crash, restart.
//!
//! No emulator and no time in here: a line and the state give the next action, and the host tests play it.

use super::visitor::Status;
use crate::report::Report;

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The rich partition.
    Linux,
    /// The critical partition.
    Critical,
    /// Another critical partition.
    Other,
}

/// How far the demonstration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Linux starts for the first time.
    Booting,
    /// Both run, under load.
    Loaded,
    /// Linux was told to crash.
    Crashing,
    /// Linux has crashed; the monitor restarts it.
    Restarting,
    /// Linux is up again, under load.
    Recovered,
    /// All has been seen.
    Done,
}

impl Stage {
    /// What a viewer is told.
    pub fn title(self) -> &'static str {
        match self {
            Self::Booting => "monitor and critical partition up, Linux boots",
            Self::Loaded => "both cores loaded: CPU, timers, interrupts",
            Self::Crashing => "Linux is made to crash (sysrq)",
            Self::Restarting => "Linux has crashed; the monitor restarts it, alone",
            Self::Recovered => "Linux is back, and loaded again",
            Self::Done => "done",
        }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing but wait.
    Wait,
    /// Type this on Linux's console.
    Type(String),
    /// End.
    Finish,
}

/// Reports seen under load before Linux is crashed, and after it is back.
const REPORTS: usize = 5;
/// As many looks at the page, while each tells more: it is alive.
pub(super) const VISITS: usize = 2;
/// Reports after which a page that is not seen is no longer waited for.
const PATIENCE: usize = 25;

const USERLAND: &str = "cofferdam: linux userland up";
const PANIC: &str = "Kernel panic - not syncing: sysrq triggered crash";
const UPTIME: &str = "cofferdam: linux up ";
const ODOMETER: &str = "cofferdam: odometer ";
const REFUSED: &str = " m, advancing it is refused";
const VERIFIED: &str = "cofferdam: signatures verified: ";
const NETWORK: &str = "cofferdam: network: ";
const PINGS: &str = " of 3 pings answered";
const PAGE: &str = ", its page: ";
const IN_PAGE: &str = " deadlines missed";
/// The address is that of each system here.
const REACH: &str = "reach 10.7.0.2";
const READ_ODOMETER: &str = "odometer";
const LOAD: &str = "load";
const SIGN: &str = "sign 10";
const CRASH: &str = "echo c > /proc/sysrq-trigger\n";
/// A table's lines, and how Linux is made to show it.
const PROFILE: &str = "profile| ";
const PROFILE_AND_CRASH: &str = "profile cluster linux; sync; echo c > /proc/sysrq-trigger\n";

/// What only some systems have to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shows {
    /// The critical partition has a page that the host can look at.
    pub page: bool,
    /// Linux has a network to it.
    pub network: bool,
    /// There is a second critical partition.
    pub other: bool,
    /// The monitor keeps an odometer that Linux may read.
    pub odometer: bool,
    /// The critical partition signs for Linux.
    pub signs: bool,
    /// The monitor counts, and Linux has the program that shows it.
    pub profile: bool,
}

/// The state of the demonstration, and all that it has seen.
#[derive(Clone, Debug)]
pub struct Script {
    /// How far it is.
    pub stage: Stage,
    /// Every report of the critical partition, with the stage in which it came.
    pub reports: Vec<(Stage, Report)>,
    /// Every report of the second one.
    pub others: Vec<Report>,
    /// Times that Linux reached its userland.
    pub boots: usize,
    /// Times that Linux panicked.
    pub panics: usize,
    /// Linux's own uptime in seconds, since its last start.
    pub uptime: Option<f64>,
    /// What the system has to show.
    pub shows: Shows,
    /// What the host saw of the page, with the stage in which it did.
    pub visits: Vec<(Stage, Status)>,
    /// How many of three pings over the network were answered, each time.
    pub pings: Vec<u64>,
    /// Deadlines missed by what the critical partition's page said to Linux, each time that it opened it.
    pub pages: Vec<u64>,
    /// Metres that the odometer showed to Linux, each time with a refusal to advance it.
    pub odometer: Vec<u64>,
    /// Signatures that the critical partition made and Linux verified.
    pub signatures: u64,
    /// The lines of what the monitor counted up to the crash.
    pub profile: Vec<String>,
}

impl Script {
    /// Before the first line.
    pub fn new(shows: Shows) -> Self {
        Self {
            stage: Stage::Booting,
            reports: Vec::new(),
            others: Vec::new(),
            boots: 0,
            panics: 0,
            uptime: None,
            shows,
            visits: Vec::new(),
            pings: Vec::new(),
            pages: Vec::new(),
            odometer: Vec::new(),
            signatures: 0,
            profile: Vec::new(),
        }
    }

    /// Takes one complete line.
    pub fn line(&mut self, who: Who, line: &str) -> Action {
        match who {
            Who::Critical => match Report::parse(line) {
                Some(report) => self.report(report),
                None => Action::Wait,
            },
            Who::Other => {
                self.others.extend(Report::parse(line));
                Action::Wait
            }
            Who::Linux => self.linux(line),
        }
    }

    fn linux(&mut self, line: &str) -> Action {
        if let Some(at) = line.find(UPTIME) {
            let rest = line.get(at + UPTIME.len()..).unwrap_or_default();
            self.uptime = rest.split(' ').next().and_then(|it| it.parse().ok());
        }
        self.pings.extend(between(line, NETWORK, PINGS));
        self.pages.extend(between(line, PAGE, IN_PAGE));
        let metres = between(line, ODOMETER, REFUSED);
        self.odometer.extend(metres);
        self.signatures += between(line, VERIFIED, "").unwrap_or(0);
        // The command itself is echoed with no such bar behind its name.
        let shown = line.split_once(PROFILE).map(|(_, it)| it.trim_end());
        self.profile.extend(shown.map(str::to_owned));
        if line.contains(USERLAND) {
            self.boots += 1;
            match self.stage {
                Stage::Booting => self.stage = Stage::Loaded,
                Stage::Restarting => self.stage = Stage::Recovered,
                _ => return Action::Wait,
            }
            return Action::Type(self.commands());
        }
        if line.contains(PANIC) {
            self.panics += 1;
            self.uptime = None;
            if self.stage == Stage::Crashing {
                self.stage = Stage::Restarting;
            }
        }
        Action::Wait
    }

    /// What Linux is to show, and its load.
    fn commands(&self) -> String {
        let Shows {
            network,
            odometer,
            signs,
            ..
        } = self.shows;
        let all = [
            (network, REACH),
            (odometer, READ_ODOMETER),
            (true, LOAD),
            (signs, SIGN),
        ];
        let shown = all.iter().filter_map(|(shown, it)| shown.then_some(*it));
        shown.collect::<Vec<_>>().join("; ") + "\n"
    }

    /// Takes what the host saw on the page.
    pub fn visited(&mut self, status: Status) {
        self.visits.push((self.stage, status));
    }

    /// What the host saw in a stage.
    pub fn visits_in(&self, stage: Stage) -> impl Iterator<Item = Status> {
        let visits = self.visits.iter();
        visits.filter_map(move |(when, status)| (*when == stage).then_some(*status))
    }

    /// Whether a stage has shown all that it can show.
    fn is_over(&self) -> bool {
        let reports = self.in_stage(self.stage).count();
        let visited = !self.shows.page || self.visits_in(self.stage).count() >= VISITS;
        reports >= if visited { REPORTS } else { PATIENCE }
    }

    fn report(&mut self, report: Report) -> Action {
        self.reports.push((self.stage, report));
        match self.stage {
            Stage::Loaded if self.is_over() => {
                self.stage = Stage::Crashing;
                let crash = if self.shows.profile {
                    PROFILE_AND_CRASH
                } else {
                    CRASH
                };
                Action::Type(crash.to_owned())
            }
            Stage::Recovered if self.is_over() => {
                self.stage = Stage::Done;
                Action::Finish
            }
            _ => Action::Wait,
        }
    }

    /// The reports that came in a stage.
    pub fn in_stage(&self, stage: Stage) -> impl Iterator<Item = &Report> {
        let reports = self.reports.iter();
        reports.filter_map(move |(when, report)| (*when == stage).then_some(report))
    }

    /// The last report.
    pub fn last(&self) -> Option<&Report> {
        self.reports.last().map(|(_, report)| report)
    }
}

/// The number between two texts.
fn between(line: &str, before: &str, behind: &str) -> Option<u64> {
    let (_, rest) = line.split_once(before)?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    number.parse().ok().filter(|_| rest.starts_with(behind))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const ALL: Shows = Shows {
        page: true,
        network: true,
        other: true,
        odometer: true,
        signs: true,
        profile: true,
    };

    pub fn report(seconds: u64, starts: u64) -> String {
        let jobs = seconds * 1000;
        format!(
            "cluster: t={seconds} met={jobs} missed=0 worst_latency_ns=960 monitor_jobs={jobs} \
             monitor_missed=0 held_ticks={} of={} linux_starts={starts} linux_state=2 digest=ok",
            seconds * 25,
            seconds * 100
        )
    }

    /// Plays a whole demonstration, in which the page is seen twice a second, and answers what was typed.
    pub fn play(script: &mut Script) -> Vec<String> {
        let mut typed = Vec::new();
        let mut second = 0;
        let mut lines = vec![];
        for starts in [1, 2] {
            lines.push((Who::Linux, "[    1.0] Booting Linux".to_owned()));
            lines.push((
                Who::Linux,
                "cofferdam: linux userland up, 2 cpus".to_owned(),
            ));
            lines.push((Who::Linux, "cofferdam: linux up 3.25 s".to_owned()));
            let metres = starts * 14;
            lines.push((Who::Linux, format!("{ODOMETER}{metres}{REFUSED}")));
            lines.push((Who::Linux, format!("{NETWORK}3{PINGS}{PAGE}0{IN_PAGE}")));
            lines.push((Who::Linux, format!("{VERIFIED}10")));
            lines.push((
                Who::Other,
                report(starts, starts).replace("cluster", "rtos"),
            ));
            for _ in 0..REPORTS {
                second += 1;
                lines.push((Who::Critical, report(second, starts)));
            }
            if starts == 1 {
                lines.push((Who::Linux, format!("/ # {PROFILE_AND_CRASH}")));
                lines.push((Who::Linux, format!("{PROFILE}partition core\r")));
                lines.push((Who::Linux, format!("{PROFILE}cluster 0\r")));
                lines.push((Who::Linux, format!("[    9.0] {PANIC}")));
                second += 1;
                lines.push((Who::Critical, report(second, 1)));
            }
        }
        let last = lines.len() - 1;
        for (number, (who, line)) in lines.iter().enumerate() {
            if line.starts_with("cluster") {
                let met = 1000 * number as u64;
                script.visited(Status { met, missed: 0 });
                script.visited(Status {
                    met: met + 500,
                    missed: 0,
                });
            }
            match script.line(*who, line) {
                Action::Type(text) => typed.push(text),
                Action::Finish => assert_eq!(number, last, "finished early"),
                Action::Wait => assert_ne!(number, last, "does not finish"),
            }
        }
        typed
    }

    #[test]
    fn the_whole_demonstration_is_played() {
        let mut script = Script::new(ALL);
        let all_of_it = "reach 10.7.0.2; odometer; load; sign 10\n";
        let typed = [all_of_it, PROFILE_AND_CRASH, all_of_it];
        assert_eq!(play(&mut script), typed);
        assert_eq!(script.stage, Stage::Done);
        assert_eq!((script.boots, script.panics), (2, 1));
        assert_eq!(script.uptime, Some(3.25));
        assert_eq!(
            (script.odometer.as_slice(), script.signatures),
            (&[14, 28][..], 20)
        );
        assert_eq!(script.profile, ["partition core", "cluster 0"]);
        assert_eq!(script.in_stage(Stage::Restarting).count(), 1);
        assert_eq!(script.in_stage(Stage::Recovered).count(), REPORTS);
    }

    #[test]
    fn a_page_is_waited_for_but_not_for_ever() {
        let reports_until_the_crash = |page| {
            let mut script = Script::new(Shows {
                page,
                ..Shows::default()
            });
            script.line(Who::Linux, USERLAND);
            let mut reports = (1..).map(|second| report(second, 1));
            reports.position(|it| script.line(Who::Critical, &it) != Action::Wait)
        };
        assert_eq!(reports_until_the_crash(false), Some(REPORTS - 1));
        assert_eq!(reports_until_the_crash(true), Some(PATIENCE - 1));
    }

    #[test]
    fn a_panic_of_its_own_accord_is_not_taken_for_the_demanded_one() {
        let mut script = Script::new(Shows::default());
        script.line(Who::Linux, USERLAND);
        script.line(Who::Linux, PANIC);
        assert_eq!(script.stage, Stage::Loaded);
        assert_eq!(script.line(Who::Linux, USERLAND), Action::Wait);
        assert_eq!((script.boots, script.panics), (2, 1));
    }
}
