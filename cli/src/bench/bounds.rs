//! What a service declares as its `instructions`, against what it executes: from the first to the last instruction of what is
//! generated for it, its checks, its handler and its results.
//!
//! The calls are those that `tests/payloads/caller` makes as it may.

use std::collections::BTreeMap;

use super::account::{Cost, Traced};
use super::program::Program;
use super::scenario::{self, End};
use super::stretch::Monitor;
use super::{Error, logs, options};
use crate::build::{Builder, resolve};
use crate::emulator::Console;
use crate::repository::Repository;

/// What the payload says when it has called them all.
const CALLED: &str = "caller: every service answers";

/// A service of the monitor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Its name.
    pub service: String,
    /// What its description says.
    pub declared: u32,
    /// What it took.
    pub cost: Cost,
}

/// Runs the cockpit's services, and compares.
pub fn measure(repository: &Repository) -> Result<Vec<Bound>, Error> {
    let file = repository.root().join("examples/cockpit/system.yaml");
    let system = resolve::load(repository, &file, false)?;
    let services = system.services.iter();
    let declared: BTreeMap<_, _> = services
        .filter_map(|it| Some((it.name.clone(), it.instructions()?)))
        .collect();
    let mut plan = resolve::plan(repository, &file, false)?;
    let payload = repository.root().join("tests/payloads/caller");
    plan.replace_image("linux", payload)?;
    let built = Builder::new(repository, plan.machine.arch)?.build(&plan)?;
    let traced = Traced {
        monitor: Some(Monitor::new(
            plan.machine.arch,
            Program::read(&built.monitor)?,
        )?),
        services: declared.keys().cloned().collect(),
        without_digests: true,
        ..Traced::default()
    };
    let consoles: Vec<_> = plan.consoles.iter().map(String::as_str).collect();
    let linux = consoles.iter().position(|console| *console == "linux");
    let end = End::Said(Console(linux.unwrap_or(0)), CALLED);
    let logs = logs(repository, "services-bounds");
    let account = scenario::run(options(&plan, built.flash), &consoles, traced, end, &logs)?;
    compare(declared, &account.services)
}

/// Each of them was called, and none took more than it says.
fn compare(
    declared: BTreeMap<String, u32>,
    executed: &BTreeMap<String, Cost>,
) -> Result<Vec<Bound>, Error> {
    let services = declared.into_iter();
    let bounds = services.map(|(service, declared)| match executed.get(&service) {
        None => Err(Error::NotCalled(service)),
        Some(cost) if cost.most > u64::from(declared) => Err(Error::OverBound {
            service,
            declared,
            most: cost.most,
        }),
        Some(cost) => Ok(Bound {
            service,
            declared,
            cost: *cost,
        }),
    });
    bounds.collect()
}

/// The service that a function was generated for, by its symbol: `call_NAME` with its length before it, in either of Rust's
/// manglings.
pub fn service_of(symbol: &str) -> Option<&str> {
    let at = symbol.find("call_")?;
    let (before, from) = symbol.split_at_checked(at)?;
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let length = before.get(before.len() - digits..)?.parse().ok()?;
    from.get(..length)?.strip_prefix("call_")
}

/// The instructions of each service in a stretch.
pub fn in_stretch(handlers: &BTreeMap<u64, (u64, String)>, pcs: &[u64]) -> Option<(String, u64)> {
    let of = |pc: u64| {
        let (_, (end, name)) = handlers.range(..=pc).next_back()?;
        (pc < *end).then_some(name)
    };
    let first = pcs.iter().position(|pc| of(*pc).is_some())?;
    let last = pcs.iter().rposition(|pc| of(*pc).is_some())?;
    Some((of(*pcs.get(first)?)?.clone(), (last - first) as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_its_symbol() {
        let legacy = "_ZN26cofferdam_cockpit_firmware18call_odometer_read17h0123456789abcdefE";
        assert_eq!(service_of(legacy), Some("odometer_read"));
        let new = "_RNvCsabc_26cofferdam_cockpit_firmware8call_set";
        assert_eq!(service_of(new), Some("set"));
        assert_eq!(service_of("cofferdam_call_table"), None);
    }

    #[test]
    fn what_a_service_calls_is_its_own() {
        let handlers = BTreeMap::from([(0x100, (0x120, "one".to_owned()))]);
        let pcs = [0, 0x100, 0x200, 0x204, 0x104, 0x300];
        assert_eq!(in_stretch(&handlers, &pcs), Some(("one".to_owned(), 4)));
        assert_eq!(in_stretch(&handlers, &[0, 0x120]), None);
    }

    #[test]
    fn one_instruction_more_than_declared_is_too_many() {
        let declared = || BTreeMap::from([("one".to_owned(), 20)]);
        let took = |most| {
            let (times, least) = (2, 1);
            BTreeMap::from([("one".to_owned(), Cost { times, least, most })])
        };
        assert!(compare(declared(), &took(20)).is_ok());
        let refused = compare(declared(), &took(21)).unwrap_err().to_string();
        assert!(
            refused.contains("`one`") && refused.contains("21"),
            "{refused}"
        );
        let missing = compare(declared(), &BTreeMap::new()).unwrap_err();
        assert!(matches!(missing, Error::NotCalled(service) if service == "one"));
    }
}
