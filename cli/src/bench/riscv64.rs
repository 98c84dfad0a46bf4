//! What is measured on riscv64: two partitions that share a hart, with floating point and without, and the same payload under
//! Debian's OpenSBI.
//!
//! One hart, for more of them are one stream of instructions to the emulator.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::account::{Account, Traced};
use super::metric::{Peers, RISCV64};
use super::program::Program;
use super::scenario::{self, End, at};
use super::stretch::{Entry, Slot};
use super::{Board, Error, MEASURED_BARE, Measured, Runs};
use super::{logs, options, payload, seen, system};
use crate::build::plan::{Boot, Machine};
use crate::build::resolve;
use crate::cache::Cache;
use crate::debian::{self, lock::Lock};
use crate::emulator::Console;
use crate::guest::Guest;
use crate::repository::Repository;

pub(super) static BOARD: Board = Board {
    name: "qemu-virt-riscv64",
    metrics: RISCV64,
    run,
    value,
};

/// The package and its file: what starts a payload at a fixed address.
const OPENSBI: &str = "opensbi";
const OPENSBI_FILE: &str = "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin";
/// Where it lies: the RAM before the payload's.
const OPENSBI_AT: std::ops::Range<u64> = 0x8000_0000..0x8020_0000;

const SYSTEM: Measured<'_> = Measured {
    name: "hart",
    firmware: "benches/riscv64/firmware",
    features: &[],
    ends: "rich",
    machine: |machine| machine.cores = 1,
};

fn run(repository: &Repository, _linux: Option<Duration>) -> Result<Runs, Error> {
    let without = Measured {
        machine: |machine: &mut Machine| {
            machine.cores = 1;
            machine.cpu += ",f=off,d=off";
        },
        ..SYSTEM
    };
    let no_time = Measured {
        features: &["no-time"],
        ..SYSTEM
    };
    let services = Measured {
        name: "hart_services",
        ..SYSTEM
    };
    let (peer, peers) = opensbi(repository)?;
    Ok(Runs {
        board: &BOARD,
        accounts: vec![
            ("floating point", system(repository, &SYSTEM)?),
            ("none", system(repository, &without)?),
            ("no time", system(repository, &no_time)?),
            ("services", system(repository, &services)?),
            ("opensbi", peer),
        ],
        bounds: Vec::new(),
        network: BTreeMap::new(),
        peers,
    })
}

/// A run of the rich payload under Debian's OpenSBI.
fn opensbi(repository: &Repository) -> Result<(Account, Peers), Error> {
    let file = repository.root().join("benches/systems/hart.yaml");
    let plan = resolve::plan(repository, &file, false)?;
    let payload = payload(repository, "benches/riscv64/rich", &[], &plan)?;
    let lock = repository.debian_lock(Guest::of(plan.machine.arch).debian);
    let lock = Lock::read(&lock).map_err(debian::Error::from)?;
    let cache = Cache::open().map_err(debian::Error::from)?;
    let package = debian::fetch(&cache, &lock, OPENSBI)?;
    let firmware = package.exactly(OPENSBI_FILE)?;
    let bytes = fs::metadata(&firmware).map_err(at(&firmware))?.len();
    let traced = Traced {
        rich: Some(Program::read(&payload)?),
        beneath: Some(OPENSBI_AT),
        ..Traced::default()
    };
    let mut options = options(&plan, firmware);
    (SYSTEM.machine)(&mut options.machine);
    options.machine.boot = Boot::Firmware;
    options.more = vec!["-kernel".to_owned(), payload.display().to_string()];
    let end = End::Said(Console(0), MEASURED_BARE);
    let logs = logs(repository, "opensbi");
    let account = scenario::run(options, &["rich"], traced, end, &logs)?;
    let name = format!("OpenSBI {}", package.locked.version);
    let mut figures = vec![("image_bytes", bytes)];
    for metric in [
        "empty_call",
        "timer_to_handler",
        "ipi_to_handler",
        "illegal_reflect",
    ] {
        figures.push((metric, seen(metric, account.spans.get(metric))?.least));
    }
    Ok((account, Peers { name, figures }))
}

fn value(runs: &Runs, metric: &'static str) -> Result<Option<u64>, Error> {
    let run = "floating point";
    let shared = runs.account(run)?;
    // Each way is to be seen.
    let switch = |account: &Account| {
        let most = |to| seen(metric, account.switches.get(&to)).map(|cost| cost.most);
        Ok::<_, Error>(most(Slot::Critical)?.max(most(Slot::Rich)?))
    };
    let value = match metric {
        "empty_call" | "timer_to_handler" | "expiry_to_handler" | "ipi_to_handler"
        | "illegal_reflect" => runs.span(run, metric)?.least,
        "service_call" | "service_region" | "service_limit" => runs.span("services", metric)?.least,
        "time_read" => runs.span("no time", metric)?.least,
        "partition_switch" => switch(runs.account("none")?)?,
        "partition_switch_fp" => switch(shared)?,
        "preempt_to_handler" => {
            let cost = shared.to_handler;
            seen(metric, (cost.times != 0).then_some(cost.most))?
        }
        "longest_masked" => runs.longest(metric, |_| true)?,
        "boot_masked" => {
            let boot = shared.longest(|shape| shape.entry == Entry::Reset);
            seen(metric, boot)?.1.cost.most
        }
        "reset_to_rich" => seen(metric, shared.to_rich)?.monitor,
        "image_load" => seen(metric, shared.to_rich)?.image_load,
        "image_bytes" => shared.image(),
        _ => return Ok(None),
    };
    Ok(Some(value))
}
