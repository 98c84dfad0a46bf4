//! The line that a critical partition prints every second: `NAME: key=value key=value ...`.
//!
//! It is read by its keys, so that a partition may say more than is known here. `-` stands for a value that
//! the partition does not know, and is the same as its absence.

/// The account of one of a partition's tasks: `NAME=MET/MISSED`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// Deadlines met.
    pub met: u64,
    /// Deadlines missed.
    pub missed: u64,
}

impl Task {
    fn parse(field: &str) -> Option<Self> {
        let (name, account) = field.split_once('=')?;
        let (met, missed) = account.split_once('/')?;
        Some(Self {
            name: name.to_owned(),
            met: met.parse().ok()?,
            missed: missed.parse().ok()?,
        })
    }
}

/// One report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Seconds since the first release.
    pub seconds: u64,
    /// Deadlines met, by the partition's own account.
    pub met: u64,
    /// Deadlines missed, by the partition's own account.
    pub missed: u64,
    /// The longest time from a release to its first instruction.
    pub worst_latency_ns: u64,
    /// Jobs that the monitor counted.
    pub monitor_jobs: Option<u64>,
    /// Misses that the monitor counted.
    pub monitor_missed: Option<u64>,
    /// Ticks that the partition held its core.
    pub held_ticks: Option<u64>,
    /// Ticks since the monitor started.
    pub of_ticks: Option<u64>,
    /// Times that the rich partition was started.
    pub linux_starts: Option<u64>,
    /// Whether the partition found its own memory unchanged.
    pub digest_ok: Option<bool>,
    /// Whether the partition found its floating-point registers unchanged.
    pub fp_ok: Option<bool>,
    /// Its tasks one by one, if it has several.
    pub tasks: Vec<Task>,
}

impl Report {
    /// Reads a line; `None` if it is not a complete report.
    pub fn parse(line: &str) -> Option<Self> {
        let (_, fields) = line.split_once(": ")?;
        let value = |wanted: &str| {
            fields.split_whitespace().find_map(|field| {
                let (key, value) = field.split_once('=')?;
                (key == wanted && value != "-").then_some(value)
            })
        };
        let number = |key: &str| value(key)?.parse().ok();
        Some(Self {
            seconds: number("t")?,
            met: number("met")?,
            missed: number("missed")?,
            worst_latency_ns: number("worst_latency_ns")?,
            monitor_jobs: number("monitor_jobs"),
            monitor_missed: number("monitor_missed"),
            held_ticks: number("held_ticks"),
            of_ticks: number("of"),
            linux_starts: number("linux_starts"),
            digest_ok: value("digest").map(|word| word == "ok"),
            fp_ok: value("fp").map(|word| word == "ok"),
            tasks: fields.split_whitespace().filter_map(Task::parse).collect(),
        })
    }

    /// What in it breaks a promise of the monitor, if anything does.
    pub fn violation(&self) -> Option<String> {
        let monitor = self.monitor_missed.unwrap_or(0);
        let late = self.tasks.iter().find(|task| task.missed > 0);
        if self.missed > 0 {
            Some(format!("{} deadlines missed", self.missed))
        } else if monitor > 0 {
            Some(format!("{monitor} deadlines missed by the monitor's count"))
        } else if let Some(task) = late {
            Some(format!("{} deadlines missed by {}", task.missed, task.name))
        } else if self.digest_ok == Some(false) {
            Some("its memory was changed".to_owned())
        } else if self.fp_ok == Some(false) {
            Some("its floating-point registers were changed".to_owned())
        } else {
            None
        }
    }
}

/// The first report that counts less time than the one before it: its partition was started anew.
pub fn first_after_restart<'a>(
    reports: impl IntoIterator<Item = &'a Report>,
) -> Option<&'a Report> {
    let mut last = 0;
    reports
        .into_iter()
        .find(|report| std::mem::replace(&mut last, report.seconds) > report.seconds)
}

/// All reports in what a console said.
pub fn all(text: &str) -> Vec<Report> {
    text.lines().filter_map(Report::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "cluster: t=3 met=2999 missed=1 worst_latency_ns=480 \
        worst_completion_ns=241000 monitor_jobs=3000 monitor_missed=1 held_ticks=45 of=190 \
        linux_starts=2 linux_state=2 digest=ok";

    #[test]
    fn a_line_is_read_by_its_keys() {
        let report = Report::parse(LINE).unwrap();
        assert_eq!((report.seconds, report.met, report.missed), (3, 2999, 1));
        assert_eq!(report.worst_latency_ns, 480);
        assert_eq!(
            (report.monitor_jobs, report.monitor_missed),
            (Some(3000), Some(1))
        );
        assert_eq!((report.held_ticks, report.of_ticks), (Some(45), Some(190)));
        assert_eq!(report.linux_starts, Some(2));
        assert_eq!((report.digest_ok, report.fp_ok), (Some(true), None));
    }

    #[test]
    fn tasks_are_told_by_their_accounts() {
        let report = Report::parse(&format!("{LINE} t1=3000/0 t20=149/1 t30=-")).unwrap();
        let tasks = report.tasks.iter();
        let tasks: Vec<_> = tasks
            .map(|it| (it.name.as_str(), it.met, it.missed))
            .collect();
        assert_eq!(tasks, [("t1", 3000, 0), ("t20", 149, 1)]);
    }

    #[test]
    fn an_unknown_value_and_a_missing_one_are_the_same() {
        let report = Report::parse(&LINE.replace("of=190", "of=-")).unwrap();
        assert_eq!(report.of_ticks, None);
        assert_eq!(Report::parse("cluster: t=3 met=-"), None);
        assert_eq!(Report::parse("Linux: booting t=3"), None);
    }

    #[test]
    fn every_broken_promise_is_a_violation() {
        let good = LINE.replace("missed=1", "missed=0");
        assert_eq!(Report::parse(&good).unwrap().violation(), None);
        for (from, to, said) in [
            (" missed=0", " missed=7", "7 deadlines"),
            ("monitor_missed=0", "monitor_missed=2", "monitor's count"),
            (
                "digest=ok",
                "digest=ok t5=600/0 t20=149/1",
                "1 deadlines missed by t20",
            ),
            ("digest=ok", "digest=bad", "memory"),
            ("digest=ok", "digest=ok fp=bad", "floating-point"),
        ] {
            let bad = Report::parse(&good.replace(from, to)).unwrap();
            assert!(bad.violation().unwrap().contains(said), "{said}");
        }
    }
}
