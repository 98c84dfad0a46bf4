//! `cofferdam demo`.

use super::run::interactive;
use super::{Error, set_up, system};
use crate::arguments::Demo;
use crate::demo::{self, Consoles, Shows};
use crate::emulator::Pace;
use crate::repository::Repository;

/// Fast enough for a demonstration of less than 90 s on two cores of a host.
const SHIFT: u8 = 3;

pub(super) fn run(repository: &Repository, arguments: &Demo) -> Result<(), Error> {
    set_up::ensure(repository)?;
    let plan = system::plan(
        repository,
        &system::shown(repository, &arguments.board, arguments.os)?,
    )?;
    let built = system::build(repository, &plan)?;
    let logs = repository.output().join("logs/demo");
    let (page, more) = system::page(&plan)?;
    if arguments.interactive {
        let options = system::options(&plan, &built, Pace::Free, more);
        return interactive(&plan, &options, &logs);
    }
    let (linux, critical) = system::both_worlds(&plan).ok_or(Error::NoConsoles)?;
    let options = system::options(&plan, &built, Pace::Judged { shift: SHIFT }, more);
    let emulator = system::start(&plan, &options, Vec::new(), &logs)?;
    let rich = plan.partitions.iter().filter(|it| it.runs_linux());
    let services: Vec<_> = rich.flat_map(|it| &it.services.callable).collect();
    let has_network = plan
        .partitions
        .iter()
        .any(|it| it.runs_linux() && !it.channels.is_empty());
    let calls = |name| services.iter().any(|it| it.name == name);
    let consoles = Consoles {
        linux,
        critical,
        other: system::second_critical(&plan),
    };
    let shows = Shows {
        page: page.is_some(),
        network: has_network,
        other: consoles.other.is_some(),
        odometer: calls("odometer_read"),
        signs: calls("sign"),
        profile: plan.partitions.iter().any(|it| it.profiled),
    };
    let summary = demo::play(emulator, consoles, page, shows, SHIFT)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        println!("{}", summary.table());
    }
    if summary.held {
        return Ok(());
    }
    Err(Error::NotHeld { logs })
}
