//! What `features:` asks for.

use super::policies;
use super::scene::Scene;
use crate::arch;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Failure, OnFault};
use crate::raw::features::{Fpu, Log, TestTime};
use crate::suggest::did_you_mean;

/// Room for what a report shows, and as much again.
const LEAST_RING: u64 = 1 << 10;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    check_fpu(scene, out);
    check_self_tests(scene, out);
    check_health(scene, out);
    check_safe_state(scene, out);
    if let Some(log) = &scene.raw.features.log {
        check_log_device(scene, log, out);
        check_log_ring(scene, log, out);
    }
}

fn check_fpu(scene: &Scene<'_>, out: &mut Mistakes) {
    let Some(Fpu::Exclusive(name)) = &scene.raw.features.fpu else {
        return;
    };
    let known = scene.partitions.iter().map(|view| view.name());
    if !known.clone().any(|known| known == name.value) {
        out.push(
            Draft::new(
                Code::FpuExclusiveUnknown,
                format!("there is no partition `{}`", name.value),
                name.place,
                "unknown",
            )
            .and(scene.raw.partitions_place, "the partitions")
            .help(did_you_mean(&name.value, known)),
        );
    }
}

/// Periodic tests run with the health monitor, whose period they take.
fn check_self_tests(scene: &Scene<'_>, out: &mut Mistakes) {
    let features = &scene.raw.features;
    let Some(tests) = &features.self_tests else {
        return;
    };
    let periodic = tests.at.iter().flatten().any(|at| *at == TestTime::Period);
    if periodic && features.health_monitor.is_none() {
        out.push(
            Draft::new(
                Code::SelfTestsWithoutPeriod,
                "periodic self-tests without a period",
                tests.place,
                "how often?",
            )
            .help(
                "add `health_monitor: { period: 100ms, on_fault: repair }`, or test at boot only",
            ),
        );
    }
}

/// Steps are made on a core whose timer is the monitor's, or when a critical partition reports a job.
fn check_health(scene: &Scene<'_>, out: &mut Mistakes) {
    let health = scene.raw.features.health_monitor.as_ref();
    let Some(period) = health.and_then(|health| health.period) else {
        return;
    };
    let critical = || {
        scene
            .partitions
            .iter()
            .filter(|view| view.raw.is_critical())
    };
    let cores = critical().filter_map(|view| view.raw.cores.as_ref());
    let taken: Vec<_> = cores.flat_map(|cores| cores.all()).collect();
    let is_taken = |core: usize| taken.iter().any(|it| it.value as usize == core);
    let free = (0..scene.board.cores.len()).any(|core| !is_taken(core));
    let reports = critical().any(|view| view.raw.deadline.is_some());
    if free || reports {
        return;
    }
    let mut draft = Draft::new(
        Code::HealthWithoutSteps,
        "the health monitor never has a core to look from",
        period.place,
        "in none of these",
    );
    for view in critical() {
        draft = draft.and(
            view.raw.name.place,
            "takes its cores whole, and reports no jobs",
        );
    }
    out.push(draft.help("give a critical partition a `deadline:`, or leave a core without one"));
}

/// The safe state is one that the board describes.
fn check_safe_state(scene: &Scene<'_>, out: &mut Mistakes) {
    let features = &scene.raw.features;
    let on_fault = features.health_monitor.as_ref().and_then(|h| h.on_fault);
    let on_failure = features.self_tests.as_ref().and_then(|t| t.on_failure);
    let on_fault = on_fault
        .filter(|it| it.value == OnFault::SafeState)
        .map(|it| it.place);
    let on_failure = on_failure
        .filter(|it| it.value == Failure::SafeState)
        .map(|it| it.place);
    for place in on_fault.into_iter().chain(on_failure) {
        policies::check_safe_state(scene, place, out);
    }
}

fn check_log_device(scene: &Scene<'_>, log: &Log, out: &mut Mistakes) {
    let Some(name) = &log.device else {
        return;
    };
    let Some((id, device)) = scene.device(name, out) else {
        return;
    };
    if !device.kind.is_console() {
        out.push(
            Draft::new(
                Code::LogDeviceUnsuited,
                format!("the monitor cannot print on `{}`", device.name),
                name.place,
                format!("of type {}", device.kind.as_str()),
            )
            .and(device.place, "declared here")
            .help(format!("name a device of type {}", arch::CONSOLE_TYPES)),
        );
    }
    // A critical owner may share it: the monitor prints only before it starts and at a panic.
    for (view, place) in scene.owners(id).filter(|(view, _)| view.raw.is_rich()) {
        out.push(
            Draft::new(
                Code::LogDeviceRich,
                format!("`{}` could fake or block the monitor's log", view.name()),
                name.place,
                "the monitor prints here",
            )
            .and(place, "a rich partition has it")
            .help("name another device, or take it from the partition"),
        );
    }
}

fn check_log_ring(scene: &Scene<'_>, log: &Log, out: &mut Mistakes) {
    let Some(ring) = log.ring else {
        return;
    };
    let ram = scene.board.monitor.ram.len().get();
    if !ring.value.0.is_power_of_two() || ring.value.0 < LEAST_RING {
        out.push(
            Draft::new(
                Code::LogRingSize,
                "the size of the log's ring is not a power of two from 1 KiB on",
                ring.place,
                "this size",
            )
            .help("write a power of two, such as 64KiB: a record takes 32 bytes"),
        );
    } else if ring.value.0 > ram / 2 {
        out.push(
            Draft::new(
                Code::LogRingTooLarge,
                "the log's ring would take more than half of the monitor's RAM",
                ring.place,
                "this size",
            )
            .and(
                scene.board.monitor.ram_place,
                format!("{} KiB in all", ram >> 10),
            )
            .help(format!("give at most {}KiB", ram >> 11)),
        );
    }
}
