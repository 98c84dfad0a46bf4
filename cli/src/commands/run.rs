//! `cofferdam run`: a system on the emulator, watched or used.

use std::path::Path;

use super::{DAY, Error, system};
use crate::arguments::Run;
use crate::disk::Disk;
use crate::emulator::{self, Missed, Pace};
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, arguments: &Run) -> Result<(), Error> {
    let mut plan = system::plan(repository, &arguments.file)?;
    let mut more = arguments.emulator.clone();
    if let Some(path) = &arguments.disk {
        more.extend(Disk::open(path)?.options());
        plan.use_disk()?;
    }
    let built = system::build(repository, &plan)?;
    let (_, of_page) = system::page(&plan)?;
    more.extend(of_page);
    let logs = repository.output().join("logs").join(&plan.name);
    if arguments.interactive {
        let options = system::options(&plan, &built, Pace::Free, more);
        return interactive(&plan, &options, &logs);
    }
    let pace = Pace::Judged {
        shift: arguments.shift,
    };
    let options = system::options(&plan, &built, pace, more);
    let emulator = system::start(&plan, &options, Vec::new(), &logs)?;
    eprintln!(
        "in virtual time; ^C ends it; the consoles are also in {}",
        logs.display()
    );
    loop {
        match emulator.transcript().next_line(DAY) {
            Ok((console, line)) => {
                let name = plan.consoles.get(console.0);
                // What the emulator itself says comes last.
                let name = name.map_or("emulator", String::as_str);
                println!("{name:>10} | {line}");
            }
            Err(Missed::Timeout { .. } | Missed::Ended { .. } | Missed::Forbidden { .. }) => {
                return Ok(());
            }
        }
    }
}

/// Gives the user Linux's console; the others go to files, and to a second pane where there can be one.
pub(super) fn interactive(
    plan: &crate::build::plan::Plan,
    options: &emulator::Options,
    logs: &Path,
) -> Result<(), Error> {
    let linux = plan.partitions.iter().find(|it| it.runs_linux());
    let mine = linux.and_then(|it| system::console(plan, &it.name));
    let mine = mine.unwrap_or(emulator::Console(0));
    let consoles: Vec<_> = plan.consoles.iter().map(String::as_str).collect();
    let interactive = emulator::Interactive::new(options, &consoles, mine, logs)?;
    for (name, path) in interactive.others() {
        eprintln!("{name}: {}", path.display());
    }
    eprintln!("NOT JUDGED: the host's load can delay either side. ^A X ends it.");
    Ok(interactive.run()?)
}
