//! `cofferdam bench`: what the monitor costs, in executed instructions.
//!
//! The emulator logs each instruction of the monitor ([`trace`]); the log is cut at the exception
//! vectors and at ERET ([`stretch`]) and added up ([`account`]). Nothing in the machine is changed to measure
//! it, and no clock is read, so the figures are exact and the same on every host, but for those with a Linux ([`network`]). Instructions are not
//! cycles, and no figure here says anything in seconds.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::build::plan::{Machine, Plan};
use crate::build::{self as builder, Builder, Built, resolve};
use crate::debian;
use crate::emulator::{self, Console, Missed, Options, Pace};
use crate::guest::Guest;
use crate::process;
use crate::repository::Repository;

pub mod account;
mod arm64;
pub mod bounds;
pub mod metric;
pub mod network;
pub mod program;
mod riscv64;
pub mod scenario;
pub mod stretch;
pub mod table;
pub mod trace;

use account::{Account, Cost, Traced};
use bounds::Bound;
use metric::{Figure, Figures, Metric, Peers};
use program::Program;
use scenario::{End, at};
use stretch::{Entry, Monitor};

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
    /// Another's firmware could not be had.
    #[error(transparent)]
    Debian(#[from] debian::Error),
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
    /// Something costs more than it may.
    #[error("above what docs/costs.md says it may cost: {}", .0.join(", "))]
    Missed(Vec<&'static str>),
    /// There are no benchmarks of this board.
    #[error("no benchmarks for board \"{0}\"; there are some for {names}", names = BOARDS.map(|it| it.name).join(", "))]
    NoBoard(String),
}

/// The board that the benchmarks run on, if none is named.
pub const BOARD: &str = "qemu-virt-arm64";

/// What a payload says at the end of what it does under the monitor.
const STOPPED: &str = "bench: stopped";
/// What it says after all that it does without one.
const MEASURED_BARE: &str = "bench: measured without the monitor";

/// The boards that there are benchmarks of.
const BOARDS: [&Board; 2] = [&arm64::BOARD, &riscv64::BOARD];

/// What is measured on a board.
#[derive(Debug)]
pub struct Board {
    /// The board.
    pub name: &'static str,
    /// The figures, in the order of the table.
    pub metrics: &'static [Metric],
    /// Its runs; the last one is of an example with its Linux, if that is to run so long.
    run: fn(&Repository, linux: Option<Duration>) -> Result<Runs, Error>,
    /// One of the figures; none where this run does not have it.
    value: fn(&Runs, metric: &'static str) -> Result<Option<u64>, Error>,
}

/// The runs that the figures are taken from.
#[derive(Debug)]
pub struct Runs {
    board: &'static Board,
    accounts: Vec<(&'static str, Account)>,
    /// What services execute, where they are measured.
    bounds: Vec<Bound>,
    /// What the network costs, likewise, by metric.
    network: BTreeMap<String, u64>,
    /// What else was measured, of another's firmware under the same payload.
    peers: Peers,
}

/// Runs everything; and `linux` long, if it is given, an example with it.
pub fn run(repository: &Repository, board: &str, linux: Option<Duration>) -> Result<Runs, Error> {
    let found = BOARDS.iter().find(|it| it.name == board);
    let board = found.ok_or_else(|| Error::NoBoard(board.to_owned()))?;
    (board.run)(repository, linux)
}

/// How a system is measured.
struct Measured<'a> {
    /// `benches/systems/NAME.yaml`.
    name: &'a str,
    /// Its firmware.
    firmware: &'a str,
    /// What it is built with.
    features: &'a [&'a str],
    /// The partition that says when the run is over.
    ends: &'a str,
    /// Changes the machine.
    machine: fn(&mut Machine),
}

/// A run of both payloads under the monitor.
fn system(repository: &Repository, it: &Measured<'_>) -> Result<Account, Error> {
    let root = repository.root();
    let file = root.join(format!("benches/systems/{}.yaml", it.name));
    let mut plan = resolve::plan(repository, &file, false)?;
    plan.firmware = root.join(it.firmware);
    plan.firmware_features = it.features.iter().map(|it| (*it).to_owned()).collect();
    (it.machine)(&mut plan.machine);
    let built = Builder::new(repository, plan.machine.arch)?.build(&plan)?;
    let monitor = Program::read(&built.monitor)?;
    let traced = Traced {
        monitor: Some(Monitor::new(plan.machine.arch, monitor)?),
        critical: Some(partition(&built, "critical")?),
        rich: Some(partition(&built, "rich")?),
        ..Traced::default()
    };
    let consoles = serial(&plan);
    let end = consoles.iter().position(|console| *console == it.ends);
    let end = End::Said(Console(end.unwrap_or(0)), STOPPED);
    let mut log = it.features.to_vec();
    log.insert(0, it.name);
    let logs = logs(repository, &log.join("-"));
    scenario::run(options(&plan, built.flash), &consoles, traced, end, &logs)
}

/// The consoles that are serial ports of the machine.
fn serial(plan: &Plan) -> Vec<&str> {
    let ports = plan.consoles.len() - plan.rings.len();
    plan.consoles
        .iter()
        .take(ports)
        .map(String::as_str)
        .collect()
}

/// A payload by itself, without a monitor.
fn payload(
    repository: &Repository,
    folder: &str,
    features: &[String],
    plan: &Plan,
) -> Result<PathBuf, Error> {
    let package = builder::cargo::Package {
        folder: &repository.root().join(folder),
        features,
        system: &plan.system,
        target: Guest::of(plan.machine.arch).target,
        sources: &[],
    };
    Ok(builder::cargo::program(repository, package)?)
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

impl Runs {
    /// The board that they are of.
    pub fn board(&self) -> &'static Board {
        self.board
    }

    /// What others need, measured in the same runs.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// The figures of these runs.
    pub fn figures(&self) -> Result<Figures, Error> {
        let mut results = Vec::new();
        for metric in self.board.metrics {
            if let Some(value) = (self.board.value)(self, metric.name)? {
                results.push(Figure {
                    board: self.board.name.to_owned(),
                    metric: metric.name.to_owned(),
                    value,
                    unit: metric.unit.to_owned(),
                });
            }
        }
        Ok(Figures { results })
    }

    fn account(&self, name: &'static str) -> Result<&Account, Error> {
        let mut accounts = self.accounts.iter();
        let found = accounts.find(|(known, _)| *known == name);
        Ok(&seen(name, found)?.1)
    }

    /// What lies between two labels of the payloads in a run.
    fn span(&self, run: &'static str, name: &'static str) -> Result<Cost, Error> {
        seen(name, self.account(run)?.spans.get(name).copied())
    }

    /// The longest stretch of all runs but those for which `counts` says no.
    fn longest(&self, metric: &'static str, counts: impl Fn(&str) -> bool) -> Result<u64, Error> {
        let runs = self.accounts.iter().filter(|(name, _)| counts(name));
        let each = runs.filter_map(|(_, account)| longest_masked(account));
        seen(metric, each.max())
    }

    /// Where the instructions of each kind of stretch go: its longest one, by function.
    pub fn profile(&self) -> String {
        let mut text = String::new();
        if !self.bounds.is_empty() {
            text += "services: executed, declared\n";
        }
        for Bound {
            service,
            declared,
            cost,
        } in &self.bounds
        {
            text += &format!("  {service}: {} to {}, {declared}\n", cost.least, cost.most);
        }
        for (name, account) in &self.accounts {
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

/// Makes these figures the ones to be committed, beside those of other boards.
pub fn save(repository: &Repository, board: &Board, figures: Figures) -> Result<(), Error> {
    let path = baseline_path(repository);
    let figures = baseline(repository)?.with(board.name, figures);
    let text = serde_json::to_string_pretty(&figures).map_err(|source| Error::Baseline {
        path: path.clone(),
        source,
    })?;
    std::fs::write(&path, text + "\n").map_err(at(&path))
}

fn baseline_path(repository: &Repository) -> PathBuf {
    repository.root().join("benches/baseline.json")
}
