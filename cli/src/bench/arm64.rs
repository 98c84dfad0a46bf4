//! What is measured on arm64: six systems, the rich payload alone with and without tags, and the cockpit.

use std::time::Duration;

use super::account::{Account, Cost, Traced};
use super::metric::{ARM64, Peers};
use super::program::Program;
use super::scenario::{self, End};
use super::stretch::{Entry, Monitor, Shape};
use super::{Board, Error, MEASURED_BARE, Measured, Runs, bounds, network};
use super::{logs, options, payload, seen, serial, system};
use crate::build::{Builder, resolve};
use crate::emulator::Console;
use crate::repository::Repository;

pub(super) static BOARD: Board = Board {
    name: super::BOARD,
    metrics: ARM64,
    run,
    value,
};

fn run(repository: &Repository, linux: Option<Duration>) -> Result<Runs, Error> {
    let bounds = bounds::measure(repository)?;
    let mut accounts = Vec::new();
    for name in ["lazy", "eager", "bounded", "counters", "services", "moving"] {
        let measured = Measured {
            name,
            firmware: "benches/firmware",
            features: &[],
            ends: "critical",
            machine: |_| {},
        };
        accounts.push((name, system(repository, &measured)?));
    }
    accounts.push(("bare", bare(repository, "bare", &[])?));
    for (name, feature) in [("bare-siphash", "siphash"), ("bare-plain", "plain")] {
        accounts.push((name, bare(repository, name, &[feature.to_owned()])?));
    }
    let network = network::run(repository)?;
    if let Some(bound) = linux {
        accounts.push(("linux", cockpit(repository, bound)?));
    }
    Ok(Runs {
        board: &BOARD,
        accounts,
        bounds,
        network,
        peers: Peers::default(),
    })
}

/// A run of the cockpit with its Linux until that is up, or the time is. It is slow: each instruction of
/// Linux is a block of its own.
fn cockpit(repository: &Repository, bound: Duration) -> Result<Account, Error> {
    let file = repository.root().join("examples/cockpit/system.yaml");
    let plan = resolve::plan(repository, &file, false)?;
    let arch = plan.machine.arch;
    let built = Builder::new(repository, arch)?.build(&plan)?;
    let traced = Traced {
        monitor: Some(Monitor::new(arch, Program::read(&built.monitor)?)?),
        without_digests: true,
        ..Traced::default()
    };
    let consoles = serial(&plan);
    let linux = consoles.iter().position(|console| *console == "linux");
    let end = End::SaidOrAfter(Console(linux.unwrap_or(0)), "userland up", bound);
    let logs = logs(repository, "cockpit");
    scenario::run(options(&plan, built.flash), &consoles, traced, end, &logs)
}

/// A run of the rich payload alone, at EL2 of the same machine without a Secure state.
fn bare(repository: &Repository, name: &str, features: &[String]) -> Result<Account, Error> {
    let file = repository.root().join("benches/systems/lazy.yaml");
    let plan = resolve::plan(repository, &file, false)?;
    let payload = payload(repository, "benches/rich", features, &plan)?;
    let traced = Traced {
        rich: Some(Program::read(&payload)?),
        ..Traced::default()
    };
    // The machine wants a flash; its first core starts at the payload's entry all the same.
    let mut options = options(&plan, payload.clone());
    let machine = &mut options.machine;
    machine.machine = machine.machine.replace("secure=on", "secure=off");
    machine.cores = 1;
    let loader = format!("loader,file={},cpu-num=0", payload.display());
    options.more = vec!["-device".to_owned(), loader];
    let end = End::Said(Console(0), MEASURED_BARE);
    let logs = logs(repository, name);
    scenario::run(options, &["rich"], traced, end, &logs)
}

fn value(runs: &Runs, metric: &'static str) -> Result<Option<u64>, Error> {
    let lazy = runs.account("lazy")?;
    let most = |cost: Cost| seen(metric, (cost.times != 0).then_some(cost.most));
    let shape = |which: fn(Shape) -> bool| {
        let longest = lazy.longest(which).map(|(_, kind)| kind.cost.most);
        seen(metric, longest)
    };
    let value = match metric {
        "empty_call" | "cross_call" => runs.span("lazy", metric)?.least,
        "service_call" | "service_region" | "service_limit" | "service_c" | "hook_interrupt" => {
            runs.span("services", metric)?.least
        }
        // Some rings find the doorbell standing, and make no interrupt.
        "doorbell" => runs.span("services", metric)?.most,
        // In some, the emulator gives the core that it leaves another turn, with calls of Linux's in it.
        "migrate" => {
            let moves = &runs.account("moving")?.moves;
            seen(metric, moves.get(metric).copied())?.least
        }
        "preempt_to_handler" => most(lazy.to_handler)?,
        "preempt_to_handler_histograms" => most(runs.account("bounded")?.to_handler)?,
        "preempt_to_handler_counters" => most(runs.account("counters")?.to_handler)?,
        "preempt_to_handler_hooks" => most(runs.account("services")?.to_handler)?,
        "preempt_to_handler_eager" => most(runs.account("eager")?.to_handler)?,
        "stolen_per_tick" => shape(Shape::is_preemption)? + shape(Shape::is_yield)?,
        "floating_point_trap" => shape(Shape::is_floating_point_trap)?,
        "longest_masked" => runs.longest(metric, |run| !["linux", "moving"].contains(&run))?,
        "longest_masked_migration" => runs.longest(metric, |run| run == "moving")?,
        "longest_masked_linux" if runs.account("linux").is_err() => return Ok(None),
        "longest_masked_linux" => runs.longest(metric, |run| run == "linux")?,
        "boot_masked" => shape(|shape| shape.entry == Entry::Reset)?,
        // A tick may fall between; it is no part of the rich side's interrupt.
        "rich_irq" => runs.span("lazy", "rich_irq")?.least,
        "rich_irq_bare" => runs.span("bare", "rich_irq")?.least,
        "ring_packet" => runs.span("bare", metric)?.least,
        "ring_packet_plain" => runs.span("bare-plain", "ring_packet")?.least,
        "ring_packet_siphash" => runs.span("bare-siphash", "ring_packet")?.least,
        "reset_to_critical" => seen(metric, lazy.to_critical)?.monitor,
        "reset_to_rich" => seen(metric, lazy.to_rich)?.monitor,
        "image_load" => seen(metric, lazy.to_rich)?.image_load,
        "monitor_text" => lazy.text(),
        _ if metric.starts_with("ping_rtt") || metric.starts_with("tcp_segment") => {
            seen(metric, runs.network.get(metric).copied())?
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}
