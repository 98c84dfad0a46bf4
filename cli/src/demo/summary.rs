//! What the demonstration has shown, and whether all of it held.

use serde::Serialize;

use super::script::{Script, Stage, VISITS};
use crate::report::{Report, first_after_restart};

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// What is claimed.
    pub claim: &'static str,
    /// What was seen.
    pub seen: String,
    /// Whether it held.
    pub held: bool,
}

/// The summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Whether every claim held.
    pub held: bool,
    /// The claims.
    pub claims: Vec<Claim>,
    /// Deadlines met.
    pub deadlines_met: u64,
    /// Deadlines missed by the partition's own account.
    pub deadlines_missed: u64,
    /// Deadlines missed by the monitor's account.
    pub deadlines_missed_monitor: Option<u64>,
    /// The longest time from a release to its first instruction, in instructions.
    pub worst_latency_instructions: u64,
    /// Share of core 0 that the critical partition had under load, in percent.
    pub critical_share_percent: Option<f64>,
    /// Times that Linux was started.
    pub linux_starts: Option<u64>,
    /// What the monitor counted up to the crash, as a program of Linux read it: a table.
    pub profile: Vec<String>,
}

/// The share of core 0 that the critical partition must use at least, in percent.
const LEAST_SHARE: f64 = 20.0;

/// Those that Linux asks for, before its crash and after it.
const SIGNATURES: u64 = 20;

/// Sums up a demonstration in which an instruction took 2^`shift` ns.
pub fn summarize(script: &Script, shift: u8) -> Summary {
    let last = script.last().cloned().unwrap_or_default();
    let latency = worst_latency(script, shift);
    let share = share(script);
    let claims = claims(script, &last, share);
    Summary {
        held: claims.iter().all(|claim| claim.held),
        claims,
        deadlines_met: last.met,
        deadlines_missed: last.missed,
        deadlines_missed_monitor: last.monitor_missed,
        worst_latency_instructions: latency,
        critical_share_percent: share,
        linux_starts: last.linux_starts,
        profile: script.profile.clone(),
    }
}

/// In instructions: in virtual time each takes 2^`shift` ns.
pub fn worst_latency(script: &Script, shift: u8) -> u64 {
    let worst = script.reports.iter().map(|(_, it)| it.worst_latency_ns);
    worst
        .max()
        .unwrap_or(0)
        .checked_shr(u32::from(shift))
        .unwrap_or(0)
}

/// The critical partition's share of core 0 while both were loaded, in percent.
pub fn share(script: &Script) -> Option<f64> {
    let mut loaded = script.in_stage(Stage::Loaded);
    let first = loaded.next()?;
    let last = loaded.last()?;
    let held = last.held_ticks?.checked_sub(first.held_ticks?)?;
    let of = last.of_ticks?.checked_sub(first.of_ticks?)?;
    (of > 0).then(|| held as f64 * 100.0 / of as f64)
}

fn claims(script: &Script, last: &Report, share: Option<f64>) -> Vec<Claim> {
    let claim = |claim, seen: String, held| Claim { claim, seen, held };
    let unknown = || "unknown".to_owned();
    let reports = || script.reports.iter().map(|(_, report)| report);
    let any = !script.reports.is_empty();
    let missed = reports().map(missed).max().unwrap_or(0);
    let across = reports_across_the_crash(script);
    let agree = reports().filter(|it| accounts_agree(it)).count();
    let bad = reports().filter(|it| it.digest_ok == Some(false)).count();
    let checked = reports().filter(|it| it.digest_ok == Some(true)).count();
    let starts = last.linux_starts;
    let mut claims = vec![
        claim(
            "the demonstration came to its end",
            script.stage.title().to_owned(),
            script.stage == Stage::Done,
        ),
        claim(
            "no deadline was missed",
            format!(
                "{} met, {missed} missed{}{}",
                last.met,
                tasks(last),
                again(reports())
            ),
            any && missed == 0 && last.met > 0 && again(reports()).is_empty(),
        ),
        claim(
            "none while Linux crashed and was restarted",
            across.map_or_else(unknown, |(jobs, missed)| {
                format!("{jobs} met, {missed} missed")
            }),
            across.is_some_and(|(jobs, missed)| jobs > 0 && missed == 0),
        ),
        claim(
            "the monitor's own count agrees",
            format!("in {agree} of {} reports", script.reports.len()),
            any && agree == script.reports.len(),
        ),
        claim(
            "the critical partition used a fifth of core 0 or more",
            share.map_or_else(unknown, |share| format!("{share:.1} %")),
            share.is_some_and(|share| share >= LEAST_SHARE),
        ),
        claim(
            "Linux crashed, and was started again by the monitor alone",
            format!(
                "{} panic, userland reached {} times, started {} times",
                script.panics,
                script.boots,
                starts.map_or_else(unknown, |starts| starts.to_string())
            ),
            script.panics == 1 && script.boots == 2 && starts == Some(2),
        ),
        claim(
            "the critical partition's memory is unchanged",
            format!("{checked} digests good, {bad} bad"),
            bad == 0 && checked > 0,
        ),
    ];
    claims.extend(script.shows.other.then(|| other(script)));
    claims.extend(script.shows.odometer.then(|| odometer(script)));
    claims.extend(script.shows.network.then(|| network(script)));
    claims.extend(script.shows.network.then(|| opened(script)));
    claims.extend(script.shows.page.then(|| page(script)));
    claims.extend(script.shows.signs.then(|| signatures(script)));
    claims.extend(script.shows.profile.then(|| profile(script)));
    claims
}

/// What is said of a partition that counts its jobs anew.
fn again<'a>(reports: impl IntoIterator<Item = &'a Report>) -> &'static str {
    first_after_restart(reports).map_or("", |_| ", but it was started anew")
}

/// That the second critical partition missed no deadline, by its own account and the monitor's.
fn other(script: &Script) -> Claim {
    let worst = script.others.iter().map(missed).max().unwrap_or(0);
    let seen = match script.others.last() {
        Some(last) => {
            let again = again(&script.others);
            format!("{} met, {worst} missed{}{again}", last.met, tasks(last))
        }
        None => "no report".to_owned(),
    };
    Claim {
        claim: "the second critical partition missed none either",
        seen,
        held: worst == 0
            && script.others.iter().any(|it| it.met > 0)
            && again(&script.others).is_empty(),
    }
}

fn odometer(script: &Script) -> Claim {
    Claim {
        claim: "the monitor's odometer outlived Linux, which cannot advance it",
        seen: format!("{:?} m", script.odometer),
        held: matches!(script.odometer.as_slice(), [before, after] if before <= after),
    }
}

fn signatures(script: &Script) -> Claim {
    Claim {
        claim: "the critical partition signs for Linux in its slack",
        seen: format!("{} signatures verified", script.signatures),
        held: script.signatures >= SIGNATURES,
    }
}

/// That Linux could show what is counted: a headline, and each partition on each of its cores.
fn profile(script: &Script) -> Claim {
    let rows = script.profile.len().saturating_sub(1);
    Claim {
        claim: "a program of Linux read what the monitor counts",
        seen: format!("{rows} lines"),
        held: rows > 0,
    }
}

/// That it answered all pings, before the crash and after it.
fn network(script: &Script) -> Claim {
    let answered: Vec<_> = script.pings.iter().map(u64::to_string).collect();
    Claim {
        claim: "Linux reaches the critical partition by its network",
        seen: format!("{} of 3 pings", answered.join(" and ")),
        held: script.pings == [3, 3],
    }
}

/// That Linux opened its page, before the crash and after it, and could read that no deadline was missed.
fn opened(script: &Script) -> Claim {
    let missed: Vec<_> = script.pages.iter().map(u64::to_string).collect();
    Claim {
        claim: "Linux opened the critical partition's page over HTTP",
        seen: format!("{} deadlines missed, it says", missed.join(" and ")),
        held: script.pages == [0, 0],
    }
}

/// That the page of the critical partition was seen, and was alive, before the crash and after it.
fn page(script: &Script) -> Claim {
    let visits: Vec<_> = script.visits.iter().map(|(_, status)| *status).collect();
    let times = |stage| script.visits_in(stage).count();
    let (before, after) = (times(Stage::Loaded), times(Stage::Recovered));
    let alive = visits.windows(2).all(|it| it[0].met < it[1].met);
    let missed = visits.iter().map(|status| status.missed).max();
    Claim {
        claim: "the host saw the critical partition's live page",
        seen: format!(
            "{before} times under load, {after} after the restart{}",
            if alive { "" } else { ", but it stood still" }
        ),
        held: before.min(after) >= VISITS && alive && missed == Some(0),
    }
}

/// Deadlines missed by the partition's own account, all its tasks together.
fn missed(report: &Report) -> u64 {
    let tasks = report.tasks.iter().map(|task| task.missed).sum();
    report.missed.max(tasks)
}

fn tasks(report: &Report) -> String {
    let tasks = report.tasks.iter();
    tasks
        .map(|task| format!("; {} {}/{}", task.name, task.met, task.missed))
        .collect()
}

fn accounts_agree(report: &Report) -> bool {
    report.monitor_missed == Some(report.missed)
        && report.monitor_jobs == Some(report.met + report.missed)
}

/// Jobs met and missed from the last report before the crash to the first with Linux back.
fn reports_across_the_crash(script: &Script) -> Option<(u64, u64)> {
    let before = script.in_stage(Stage::Loaded).last()?;
    let after = script.in_stage(Stage::Recovered).next()?;
    let met = after.met.checked_sub(before.met)?;
    Some((met, missed(after).checked_sub(missed(before))?))
}

impl Summary {
    /// The summary as a table.
    pub fn table(&self) -> String {
        let wide = |text: &str| text.chars().count();
        let claims = self.claims.iter();
        let width = claims.map(|it| wide(it.claim)).max().unwrap_or(0);
        let mut table = String::new();
        for claim in &self.claims {
            let verdict = if claim.held { "ok  " } else { "FAIL" };
            table += &format!("{verdict}  {:<width$}  {}\n", claim.claim, claim.seen);
        }
        table += &format!(
            "      {:<width$}  {} instructions\n",
            "worst latency from release to first instruction", self.worst_latency_instructions
        );
        if !self.profile.is_empty() {
            table += "\nwhat the monitor counted before the crash, read by a program of Linux:\n";
        }
        for line in &self.profile {
            table += &format!("      {line}\n");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::Shows;
    use super::super::script::Who;
    use super::super::script::tests::{ALL, play, report};
    use super::*;
    use crate::report::Task;

    fn played() -> Script {
        let mut script = Script::new(ALL);
        play(&mut script);
        script
    }

    fn broken(script: &Script) -> Vec<&'static str> {
        let summary = summarize(script, 3);
        let broken = summary.claims.iter().filter(|it| !it.held);
        let broken: Vec<_> = broken.map(|it| it.claim).collect();
        assert_eq!(summary.held, broken.is_empty());
        broken
    }

    #[test]
    fn a_good_run_holds() {
        let script = played();
        assert_eq!(broken(&script), [""; 0]);
        let summary = summarize(&script, 3);
        assert_eq!(summary.worst_latency_instructions, 120);
        assert_eq!(summary.critical_share_percent, Some(25.0));
        assert!(summary.table().contains("11000 met, 0 missed"));
        let json = serde_json::to_string(&summary).unwrap();
        assert!(json.starts_with("{\"held\":true"));
    }

    #[test]
    fn nothing_seen_is_not_nothing_wrong() {
        assert_eq!(broken(&Script::new(Shows::default())).len(), 7);
        assert_eq!(broken(&Script::new(ALL)).len(), 14);
    }

    #[test]
    fn each_claim_can_break() {
        let spoilt = |spoil: fn(&mut Script)| {
            let mut script = played();
            spoil(&mut script);
            broken(&script)
        };
        let one = |spoil| spoilt(spoil).join("; ");
        assert!(one(|it| it.stage = Stage::Recovered).contains("its end"));
        assert!(one(|it| it.panics = 2).contains("crashed"));
        assert!(one(|it| it.reports[2].1.monitor_missed = Some(1)).contains("agrees"));
        assert!(one(|it| it.reports[2].1.monitor_jobs = None).contains("agrees"));
        assert!(one(|it| it.reports[9].1.digest_ok = Some(false)).contains("memory"));
        assert!(one(|it| it.reports[3].1.missed = 1).contains("no deadline"));
        assert!(one(|it| it.odometer[1] = 13).contains("odometer"));
        assert!(one(|it| it.others[1].missed = 1).contains("second"));
        assert!(one(|it| it.others.clear()).contains("second"));
        assert!(one(|it| it.others[0].seconds = 7).contains("second"));
        assert!(one(|it| it.reports[2].1.seconds = 9).contains("no deadline"));
        assert!(one(|it| it.pings[1] = 2).contains("network"));
        assert!(one(|it| it.pages.truncate(1)).contains("HTTP"));
        assert!(one(|it| it.pages[1] = 1).contains("HTTP"));
        assert!(one(|it| it.signatures = 19).contains("signs"));
        assert!(one(|it| it.profile.truncate(1)).contains("counts"));
        let late = |it: &mut Script| {
            it.reports[4].1.tasks = vec![Task {
                name: "t5".to_owned(),
                met: 799,
                missed: 1,
            }];
        };
        assert!(one(late).contains("no deadline"));
        let crash = |it: &mut Script| {
            for (stage, report) in &mut it.reports {
                report.missed = u64::from(*stage >= Stage::Restarting);
            }
        };
        assert!(one(crash).contains("none while Linux crashed"));
        let page = "the host saw the critical partition's live page";
        assert_eq!(one(|it| it.visits[2].1 = it.visits[1].1), page);
        assert_eq!(one(|it| it.visits[2].1.missed = 1), page);
        assert_eq!(one(|it| it.visits.retain(|it| it.0 <= Stage::Loaded)), page);
        let idle = |it: &mut Script| {
            for (_, report) in &mut it.reports {
                report.of_ticks = report.of_ticks.map(|of| of * 2);
            }
        };
        assert_eq!(
            one(idle),
            "the critical partition used a fifth of core 0 or more"
        );
    }

    #[test]
    fn a_report_after_the_end_changes_nothing_that_was_judged_before() {
        let mut script = played();
        script.line(Who::Critical, &report(12, 2));
        assert_eq!(script.in_stage(Stage::Done).count(), 1);
        assert_eq!(broken(&script), [""; 0]);
    }
}
