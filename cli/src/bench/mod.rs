//! `cofferdam bench`: what the monitor costs, in executed instructions.
//!
//! The emulator logs each instruction of the monitor ([`trace`]); the log is cut at the exception
//! vectors and at ERET ([`stretch`]) and added up ([`account`]). Nothing in the machine is changed to measure
//! it, and no clock is read, so the figures are exact and the same on every host. Instructions are not
//! cycles, and no figure here says anything in seconds.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::build::{self as builder, Builder, Built, plan::Plan, resolve};
use crate::emulator::{self, Console, Missed, Options, Pace};
use crate::guest::Guest;
use crate::process;
use crate::repository::Repository;

pub mod account;
pub mod bounds;
pub mod metric;
pub mod network;
pub mod program;
pub mod scenario;
pub mod stretch;
pub mod table;
pub mod trace;

use account::{Account, Cost, Traced};
use bounds::Bound;
use metric::{ARM64, Figure, Figures};
use program::Program;
use scenario::{End, at};
use stretch::{Entry, Monitor, Shape};

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program cannot be traced.
    #[error(transparent)]
    Program(#[from] program::Error),
    /// The system that is measured cannot be planned.
    #[error(transparent)]
    Resolve(#[from] resolve::Error),
    /// It was not built.
    #[error(transparent)]
    Build(#[from] builder::Error),
    /// The payload was not built.
    #[error(transparent)]
    Cargo(#[from] builder::cargo::Error),
    /// The emulator does not run.
    #[error(transparent)]
    Emulator(#[from] emulator::Error),
    /// A program that this runs failed.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The payload did not come to its end.
    #[error("the payload did not come to its end: {0}")]
    NotEnded(#[from] Missed),
    /// The committed figures cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Baseline {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The thread that reads the log ended early.
    #[error("the log of instructions was not read to its end")]
    Reader,
    /// What is to be measured did not happen.
    #[error("{0} did not happen in the run")]
    NotSeen(&'static str),
    /// The payload cannot take a partition's place.
    #[error(transparent)]
    Plan(#[from] builder::change::Error),
    /// A service takes longer than its description says.
    #[error(
        "service `{service}` executes {most} instructions, and its description says {declared} at most: \
         raise `instructions:`, or shorten its handler"
    )]
    OverBound {
        /// The service.
        service: String,
        /// `instructions:`.
        declared: u32,
        /// What was counted.
        most: u64,
    },
    /// It is not known what a service takes.
    #[error(
        "service `{0}` was not called in the run: have `tests/payloads/caller` call it, or the cluster"
    )]
    NotCalled(String),
    /// There are no benchmarks of this board.
    #[error("no benchmarks for board \"{0}\"; there are some for {BOARD}")]
    NoBoard(String),
}

/// The board that the benchmarks run on.
pub const BOARD: &str = "qemu-virt-arm64";

/// What the payload says after all that it does without the monitor.
const MEASURED_BARE: &str = "bench: measured without the monitor";
/// What the critical payload says when the rich one has stopped.
const STOPPED: &str = "bench: stopped";

/// The runs that the figures are taken from.
#[derive(Debug)]
pub struct Runs {
    lazy: Account,
    eager: Account,
    bounded: Account,
    services: Account,
    moving: Account,
    bare: Account,
    linux: Option<Account>,
    bounds: Vec<Bound>,
    network: BTreeMap<String, u64>,
    text: u64,
}

/// Runs everything; and `linux` long, if it is given, the cockpit.
pub fn run(repository: &Repository, board: &str, linux: Option<Duration>) -> Result<Runs, Error> {
    if board != BOARD {
        return Err(Error::NoBoard(board.to_owned()));
    }
    let bounds = bounds::measure(repository)?;
    let lazy = system(repository, "lazy")?;
    let eager = system(repository, "eager")?;
    let bounded = system(repository, "bounded")?;
    let services = system(repository, "services")?;
    let moving = system(repository, "moving")?;
    let bare = bare(repository)?;
    let network = network::run(repository)?;
    let linux = linux.map(|bound| cockpit(repository, bound)).transpose()?;
    let monitor = lazy.traced().monitor.as_ref();
    let text = monitor.map_or(0..0, Monitor::text);
    Ok(Runs {
        text: text.end - text.start,
        lazy,
        eager,
        bounded,
        services,
        moving,
        bare,
        linux,
        bounds,
        network,
    })
}

/// A run of both payloads under the monitor, as `benches/systems/NAME.yaml` describes it.
fn system(repository: &Repository, name: &str) -> Result<Account, Error> {
    let file = repository
        .root()
        .join(format!("benches/systems/{name}.yaml"));
    let mut plan = resolve::plan(repository, &file, false)?;
    plan.firmware = repository.root().join("benches/firmware");
    let built = Builder::new(repository, plan.machine.arch)?.build(&plan)?;
    let traced = Traced {
        monitor: Some(Monitor::new(Program::read(&built.monitor)?)?),
        critical: Some(partition(&built, "critical")?),
        rich: Some(partition(&built, "rich")?),
        ..Traced::default()
    };
    let consoles: Vec<_> = plan.consoles.iter().map(String::as_str).collect();
    let critical = consoles.iter().position(|console| *console == "critical");
    let end = End::Said(Console(critical.unwrap_or(0)), STOPPED);
    let logs = logs(repository, name);
    scenario::run(options(&plan, built.flash), &consoles, traced, end, &logs)
}

/// A run of the cockpit with its Linux until that is up, or the time is. It is slow: each instruction of
/// Linux is a block of its own.
fn cockpit(repository: &Repository, bound: Duration) -> Result<Account, Error> {
    let file = repository.root().join("examples/cockpit/system.yaml");
    let plan = resolve::plan(repository, &file, false)?;
    let built = Builder::new(repository, plan.machine.arch)?.build(&plan)?;
    let traced = Traced {
        monitor: Some(Monitor::new(Program::read(&built.monitor)?)?),
        without_digests: true,
        ..Traced::default()
    };
    let consoles: Vec<_> = plan.consoles.iter().map(String::as_str).collect();
    let linux = consoles.iter().position(|console| *console == "linux");
    let end = End::SaidOrAfter(Console(linux.unwrap_or(0)), "userland up", bound);
    let logs = logs(repository, "cockpit");
    scenario::run(options(&plan, built.flash), &consoles, traced, end, &logs)
}

fn partition(built: &Built, name: &'static str) -> Result<Program, Error> {
    let mut programs = built.programs.iter();
    let found = programs.find(|(partition, _)| partition == name);
    let (_, path) = found.ok_or(Error::NotSeen(name))?;
    Ok(Program::read(path)?)
}

fn options(plan: &Plan, flash: PathBuf) -> Options {
    Options {
        machine: plan.machine.clone(),
        flash,
        flash_size: plan.flash.size,
        pace: Pace::Counted,
        rings: Vec::new(),
        more: Vec::new(),
    }
}

fn logs(repository: &Repository, name: &str) -> PathBuf {
    repository.output().join("logs/bench").join(name)
}

/// A run of the rich payload alone, at EL2 of the same machine without a Secure state.
fn bare(repository: &Repository) -> Result<Account, Error> {
    let file = repository.root().join("benches/systems/lazy.yaml");
    let plan = resolve::plan(repository, &file, false)?;
    let package = builder::cargo::Package {
        folder: &repository.root().join("benches/rich"),
        features: &[],
        system: &file,
        target: Guest::of(plan.machine.arch).target,
    };
    let payload = builder::cargo::program(repository, package)?;
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
    let logs = logs(repository, "bare");
    scenario::run(options, &["rich"], traced, end, &logs)
}

impl Runs {
    /// The figures of these runs.
    pub fn figures(&self) -> Result<Figures, Error> {
        let mut results = Vec::new();
        for metric in ARM64 {
            if let Some(value) = self.value(metric.name)? {
                results.push(Figure {
                    board: BOARD.to_owned(),
                    metric: metric.name.to_owned(),
                    value,
                    unit: metric.unit.to_owned(),
                });
            }
        }
        Ok(Figures { results })
    }

    fn value(&self, metric: &'static str) -> Result<Option<u64>, Error> {
        let lazy = &self.lazy;
        let most = |cost: Cost| seen(metric, (cost.times != 0).then_some(cost.most));
        let span = |account: &Account, name| seen(metric, account.spans.get(name).copied());
        let shape = |which: fn(Shape) -> bool| {
            let longest = lazy.longest(which).map(|(_, kind)| kind.cost.most);
            seen(metric, longest)
        };
        let value = match metric {
            "empty_call" => span(lazy, "empty_call")?.least,
            "service_call" | "service_region" | "service_limit" | "service_c" => {
                span(&self.services, metric)?.least
            }
            // Some rings find the doorbell standing, and make no interrupt.
            "doorbell" => span(&self.services, metric)?.most,
            "migrate" => seen(metric, self.moving.moves.get(metric).copied())?.most,
            "cross_call" => span(lazy, "cross_call")?.least,
            "preempt_to_handler" => most(lazy.to_handler)?,
            "preempt_to_handler_histograms" => most(self.bounded.to_handler)?,
            "preempt_to_handler_hooks" => most(self.services.to_handler)?,
            "preempt_to_handler_eager" => most(self.eager.to_handler)?,
            "stolen_per_tick" => shape(Shape::is_preemption)? + shape(Shape::is_yield)?,
            "floating_point_trap" => shape(Shape::is_floating_point_trap)?,
            "longest_masked" => {
                let runs = [
                    lazy,
                    &self.eager,
                    &self.bounded,
                    &self.services,
                    &self.moving,
                ];
                let each = runs.iter().filter_map(|account| longest_masked(account));
                seen(metric, each.max())?
            }
            "longest_masked_linux" => {
                let Some(linux) = &self.linux else {
                    return Ok(None);
                };
                seen(metric, longest_masked(linux))?
            }
            "boot_masked" => shape(|shape| shape.entry == Entry::Reset)?,
            // A tick may fall between; it is no part of the rich side's interrupt.
            "rich_irq" => span(lazy, "rich_irq")?.least,
            "rich_irq_bare" => span(&self.bare, "rich_irq")?.least,
            "ring_packet" => span(&self.bare, metric)?.least,
            "reset_to_critical" => seen(metric, lazy.to_critical)?.monitor,
            "reset_to_rich" => seen(metric, lazy.to_rich)?.monitor,
            "image_load" => seen(metric, lazy.to_rich)?.image_load,
            "monitor_text" => self.text,
            _ if metric.starts_with("ping_rtt") || metric.starts_with("tcp_segment") => {
                seen(metric, self.network.get(metric).copied())?
            }
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    /// Where the instructions of each kind of stretch go: its longest one, by function.
    pub fn profile(&self) -> String {
        let mut text = String::new();
        let linux = self.linux.iter().map(|account| ("linux", account));
        let runs = [
            ("lazy", &self.lazy),
            ("eager", &self.eager),
            ("bounded", &self.bounded),
            ("services", &self.services),
            ("moving", &self.moving),
        ];
        text += "services: executed, declared\n";
        for Bound {
            service,
            declared,
            cost,
        } in &self.bounds
        {
            text += &format!("  {service}: {} to {}, {declared}\n", cost.least, cost.most);
        }
        for (name, account) in runs.into_iter().chain(linux) {
            text += &format!("{name}\n");
            text += &profile(account);
        }
        text
    }
}

/// Before its first ERET a core has nobody whose interrupt could wait.
fn longest_masked(account: &Account) -> Option<u64> {
    let longest = account.longest(|shape| shape.entry != Entry::Reset);
    longest.map(|(_, kind)| kind.cost.most)
}

fn seen<T>(what: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or(Error::NotSeen(what))
}

fn profile(account: &Account) -> String {
    let Some(monitor) = &account.traced().monitor else {
        return String::new();
    };
    let mut kinds: Vec<_> = account.stretches.iter().collect();
    kinds.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.cost.most));
    let mut text = String::new();
    for (shape, kind) in kinds {
        let Cost { times, least, most } = kind.cost;
        text +=
            &format!("  {shape}: {least} to {most} instructions, {times} times; the longest:\n");
        let mut functions: Vec<(&str, u64)> = Vec::new();
        for pc in &kind.longest {
            let symbol = monitor.program().symbol_at(*pc);
            match functions.iter_mut().find(|(name, _)| *name == symbol) {
                Some((_, count)) => *count += 1,
                None => functions.push((symbol, 1)),
            }
        }
        functions.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (name, count) in functions {
            text += &format!("    {count:>7} {name}\n");
        }
    }
    text
}

/// The committed figures; none before the first ones are.
pub fn baseline(repository: &Repository) -> Result<Figures, Error> {
    let path = baseline_path(repository);
    if !path.exists() {
        return Ok(Figures::default());
    }
    let text = std::fs::read_to_string(&path).map_err(at(&path))?;
    serde_json::from_str(&text).map_err(|source| Error::Baseline { path, source })
}

/// Makes these figures the ones to be committed.
pub fn save(repository: &Repository, figures: &Figures) -> Result<(), Error> {
    let path = baseline_path(repository);
    let text = serde_json::to_string_pretty(figures).map_err(|source| Error::Baseline {
        path: path.clone(),
        source,
    })?;
    std::fs::write(&path, text + "\n").map_err(at(&path))
}

fn baseline_path(repository: &Repository) -> PathBuf {
    repository.root().join("benches/baseline.json")
}
