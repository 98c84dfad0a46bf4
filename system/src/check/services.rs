//! What the user adds to the monitor's calls: who calls, who does the work, for how long.

use super::board::empty_list;
use super::scene::{Scene, View};
use super::{service_numbers, service_values};
use crate::arch::State;
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::model::Convention;
use crate::raw::service::Service;
use crate::suggest::did_you_mean;

/// Words that Rust (2024) or C (C23) keep for themselves, and the ones that generated functions use. A name becomes
/// a method, a module, a parameter and a C function. One line, for a list that nobody reads.
#[rustfmt::skip]
const RESERVED: &str = " abstract alignas alignof as async auto await become bool bounds box break caller case char check const constexpr continue crate default do double dyn else enum extern false final float fn for gen goto if impl in inline int int64_t let long loop macro match mod move mut nullptr override owner partition priv pub ref register registers request requests restrict return self service services short signed sizeof static status struct super switch trait true try type typedef typeof uint32_t uint64_t uintptr_t union unsafe unsigned unsized use virtual void volatile where while yield ";

/// The word for the monitor itself among handlers.
pub(crate) const MONITOR: &str = "monitor";

/// Instructions that a monitor-handled service may take: with the path to it, well below the longest
/// stretch with FIQ masked, which is the most that a critical interrupt waits.
const LONGEST: u32 = 1_000;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for service in &scene.raw.services {
        check_name(&service.name, out);
        check_callers(scene, service, out);
        check_states(scene, service, out);
        check_handler(scene, service, out);
        check_limit(service, out);
        service_values::check(service, out);
    }
    service_numbers::check(scene, out);
}

pub(super) fn check_name(name: &At<String>, out: &mut Mistakes) {
    // Registers, in C.
    let digits = name.value.strip_prefix('x').unwrap_or_default();
    let register = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if register || RESERVED.contains(&format!(" {} ", name.value)) {
        out.push(
            Draft::new(
                Code::ServiceNameReserved,
                format!("`{}` cannot be a name in Rust and C", name.value),
                name.place,
                "a word of the language",
            )
            .help(format!(
                "write another name, such as `{}_value`",
                name.value
            )),
        );
    }
}

fn check_callers(scene: &Scene<'_>, service: &Service, out: &mut Mistakes) {
    let Some(callers) = &service.callers else {
        return;
    };
    if callers.is_empty() {
        let message = format!("nobody may call `{}`", service.name.value);
        let help = "name a partition in `callers`";
        out.push(empty_list(service.name.place, &message, help));
    }
    for (n, caller) in callers.iter().enumerate() {
        let known = scene.partitions.iter().map(|view| view.name());
        if !known.clone().any(|known| known == caller.value) {
            out.push(
                Draft::new(
                    Code::ServiceCallerUnknown,
                    format!("there is no partition `{}`", caller.value),
                    caller.place,
                    "unknown",
                )
                .and(scene.raw.partitions_place, "the partitions")
                .help(did_you_mean(&caller.value, known)),
            );
        }
        if let Some(first) = callers.iter().take(n).find(|it| it.value == caller.value) {
            out.push(
                Draft::new(
                    Code::ServiceCallerTwice,
                    format!("`{}` is listed twice", caller.value),
                    caller.place,
                    "listed again here",
                )
                .and(first.place, "first listed here")
                .help("keep one of the two"),
            );
        }
    }
}

/// AArch32 has the 32-bit convention alone (DEN0028, SMC32 and SMC64), and so do requests have no caller and no handler there.
fn check_states(scene: &Scene<'_>, service: &Service, out: &mut Mistakes) {
    if service
        .convention
        .is_some_and(|it| it.value == Convention::Smc32)
    {
        return;
    }
    let callers = service.callers.iter().flatten();
    for name in callers.chain(&service.handler) {
        let mut views = scene.partitions.iter();
        let view = views.find(|view| view.name() == name.value);
        let state = view.and_then(|view| view.raw.entry.as_ref()?.state);
        if let Some(state) = state.filter(|it| it.value == State::Aarch32) {
            out.push(
                Draft::new(
                    Code::ServiceState,
                    format!("`{}` has no calls of 64 bits", name.value),
                    name.place,
                    "in the 64-bit convention",
                )
                .and(state.place, "in AArch32")
                .help("write `convention: 32`, where the monitor handles it, or leave the partition out"),
            );
        }
    }
}

fn check_handler(scene: &Scene<'_>, service: &Service, out: &mut Mistakes) {
    let Some(handler) = &service.handler else {
        return;
    };
    if handler.value == MONITOR {
        return check_bound(service, handler, out);
    }
    let mut partitions = scene.partitions.iter();
    if let Some(view) = partitions.find(|view| view.name() == handler.value) {
        return check_submitted(scene, service, handler, view, out);
    }
    let known = scene.partitions.iter().map(|view| view.name());
    out.push(
        Draft::new(
            Code::ServiceHandlerUnknown,
            format!("there is no partition `{}`", handler.value),
            handler.place,
            "neither a partition nor `monitor`",
        )
        .and(scene.raw.partitions_place, "the partitions")
        .help(did_you_mean(&handler.value, known.chain([MONITOR]))),
    );
}

/// A partition handles requests in the time that its deadlines leave.
fn check_submitted(
    scene: &Scene<'_>,
    service: &Service,
    handler: &At<String>,
    view: &View<'_>,
    out: &mut Mistakes,
) {
    if !view.raw.is_critical() {
        out.push(
            Draft::new(
                Code::ServiceHandlerRich,
                "only a critical partition handles services of others",
                handler.place,
                "not critical: nothing says that it ever gets to it",
            )
            .help("name a critical partition, or `monitor`, if the work is short and bounded"),
        );
    }
    for caller in service.callers.iter().flatten() {
        let mut partitions = scene.partitions.iter();
        let critical = partitions.any(|it| it.name() == caller.value && it.raw.is_critical());
        if critical {
            out.push(
                Draft::new(
                    Code::ServiceCallerCritical,
                    "a critical partition would wait for what another's deadlines leave",
                    caller.place,
                    "a critical partition",
                )
                .and(handler.place, "handled by a partition, in its slack")
                .help("take it out of `callers`, or let the monitor handle the service"),
            );
        }
    }
    check_keys(service, handler, out);
    check_poll(scene, service, out);
}

/// The function that asks for an answer has a name of its own.
fn check_poll(scene: &Scene<'_>, service: &Service, out: &mut Mistakes) {
    let poll = format!("{}_poll", service.name.value);
    let mut others = scene.raw.services.iter();
    if let Some(other) = others.find(|it| it.name.value == poll) {
        out.push(
            Draft::new(
                Code::ServiceNameTwice,
                format!(
                    "`{poll}` is how the answer of `{}` is asked for",
                    service.name.value
                ),
                other.name.place,
                "named again here",
            )
            .and(service.name.place, "handled by a partition")
            .help("give one of them another name"),
        );
    }
}

/// Keys that mean nothing for what a partition handles.
fn check_keys(service: &Service, handler: &At<String>, out: &mut Mistakes) {
    let instructions = service.instructions.map(|it| (it.place, "instructions"));
    let language = service.language.map(|it| (it.place, "language"));
    for (place, key) in [instructions, language].into_iter().flatten() {
        out.push(
            Draft::new(
                Code::ServiceKeyOfMonitor,
                format!("`{key}` says how the monitor handles a service"),
                place,
                "without effect",
            )
            .and(handler.place, "a partition handles this one")
            .help("leave it out"),
        );
    }
    let narrow = service
        .convention
        .filter(|it| it.value == Convention::Smc32);
    if let Some(convention) = narrow {
        out.push(
            Draft::new(
                Code::ServiceTicketTooWide,
                "the ticket of a request has 64 bits",
                convention.place,
                "registers of 32 bits",
            )
            .and(handler.place, "a partition handles this one")
            .help("write `convention: 64`, or leave it out"),
        );
    }
}

/// The monitor's handlers run with every interrupt masked.
fn check_bound(service: &Service, handler: &At<String>, out: &mut Mistakes) {
    let Some(instructions) = service.instructions else {
        out.push(
            Draft::new(
                Code::ServiceUnbounded,
                "the monitor handles only what is bounded",
                handler.place,
                "for how long?",
            )
            .help(format!(
                "add `instructions:`, the most that your handler executes: at most {LONGEST}"
            )),
        );
        return;
    };
    if instructions.value == 0 || instructions.value > LONGEST {
        out.push(
            Draft::new(
                Code::ServiceTooLong,
                "the critical partition's interrupts would wait too long",
                instructions.place,
                "so long with all interrupts masked",
            )
            .help(format!(
                "give 1 to {LONGEST}, and let a partition do longer work"
            )),
        );
    }
}

fn check_limit(service: &Service, out: &mut Mistakes) {
    let burst = service.limit.as_ref().and_then(|limit| limit.burst);
    if let Some(burst) = burst.filter(|burst| burst.value == 0) {
        out.push(
            Draft::new(
                Code::ServiceBurstZero,
                "a limit that lets nothing through",
                burst.place,
                "no call at all",
            )
            .help("give a burst of 1 or more, or leave it out"),
        );
    }
}
