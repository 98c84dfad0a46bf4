//! What the commands on a system file share: plan it, build it, start it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::{Error, at};
use crate::arguments::Os;
use crate::build::plan::Plan;
use crate::build::{Builder, Built, resolve};
use crate::emulator::{Console, Emulator, Options, Pace};
use crate::page::Page;
use crate::repository::Repository;

/// The system that `demo` shows on a board.
pub(super) fn shown(repository: &Repository, board: &str, os: Os) -> Result<PathBuf, Error> {
    let file = match (board, os) {
        (crate::bench::BOARD, Os::Cluster) => "cockpit/system.yaml",
        (crate::bench::BOARD, Os::Freertos) => "cockpit/freertos.yaml",
        ("qemu-virt-riscv64", Os::Cluster) => "gateway/system.yaml",
        ("sifive-u", Os::Cluster) => "gateway/sifive-u.yaml",
        ("microchip-icicle-kit", Os::Cluster) => "gateway/microchip-icicle-kit.yaml",
        _ => return Err(Error::NoDemo(board.to_owned())),
    };
    Ok(repository.sdk().join("examples").join(file))
}

pub(super) fn plan(repository: &Repository, file: &Path) -> Result<Plan, Error> {
    let colour = std::io::stderr().is_terminal();
    let plan = resolve::plan(repository, file, colour)?;
    for partition in &plan.partitions {
        for device in &partition.trusted {
            eprintln!(
                "trusted: `{}` can have `{device}` read and write all memory, the monitor's too; nothing stops it",
                partition.name
            );
        }
    }
    Ok(plan)
}

pub(super) fn build(repository: &Repository, plan: &Plan) -> Result<Built, Error> {
    eprintln!("building {} ...", plan.name);
    Ok(Builder::new(repository, plan.machine.arch)?.build(plan)?)
}

pub(super) fn options(plan: &Plan, built: &Built, pace: Pace, more: Vec<String>) -> Options {
    Options {
        machine: plan.machine.clone(),
        flash: built.flash.clone(),
        flash_size: plan.flash.size,
        pace,
        rings: built.rings.clone(),
        more,
    }
}

/// Where the host finds the page of a critical partition, if it has one, which the user is told, and the emulator's
/// options for it.
pub(super) fn page(plan: &Plan) -> Result<(Option<Page>, Vec<String>), Error> {
    if !plan.has_page() {
        return Ok((None, Vec::new()));
    }
    let page = Page::at_free_port().map_err(at(Path::new("127.0.0.1:0")))?;
    eprintln!(
        "the page of the critical partition, once Linux is up: {}",
        page.url()
    );
    Ok((Some(page), page.options().into()))
}

/// Starts a built system with its consoles captured; the logs are in `logs`.
pub(super) fn start(
    plan: &Plan,
    options: &Options,
    forbidden: Vec<String>,
    logs: &Path,
) -> Result<Emulator, Error> {
    let consoles: Vec<_> = plan.consoles.iter().map(String::as_str).collect();
    Ok(Emulator::start(options, &consoles, forbidden, logs)?)
}

/// The console of a partition.
pub(super) fn console(plan: &Plan, partition: &str) -> Option<Console> {
    let place = plan.consoles.iter().position(|name| name == partition);
    place.map(Console)
}

/// The console of a second critical partition.
pub(super) fn second_critical(plan: &Plan) -> Option<Console> {
    let mut critical = plan.partitions.iter().filter(|it| it.critical);
    console(plan, &critical.nth(1)?.name)
}

/// The console of the first partition that runs a Debian kernel, and that of the first that does not.
pub(super) fn both_worlds(plan: &Plan) -> Option<(Console, Console)> {
    let of = |linux: bool| {
        let mut partitions = plan.partitions.iter();
        let found = partitions.find(|it| it.runs_linux() == linux)?;
        console(plan, &found.name)
    };
    Some((of(true)?, of(false)?))
}
