//! Runs one system test on a started emulator, and judges it.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::list::{Step, Test};
use crate::emulator::{Console, Emulator, Missed, Transcript};
use crate::page::Page;
use crate::report::{self, Report};

/// Why a test failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A step was not done.
    #[error("step {step}, on {on}: {missed}")]
    Step {
        /// Number of the step in the order of doing, from 1.
        step: usize,
        /// The console.
        on: String,
        /// Why not.
        missed: Missed,
    },
    /// Text could not be typed.
    #[error("step {step}, on {on}: {source}")]
    Send {
        /// Number of the step in the order of doing, from 1.
        step: usize,
        /// The console.
        on: String,
        /// What the system said.
        source: io::Error,
    },
    /// Something was said too early.
    #[error("step {step}: \"{text}\" was said on {on}, which must not be by then")]
    Said {
        /// Number of the step in the order of doing, from 1.
        step: usize,
        /// The console.
        on: String,
        /// The text.
        text: String,
    },
    /// The host did not see this on the page.
    #[error("step {step}: \"{text}\" was not seen at {path}; at last: {last}")]
    Unseen {
        /// Number of the step in the order of doing, from 1.
        step: usize,
        /// The path.
        path: String,
        /// The text.
        text: String,
        /// What was there in its stead.
        last: String,
    },
    /// No partition of this system has such a console.
    #[error("\"{0}\" is no console of this system")]
    NoConsole(String),
    /// A report was bad.
    #[error("{on} at {seconds} s: {violation}")]
    Violation {
        /// The console.
        on: String,
        /// The report's own time.
        seconds: u64,
        /// What was bad.
        violation: String,
    },
    /// Reports began again.
    #[error("{0} was started anew, for its reports begin again at {1} s")]
    Restarted(String, u64),
    /// No report came.
    #[error("{0} made no report")]
    NoReport(String),
    /// A positive control in which the attack did not succeed: the test that it controls proves nothing.
    #[error(
        "{0} shows no violation that its first report did not show: the attack that this control is for does not work"
    )]
    NotViolated(String),
    /// Forbidden text.
    #[error("\"{0}\" was said, which must not be")]
    Forbidden(String),
}

/// How a test is run.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// The names of the consoles, in the emulator's order, its own words last.
    pub consoles: &'a [String],
    /// Whether to repeat as often as a soak run does.
    pub soak: bool,
    /// Where the host finds the page of a critical partition, if it has one.
    pub page: Option<Page>,
}

/// Does the steps of a test; the emulator is killed after the test's bound at the latest. Answers what was said.
pub fn run(
    test: &Test,
    emulator: Emulator,
    conditions: Conditions<'_>,
) -> (Transcript, Result<(), Failure>) {
    let mut run = Run {
        emulator: &emulator,
        conditions,
        deadline: Instant::now() + bound(test, conditions.soak),
        done: 0,
    };
    let result = run.steps(&test.steps).and_then(|()| {
        for name in test.judge.iter().chain(&test.violated) {
            run.wait_for_report(test, name)?;
        }
        Ok(())
    });
    let said = emulator.stop();
    let judged = result.and_then(|()| judge(test, &said, conditions.consoles));
    (said, judged)
}

/// Longer than a page takes on a busy host.
const LOOK: Duration = Duration::from_secs(10);

/// A soak run's bound grows with its repetitions.
fn bound(test: &Test, soak: bool) -> Duration {
    let factor = |step: &Step| match step {
        Step::Repeat(repeat) if soak => {
            let more = repeat.soak.unwrap_or(repeat.repeat);
            more.div_ceil(repeat.repeat.max(1)).max(1)
        }
        _ => 1,
    };
    let most = test.steps.iter().map(factor).max().unwrap_or(1);
    Duration::from_secs(test.bound.saturating_mul(most as u64))
}

struct Run<'a> {
    emulator: &'a Emulator,
    conditions: Conditions<'a>,
    deadline: Instant,
    done: usize,
}

impl Run<'_> {
    fn steps(&mut self, steps: &[Step]) -> Result<(), Failure> {
        for step in steps {
            match step {
                Step::Expect(expect) => {
                    self.done += 1;
                    let within = expect.within.map(Duration::from_secs);
                    self.expect(&expect.on, &expect.expect, within)?;
                }
                Step::Send(send) => {
                    self.done += 1;
                    let console = console(self.conditions.consoles, &send.on)?;
                    // What is waited for next has to come after it.
                    self.emulator.transcript().pass(console);
                    let sent = self.emulator.send(console, &send.send);
                    sent.map_err(|source| Failure::Send {
                        step: self.done,
                        on: send.on.clone(),
                        source,
                    })?;
                }
                Step::Unsaid(unsaid) => {
                    self.done += 1;
                    let console = console(self.conditions.consoles, &unsaid.on)?;
                    if self.emulator.transcript().has_said(console, &unsaid.unsaid) {
                        return Err(Failure::Said {
                            step: self.done,
                            on: unsaid.on.clone(),
                            text: unsaid.unsaid.clone(),
                        });
                    }
                }
                Step::Get(get) => {
                    self.done += 1;
                    self.get(&get.get, &get.expect)?;
                }
                Step::Pause(pause) => thread::sleep(Duration::from_secs(pause.pause)),
                Step::Repeat(repeat) => {
                    let more = repeat.soak.filter(|_| self.conditions.soak);
                    for _ in 0..more.unwrap_or(repeat.repeat) {
                        self.steps(&repeat.steps)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn expect(&self, on: &str, text: &str, within: Option<Duration>) -> Result<(), Failure> {
        let console = console(self.conditions.consoles, on)?;
        let left = self.deadline.saturating_duration_since(Instant::now());
        let bound = within.unwrap_or(left).min(left);
        let expected = self.emulator.transcript().expect(console, text, bound);
        expected.map_err(|missed| Failure::Step {
            step: self.done,
            on: on.to_owned(),
            missed,
        })
    }

    /// Looks again and again, as who waits for a page does.
    fn get(&self, path: &str, text: &str) -> Result<(), Failure> {
        let mut last = "no page".to_owned();
        while let (Some(page), true) = (self.conditions.page, Instant::now() < self.deadline) {
            last = match page.get(path, LOOK) {
                Ok(body) if body.contains(text) => return Ok(()),
                Ok(body) => body,
                Err(error) => error.to_string(),
            };
            thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::Unseen {
            step: self.done,
            path: path.to_owned(),
            text: text.to_owned(),
            last,
        })
    }

    /// A report that was made after the last step: it tells about all of them.
    fn wait_for_report(&self, test: &Test, on: &str) -> Result<(), Failure> {
        let console = console(self.conditions.consoles, on)?;
        let said = self.emulator.transcript();
        let before = report::all(&said.text(console)).len();
        let violated = test.violated.iter().any(|name| name == on);
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Failure::NoReport(on.to_owned()));
            }
            let line = said.line(console, ": t=", left);
            let line = line.map_err(|missed| Failure::Step {
                step: self.done,
                on: on.to_owned(),
                missed,
            })?;
            let reports = report::all(&said.text(console));
            let bad = Report::parse(&line).is_some_and(|it| is_worse(&it, &reports));
            // A control waits for its violation; a judged run for a report that is new.
            if (violated && bad) || (!violated && reports.len() > before) {
                return Ok(());
            }
        }
    }
}

fn console(consoles: &[String], name: &str) -> Result<Console, Failure> {
    let place = consoles.iter().position(|console| console == name);
    place
        .map(Console)
        .ok_or_else(|| Failure::NoConsole(name.to_owned()))
}

fn judge(test: &Test, said: &Transcript, consoles: &[String]) -> Result<(), Failure> {
    if let Some(text) = said.offence() {
        return Err(Failure::Forbidden(text));
    }
    for on in &test.judge {
        let reports = report::all(&said.text(console(consoles, on)?));
        if reports.is_empty() {
            return Err(Failure::NoReport(on.clone()));
        }
        for report in &reports {
            if let Some(violation) = report.violation() {
                return Err(Failure::Violation {
                    on: on.clone(),
                    seconds: report.seconds,
                    violation,
                });
            }
        }
        let again = report::first_after_restart(&reports);
        if let Some(again) = again.filter(|_| !test.restarted.contains(on)) {
            return Err(Failure::Restarted(on.clone(), again.seconds));
        }
    }
    for on in &test.violated {
        let reports = report::all(&said.text(console(consoles, on)?));
        if !reports.iter().any(|report| is_worse(report, &reports)) {
            return Err(Failure::NotViolated(on.clone()));
        }
    }
    Ok(())
}

/// Whether a report shows a violation that the first of all did not show: what a control's system does of itself, while it starts, is not
/// the attack's.
fn is_worse(report: &Report, all: &[Report]) -> bool {
    let at_first = all.first().and_then(Report::violation);
    report.violation().is_some_and(|it| Some(it) != at_first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "cluster: t=1 met=1000 missed=0 worst_latency_ns=480 digest=ok\n";
    const BAD: &str = "cluster: t=2 met=1999 missed=1 worst_latency_ns=480 digest=ok\n";

    fn test(judged: bool) -> Test {
        let key = if judged { "judge" } else { "violated" };
        toml::from_str(&format!(
            "name = \"one\"\nsystem = \"s.yaml\"\nbound = 9\n{key} = [\"cluster\"]\n"
        ))
        .unwrap()
    }

    fn verdict(judged: bool, text: &str) -> Result<(), Failure> {
        let said = Transcript::new(1, vec!["panic".to_owned()]);
        said.append(Console(0), text);
        judge(&test(judged), &said, &["cluster".to_owned()])
    }

    #[test]
    fn every_report_counts_not_only_the_last() {
        assert!(verdict(true, GOOD).is_ok());
        let failure = verdict(true, &format!("{BAD}{GOOD}")).unwrap_err();
        assert_eq!(failure.to_string(), "cluster at 2 s: 1 deadlines missed");
        assert!(matches!(
            verdict(true, "booting\n"),
            Err(Failure::NoReport(_))
        ));
    }

    #[test]
    fn a_restart_that_the_test_did_not_ask_for_fails_it() {
        let twice = format!("{}{GOOD}", GOOD.replace("t=1", "t=3"));
        let failure = verdict(true, &twice).unwrap_err();
        let said = "cluster was started anew, for its reports begin again at 1 s";
        assert_eq!(failure.to_string(), said);
        let said = Transcript::new(1, Vec::new());
        said.append(Console(0), &twice);
        let mut asked = test(true);
        asked.restarted = asked.judge.clone();
        assert!(judge(&asked, &said, &["cluster".to_owned()]).is_ok());
    }

    #[test]
    fn a_control_must_see_its_attack_succeed() {
        assert!(verdict(false, &format!("{GOOD}{BAD}")).is_ok());
        for not_by_it in [GOOD, &format!("{BAD}{BAD}")] {
            let verdict = verdict(false, not_by_it);
            assert!(matches!(verdict, Err(Failure::NotViolated(_))));
        }
    }

    #[test]
    fn a_forbidden_word_fails_what_else_is_good() {
        assert!(matches!(
            verdict(true, &format!("{GOOD}monitor panic")),
            Err(Failure::Forbidden(_))
        ));
    }

    #[test]
    fn a_soak_run_has_more_time() {
        let mut soaked = test(true);
        soaked.steps = toml::from_str::<Test>(
            "name = \"x\"\nsystem = \"s\"\nbound = 1\n\
             steps = [{ repeat = 20, soak = 1000, steps = [] }]",
        )
        .unwrap()
        .steps;
        assert_eq!(bound(&soaked, false), Duration::from_secs(9));
        assert_eq!(bound(&soaked, true), Duration::from_secs(450));
    }
}
