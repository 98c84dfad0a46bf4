//! What a round trip and a stream's segments cost over VirtualNet, and over a pair of Linux's own.
//!
//! Nothing is traced: on one core that never waits, virtual time is executed instructions, and Linux reads the time.
//! `benches/network/programs/measure.c` says how it keeps the core from waiting.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::build::{Builder, resolve};
use crate::emulator::{Console, Emulator};
use crate::repository::Repository;

use super::{Error, logs, options};

/// Linux's kernel and both measurements.
const BOUND: Duration = Duration::from_secs(300);
/// What begins a figure, and what is said after the last.
const FIGURE: &str = "bench: ";
const LAST: &str = "measured on linux";
/// The kernel's module for the pair.
const PAIR: &str = "veth";

/// Figures by the names of their metrics.
pub fn run(repository: &Repository) -> Result<BTreeMap<String, u64>, Error> {
    let file = repository.root().join("benches/network/system.yaml");
    let mut plan = resolve::plan(repository, &file, false)?;
    plan.firmware = repository.root().join("benches/firmware");
    for partition in plan.partitions.iter_mut().filter(|it| it.runs_linux()) {
        partition.kernel_modules.push(PAIR.to_owned());
    }
    let built = Builder::new(repository, plan.machine.arch)?.build(&plan)?;
    let options = options(&plan, built.flash);
    let consoles: Vec<_> = plan.consoles.iter().map(String::as_str).collect();
    let linux = consoles.iter().position(|console| *console == "linux");
    let linux = Console(linux.unwrap_or(0));
    let emulator = Emulator::start(
        &options,
        &consoles,
        Vec::new(),
        &logs(repository, "network"),
    )?;
    let mut figures = BTreeMap::new();
    loop {
        let line = emulator.transcript().line(linux, FIGURE, BOUND)?;
        if line.ends_with(LAST) {
            return Ok(figures);
        }
        figures.extend(figure(&line));
    }
}

/// `bench: NAME=VALUE`
fn figure(line: &str) -> Option<(String, u64)> {
    let (name, value) = line.strip_prefix(FIGURE)?.split_once('=')?;
    Some((name.to_owned(), value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_a_name_and_a_number() {
        let expected = ("ping_rtt_veth".to_owned(), 7000);
        assert_eq!(figure("bench: ping_rtt_veth=7000"), Some(expected));
        assert_eq!(figure("bench: measured on linux"), None);
        assert_eq!(figure("bench: a=b"), None);
    }
}
