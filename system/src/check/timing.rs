//! Deadlines, budgets and watchdogs.

use super::scene::{Scene, View};
use crate::arch::brings_timer;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::source::Place;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        check_deadline(view, out);
        check_budget(view, out);
        check_hang(view, out);
    }
    check_monitor_timer(scene, out);
}

fn check_deadline(view: &View<'_>, out: &mut Mistakes) {
    let Some(deadline) = &view.raw.deadline else {
        return;
    };
    only_critical(view, deadline.place, Code::DeadlineOnRich, "deadline", out);
    let (Some(period), Some(within)) = (deadline.period, deadline.within) else {
        return;
    };
    if within.value > period.value {
        out.push(
            Draft::new(
                Code::DeadlineExceedsPeriod,
                "a job may be late for the next one",
                within.place,
                "later than the next release",
            )
            .and(period.place, "jobs are released this often")
            .help("give `within` at most the period"),
        );
    }
}

fn check_budget(view: &View<'_>, out: &mut Mistakes) {
    let Some(budget) = &view.raw.budget else {
        return;
    };
    only_critical(view, budget.place, Code::BudgetOnRich, "budget", out);
    let (Some(time), Some(period)) = (budget.time, budget.period) else {
        return;
    };
    if time.value > period.value {
        out.push(
            Draft::new(
                Code::BudgetExceedsPeriod,
                "a budget larger than its period bounds nothing",
                time.place,
                "more than there is",
            )
            .and(period.place, "in each of these")
            .help("give `time` at most the period"),
        );
    }
}

/// Deadlines and budgets are of those that preempt.
fn only_critical(view: &View<'_>, place: Place, code: Code, what: &str, out: &mut Mistakes) {
    let Some(criticality) = view.raw.criticality.filter(|c| !c.value.is_critical()) else {
        return;
    };
    out.push(
        Draft::new(
            code,
            format!("`{}` is QM and cannot have a {what}", view.name()),
            place,
            "kept for nobody",
        )
        .and(criticality.place, "QM: it runs when the critical ones idle")
        .help(format!("take the {what} out")),
    );
}

/// A watchdog waits longer than a healthy partition is silent.
fn check_hang(view: &View<'_>, out: &mut Mistakes) {
    let after = view.raw.on_hang.as_ref().and_then(|hang| hang.after);
    let period = view
        .raw
        .deadline
        .as_ref()
        .and_then(|deadline| deadline.period);
    let (Some(after), Some(period)) = (after, period) else {
        return;
    };
    if after.value <= period.value {
        out.push(
            Draft::new(
                Code::HangBeforePeriod,
                format!("a healthy `{}` would count as hung", view.name()),
                after.place,
                "not longer than its period",
            )
            .and(period.place, "it gives a sign of life this often")
            .help("give `after` more than one period"),
        );
    }
}

/// What happens at times of the monitor's choosing needs a timer of its own.
fn check_monitor_timer(scene: &Scene<'_>, out: &mut Mistakes) {
    if scene.board.monitor.timer.is_some() || brings_timer(&scene.board.controller) {
        return;
    }
    let budgets = scene
        .partitions
        .iter()
        .filter_map(|view| Some((view.raw.budget.as_ref()?.place, "a budget")));
    let hangs = scene
        .partitions
        .iter()
        .filter_map(|view| Some((view.raw.on_hang.as_ref()?.place, "hang detection")));
    let health = scene.raw.features.health_monitor.as_ref();
    let health = health.and_then(|h| Some((h.period?.place, "the health monitor")));
    for (place, what) in budgets.chain(hangs).chain(health) {
        out.push(
            Draft::new(
                Code::MonitorTimerMissing,
                format!("{what} needs a timer of the monitor's own, and the board names none"),
                place,
                "needs a timer",
            )
            .and(
                scene.board.monitor.ram_place,
                "all that the monitor has is listed here",
            )
            .help("take it out, or name a `timer:` in the board's `monitor:` section"),
        );
    }
}
