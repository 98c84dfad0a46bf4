//! The line that a critical partition of the cockpit prints every second. Its form is fixed: tools
//! read it.
//!
//! `cluster: t=3 met=3000 missed=0 worst_latency_ns=480 worst_completion_ns=241000 monitor_jobs=3000
//! monitor_missed=0 held_ticks=45000000 of=190000000 linux_starts=1 linux_state=2 digest=ok`,
//! all on one line; `-` where the monitor did not answer or nothing is known yet. It begins with the
//! partition's name. Accounts of several tasks follow as ` t5=200/0`, met and missed, and ` fp=ok`
//! once the check of the FP registers runs.
//!
//! It is formatted field by field, so that no step of it holds up the periodic task.

use core::fmt::{self, Write};

use crate::digest::Health;

/// The account of one task among several.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Its name.
    pub name: &'static str,
    /// Deadlines met.
    pub met: u64,
    /// Deadlines missed.
    pub missed: u64,
}

/// Most tasks that a line tells of one by one.
pub const TASKS: usize = 3;

/// Everything that one line says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Who reports.
    pub name: &'static str,
    /// Seconds since the first release.
    pub seconds: u64,
    /// Deadlines met and missed by the partition's own account.
    pub met: u64,
    /// See `met`.
    pub missed: u64,
    /// Worst latency of a release.
    pub worst_latency_ns: u64,
    /// Worst time from a release to the end of its job.
    pub worst_completion_ns: u64,
    /// Jobs that the monitor counted.
    pub monitor_jobs: Option<u64>,
    /// Misses that the monitor counted.
    pub monitor_missed: Option<u64>,
    /// Ticks that this partition held its core...
    pub held_ticks: Option<u64>,
    /// ... of so many since the monitor started.
    pub of_ticks: Option<u64>,
    /// Times that Linux was started.
    pub linux_starts: Option<u64>,
    /// State of Linux, as the monitor numbers it.
    pub linux_state: Option<u64>,
    /// The partition's digest of itself.
    pub digest: Health,
    /// Metres driven; not in the line where the monitor has no such service.
    pub odometer: Option<u64>,
    /// Its tasks one by one, where there are several.
    pub tasks: [Option<Task>; TASKS],
    /// The check of the FP registers; not in the line while it is not started.
    pub fp: Health,
}

/// One field of the line, ready to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    bytes: [u8; Self::SIZE],
    length: usize,
}

impl Piece {
    /// The longest name, `worst_completion_ns`, with the longest number.
    const SIZE: usize = 48;

    const fn new() -> Self {
        Self {
            bytes: [0; Self::SIZE],
            length: 0,
        }
    }

    /// The bytes to be sent.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Write for Piece {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.saturating_add(text.len());
        let free = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl Report {
    /// Takes the monitor's answer about the deadlines ([`Page::Deadlines`]) of this partition.
    ///
    /// [`Page::Deadlines`]: cofferdam_abi::stats::Page::Deadlines
    pub fn take_deadlines(&mut self, [jobs, missed, ..]: [u64; 7]) {
        self.monitor_jobs = Some(jobs);
        self.monitor_missed = Some(missed);
    }

    /// Takes its answer about the time ([`Page::Time`]) of this partition.
    ///
    /// [`Page::Time`]: cofferdam_abi::stats::Page::Time
    pub fn take_time(&mut self, [_, _, held, of, ..]: [u64; 7]) {
        self.held_ticks = Some(held);
        self.of_ticks = Some(of);
    }

    /// Takes its answer about the time ([`Page::Time`]) of Linux.
    ///
    /// [`Page::Time`]: cofferdam_abi::stats::Page::Time
    pub fn take_linux(&mut self, [state, _, _, _, starts, ..]: [u64; 7]) {
        self.linux_starts = Some(starts);
        self.linux_state = Some(state);
    }

    /// Field `index` of the line with what separates it from the one before; `None` after the last.
    pub fn piece(&self, index: usize) -> Option<Piece> {
        const ODOMETER: usize = 12 + TASKS;
        const END: usize = ODOMETER + 1;
        let mut piece = Piece::new();
        // A piece has room for any number, which a test holds; what does not fit is left out.
        let _too_long = match index {
            0 => write!(piece, "{}: t={}", self.name, self.seconds),
            1 => number(&mut piece, "met", Some(self.met)),
            2 => number(&mut piece, "missed", Some(self.missed)),
            3 => number(&mut piece, "worst_latency_ns", Some(self.worst_latency_ns)),
            4 => number(
                &mut piece,
                "worst_completion_ns",
                Some(self.worst_completion_ns),
            ),
            5 => number(&mut piece, "monitor_jobs", self.monitor_jobs),
            6 => number(&mut piece, "monitor_missed", self.monitor_missed),
            7 => number(&mut piece, "held_ticks", self.held_ticks),
            8 => number(&mut piece, "of", self.of_ticks),
            9 => number(&mut piece, "linux_starts", self.linux_starts),
            10 => number(&mut piece, "linux_state", self.linux_state),
            11 => write!(piece, " digest={}", word(self.digest)),
            12..ODOMETER => task(&mut piece, self.tasks.get(index - 12)),
            ODOMETER if self.odometer.is_some() => number(&mut piece, "odometer", self.odometer),
            ODOMETER => Ok(()),
            END if self.fp != Health::Unknown => writeln!(piece, " fp={}", word(self.fp)),
            END => writeln!(piece),
            _ => return None,
        };
        Some(piece)
    }
}

fn number(piece: &mut Piece, name: &str, value: Option<u64>) -> fmt::Result {
    match value {
        Some(value) => write!(piece, " {name}={value}"),
        None => write!(piece, " {name}=-"),
    }
}

/// Nothing for a task that there is not.
fn task(piece: &mut Piece, task: Option<&Option<Task>>) -> fmt::Result {
    match task {
        Some(Some(Task { name, met, missed })) => write!(piece, " {name}={met}/{missed}"),
        _ => Ok(()),
    }
}

const fn word(digest: Health) -> &'static str {
    match digest {
        Health::Unknown => "-",
        Health::Ok => "ok",
        Health::Bad => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(report: &Report) -> String {
        let pieces = (0..).map_while(|index| report.piece(index));
        let bytes: Vec<u8> = pieces.flat_map(|piece| piece.as_bytes().to_vec()).collect();
        String::from_utf8(bytes).expect("ASCII")
    }

    fn report() -> Report {
        Report {
            name: "cluster",
            seconds: 3,
            met: 2999,
            missed: 1,
            worst_latency_ns: 480,
            worst_completion_ns: 241_000,
            monitor_jobs: Some(3000),
            monitor_missed: Some(1),
            held_ticks: Some(45_000_000),
            of_ticks: Some(190_000_000),
            linux_starts: Some(1),
            linux_state: Some(2),
            digest: Health::Ok,
            odometer: None,
            tasks: [None; TASKS],
            fp: Health::Unknown,
        }
    }

    #[test]
    fn metres_follow_where_they_are_counted() {
        let driven = Report {
            odometer: Some(42),
            ..report()
        };
        assert!(line(&driven).ends_with(" digest=ok odometer=42\n"));
    }

    #[test]
    fn the_line_has_its_fixed_form() {
        assert_eq!(
            line(&report()),
            "cluster: t=3 met=2999 missed=1 worst_latency_ns=480 worst_completion_ns=241000 \
             monitor_jobs=3000 monitor_missed=1 held_ticks=45000000 of=190000000 \
             linux_starts=1 linux_state=2 digest=ok\n"
        );
    }

    #[test]
    fn tasks_follow_by_name() {
        let report = Report {
            name: "freertos",
            tasks: [
                None,
                Some(Task {
                    name: "t5",
                    met: 600,
                    missed: 0,
                }),
                Some(Task {
                    name: "t20",
                    met: 149,
                    missed: 1,
                }),
            ],
            ..report()
        };
        assert!(line(&report).starts_with("freertos: t=3 met=2999 "));
        assert!(line(&report).ends_with(" linux_state=2 digest=ok t5=600/0 t20=149/1\n"));
    }

    #[test]
    fn the_monitors_answers_go_where_the_line_says() {
        let mut report = Report::default();
        report.take_deadlines([1, 2, 3, 4, 5, 6, 7]);
        report.take_time([1, 2, 30, 40, 5, 6, 7]);
        report.take_linux([2, 0, 0, 0, 50, 6, 7]);
        assert!(line(&report).ends_with(
            " monitor_jobs=1 monitor_missed=2 held_ticks=30 of=40 linux_starts=50 linux_state=2 digest=-\n"
        ));
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        let report = Report {
            monitor_jobs: None,
            monitor_missed: None,
            held_ticks: None,
            of_ticks: None,
            linux_starts: None,
            linux_state: None,
            digest: Health::Unknown,
            ..report()
        };
        assert!(line(&report).ends_with(
            " monitor_jobs=- monitor_missed=- held_ticks=- of=- linux_starts=- linux_state=- digest=-\n"
        ));
    }

    #[test]
    fn the_largest_numbers_fit() {
        let most = Some(u64::MAX);
        let report = Report {
            name: "cluster",
            seconds: u64::MAX,
            met: u64::MAX,
            missed: u64::MAX,
            worst_latency_ns: u64::MAX,
            worst_completion_ns: u64::MAX,
            monitor_jobs: most,
            monitor_missed: most,
            held_ticks: most,
            of_ticks: most,
            linux_starts: most,
            linux_state: most,
            digest: Health::Bad,
            odometer: most,
            tasks: [Some(Task {
                name: "t20",
                met: u64::MAX,
                missed: u64::MAX,
            }); TASKS],
            fp: Health::Bad,
        };
        assert_eq!(line(&report).matches("=18446744073709551615").count(), 15);
        assert_eq!(line(&report).matches("/18446744073709551615").count(), 3);
        assert!(
            line(&report).ends_with("/18446744073709551615 odometer=18446744073709551615 fp=bad\n")
        );
    }
}
