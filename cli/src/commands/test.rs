//! `cofferdam test`: the host's tests, then the system tests, then the plain line with the numbers.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::{Error, at, disk, set_up, system};
use crate::arguments::Test;
use crate::build::cargo::Kept;
use crate::build::change::Changes;
use crate::build::plan::Plan;
use crate::build::{Builder, Built};
use crate::disk::Disk;
use crate::emulator::{ITSELF, Pace, Transcript};
use crate::page::Page;
use crate::project;
use crate::repository::Repository;
use crate::suite::{Tally, fuzz, host, list, run};

/// Lines of each console that a failure shows; the whole logs are kept.
const LINES_SHOWN: usize = 15;

/// Of a test's disk.
const DISK_MIB: u32 = 256;

pub(super) fn run(repository: &Repository, arguments: &Test) -> Result<(), Error> {
    // Nobody who has installed the tool means to test the tool.
    if repository.tree().is_inside && repository.root() == repository.sdk() {
        return Err(Error::NoProject);
    }
    let tests = list::read(&repository.root().join("tests/system.toml"))?;
    let wanted = |test: &&list::Test| {
        let filter = arguments.filter.as_deref();
        filter.is_none_or(|filter| test.name.contains(filter))
    };
    let tests: Vec<_> = tests.iter().filter(wanted).collect();
    if arguments.list {
        tests.iter().for_each(|test| println!("{}", test.name));
        return Ok(());
    }
    set_up::ensure(repository)?;
    let mut tally = Tally::default();
    if arguments.filter.is_none() && !arguments.system_only {
        tally += host::run(repository, arguments.soak)?;
        if arguments.soak {
            tally += fuzz::run(repository);
        }
    }
    tally += system_tests(repository, arguments, &tests);
    println!("{tally}");
    if tally.failed == 0 {
        Ok(())
    } else {
        Err(Error::TestsFailed(tally.failed))
    }
}

/// A test with the system that it runs on, or why there is none.
type Prepared<'a> = (&'a list::Test, Result<Arc<Ready>, String>);

/// A system, built.
struct Ready {
    plan: Plan,
    built: Built,
}

/// Runs each test as soon as its system is built. One thread builds, for Cargo lets one at a time; the others run tests
/// meanwhile, and it joins them when all is built. An emulator in virtual time keeps one processor of the host busy, and
/// no verdict depends on the host's time but the bounds.
fn system_tests(repository: &Repository, arguments: &Test, tests: &[&list::Test]) -> Tally {
    let (sender, receiver) = mpsc::channel::<Prepared<'_>>();
    let (receiver, tally) = (Mutex::new(receiver), Mutex::new(Tally::default()));
    // The lock is held while waiting: the next one waits for it instead.
    let next = || locked(&receiver).recv().ok();
    let work = || {
        while let Some((test, ready)) = next() {
            let began = Instant::now();
            let result = ready.and_then(|ready| one(repository, test, &ready, arguments.soak));
            let seconds = began.elapsed().as_secs_f64();
            let mut tally = locked(&tally);
            tally.count(result.is_ok());
            let place = format!("[{}/{}]", tally.passed + tally.failed, tests.len());
            match result {
                Ok(()) => eprintln!("{place} {} ... ok ({seconds:.1} s)", test.name),
                Err(why) => eprintln!("{place} {} ... FAILED ({seconds:.1} s)\n{why}", test.name),
            }
        }
    };
    eprintln!("building what {} system tests need ...", tests.len());
    thread::scope(|scope| {
        for _ in 1..side_by_side(arguments) {
            scope.spawn(work);
        }
        prepare(repository, tests, &sender);
        drop(sender);
        work();
    });
    *locked(&tally)
}

/// A test that panics is counted by nobody, and ends the run.
fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn side_by_side(arguments: &Test) -> usize {
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    arguments.jobs.unwrap_or_else(processors).max(1)
}

/// Builds what the tests need, and hands each on with it; tests with the same needs share it.
fn prepare<'a>(repository: &Repository, tests: &[&'a list::Test], to: &Sender<Prepared<'a>>) {
    let mut built: Vec<Prepared<'a>> = Vec::new();
    let kept = Kept::default();
    for test in tests {
        let same = |(other, _): &&Prepared<'_>| {
            (&other.system, &other.project, other.language)
                == (&test.system, &test.project, test.language)
                && changes(repository, other) == changes(repository, test)
        };
        let ready = match built.iter().find(same) {
            Some((_, ready)) => ready.clone(),
            None => ready(repository, test, &kept)
                .map(Arc::new)
                .map_err(|error| error.to_string()),
        };
        built.push((test, ready.clone()));
        // Nobody listens any more only if a test's thread panicked, which the scope reports.
        let _sent = to.send((test, ready));
    }
}

fn ready(repository: &Repository, test: &list::Test, kept: &Kept) -> Result<Ready, Error> {
    if let Some(board) = &test.project {
        let project = fresh_project(repository, test, board)?;
        let plan = planned(&project, test)?;
        let built = Builder::new(&project, plan.machine.arch)?.build(&plan)?;
        return Ok(Ready { plan, built });
    }
    let mut plan = planned(repository, test)?;
    // A folder of its own: the images of all tests are kept until the last has run.
    plan.name = format!("tests/{}", test.name);
    let builder = Builder::new(repository, plan.machine.arch)?.keeping(kept);
    let built = builder.build(&plan)?;
    Ok(Ready { plan, built })
}

/// Made anew, in the same place each time: what is built for it takes the place of what was.
fn fresh_project(
    repository: &Repository,
    test: &list::Test,
    board: &str,
) -> Result<Repository, Error> {
    let folder = repository.target().join("projects");
    let _old = fs::remove_dir_all(folder.join(&test.name));
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let root = project::create(&folder, &test.name, board, test.language, repository.tree())?;
    Ok(repository.with_project(&root))
}

fn planned(repository: &Repository, test: &list::Test) -> Result<Plan, Error> {
    let mut plan = system::plan(repository, &repository.root().join(&test.system))?;
    plan.change(&changes(repository, test))?;
    Ok(plan)
}

/// Runs one test; its logs stay only if it fails.
fn one(
    repository: &Repository,
    test: &list::Test,
    ready: &Ready,
    soak: bool,
) -> Result<(), String> {
    let logs = repository.output().join("logs").join(&test.name);
    let _old = fs::remove_dir_all(&logs);
    match started(repository, test, ready, soak, &logs) {
        Ok((_, Ok(()))) => {
            let _kept_otherwise = fs::remove_dir_all(&logs);
            Ok(())
        }
        Ok((said, Err(why))) => {
            let last = last_words(&said, &ready.plan.consoles);
            Err(format!(
                "{why}\n{last}the whole consoles: {}",
                logs.display()
            ))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn started(
    repository: &Repository,
    test: &list::Test,
    Ready { plan, built }: &Ready,
    soak: bool,
    logs: &Path,
) -> Result<(Transcript, Result<(), run::Failure>), Error> {
    let pace = Pace::Judged { shift: test.shift };
    let mut more = test.emulator.clone();
    if test.disk {
        fs::create_dir_all(logs).map_err(at(logs))?;
        let image = logs.join("disk.img");
        let arch = plan.machine.arch;
        disk::make(repository, &image, DISK_MIB, arch, test.network)?;
        more.extend(Disk::open(&image)?.options());
    }
    let page = plan.has_page().then(Page::at_free_port).transpose();
    let page = page.map_err(at(Path::new("127.0.0.1:0")))?;
    more.extend(page.into_iter().flat_map(Page::options));
    let built = match test.damaged {
        Some(at) => built.damaged(at)?,
        None => built.clone(),
    };
    let options = system::options(plan, &built, pace, more);
    let emulator = system::start(plan, &options, test.forbidden.clone(), logs)?;
    let mut consoles = plan.consoles.clone();
    consoles.push(ITSELF.to_owned());
    let conditions = run::Conditions {
        consoles: &consoles,
        soak,
        page,
    };
    Ok(run::run(test, emulator, conditions))
}

fn changes(repository: &Repository, test: &list::Test) -> Changes {
    let images = test.images.iter();
    let rooted = |path: &Path| repository.root().join(path);
    Changes {
        images: images
            .map(|(name, path)| (name.clone(), rooted(path)))
            .collect(),
        command_lines: test.command_lines.clone(),
        features: test.features.clone(),
        modules: test.modules.clone(),
        firmware_features: test.firmware_features.clone(),
        firmware: test.firmware.as_deref().map(rooted),
        disk: test.disk,
    }
}

fn last_words(said: &Transcript, consoles: &[String]) -> String {
    let mut words = String::new();
    for (number, name) in consoles.iter().enumerate() {
        let text = said.text(crate::emulator::Console(number));
        let lines: Vec<_> = text.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(LINES_SHOWN)) {
            words += &format!("{name:>10} | {line}\n");
        }
    }
    words
}
