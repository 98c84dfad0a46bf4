//! One module to a command; each is a thin shell over the modules that do the work.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::arguments::{Arguments, Command};
use crate::build::{self as builder, change, resolve};
use crate::repository::{self, Repository};
use crate::sdk::Wishes;
use crate::suite::list;
use crate::{
    bench as benchmarks, cache, debian, demo as demonstration, disk as disks, doctor, emulator,
    process, project,
};

mod bench;
mod build;
mod clean;
mod debug;
mod demo;
mod disk;
mod docs;
mod explain;
mod fetch;
mod generate;
mod new;
mod run;
mod set_up;
mod system;
mod test;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to work in.
    #[error(transparent)]
    Repository(#[from] repository::Error),
    /// The project cannot be made or used.
    #[error(transparent)]
    Project(#[from] project::Error),
    /// A Debian package could not be had.
    #[error(transparent)]
    Debian(#[from] debian::Error),
    /// The lock file of Debian packages cannot be used.
    #[error(transparent)]
    Lock(#[from] debian::lock::Error),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The host cannot be examined.
    #[error(transparent)]
    Doctor(#[from] doctor::Error),
    /// Something that is needed is missing.
    #[error(transparent)]
    Missing(#[from] doctor::install::Error),
    /// The description cannot be planned.
    #[error(transparent)]
    Resolve(#[from] resolve::Error),
    /// A plan cannot be changed as a test asks for.
    #[error(transparent)]
    Plan(#[from] change::Error),
    /// The disk cannot be used.
    #[error(transparent)]
    Disk(#[from] disks::Error),
    /// No disk was made.
    #[error(transparent)]
    MakeDisk(#[from] disks::make::Error),
    /// The system was not built.
    #[error(transparent)]
    Build(#[from] builder::Error),
    /// The emulator does not run.
    #[error(transparent)]
    Emulator(#[from] emulator::Error),
    /// The demonstration could not be played.
    #[error(transparent)]
    Demo(#[from] demonstration::Error),
    /// There are no figures.
    #[error(transparent)]
    Bench(#[from] benchmarks::Error),
    /// The list of tests cannot be used.
    #[error(transparent)]
    Tests(#[from] list::Error),
    /// A program that this runs failed.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A summary could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A system that is to be shown needs a console in each world.
    #[error("this system has not two partitions with a console each, one of them with Linux")]
    NoConsoles,
    /// There is nothing to show.
    #[error(
        "no demonstration for board \"{0}\" with this operating system; there are qemu-virt-arm64, and, \
         without --os, qemu-virt-riscv64, sifive-u and microchip-icicle-kit"
    )]
    NoDemo(String),
    /// The demonstration did not show what it claims.
    #[error("not everything held; the whole consoles: {}", logs.display())]
    NotHeld {
        /// Where the consoles are logged.
        logs: PathBuf,
    },
    /// There are no tests here.
    #[error("there is no project here to test: go into one, or make one with `cofferdam new NAME`")]
    NoProject,
    /// Some tests failed.
    #[error("{0} tests failed")]
    TestsFailed(usize),
    /// Nothing was generated.
    #[error(transparent)]
    Generate(#[from] cofferdam_sossl::Error),
    /// A file cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// Long enough for whoever ends a run by hand.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn schema() -> Result<(), Error> {
    println!(
        "{}",
        serde_json::to_string_pretty(&cofferdam_system::schema())?
    );
    Ok(())
}

/// Does what the command line says.
pub fn run(arguments: Arguments) -> Result<(), Error> {
    let repository = Repository::locate(Wishes::of_user(arguments.sdk.as_deref()))?;
    match arguments.command {
        Command::New {
            name,
            board,
            language,
        } => new::run(&repository, &name, &board, language),
        Command::Doctor { install: false } => set_up::list(&repository),
        Command::Doctor { install: true } => set_up::ensure(&repository),
        Command::Demo(demo) => demo::run(&repository, &demo),
        Command::Test(test) => test::run(&repository, &test),
        Command::Bench(bench) => bench::run(&repository, &bench),
        Command::Check { file } => build::check(&repository, &file),
        Command::Explain { file, svg } => explain::run(&repository, &file, svg.as_deref()),
        Command::Gen { file, diff } => generate::run(&repository, &file, diff),
        Command::Docs { file, out } => docs::run(&repository, &file, &out),
        Command::Schema => schema(),
        Command::Build { file } => build::run(&repository, &file),
        Command::Run(run) => run::run(&repository, &run),
        Command::Debug(debug) => debug::run(&repository, &debug),
        Command::Fetch {
            packages,
            refresh,
            arch,
        } => fetch::run(&repository, &arch, &packages, refresh),
        Command::Disk {
            file,
            size,
            arch,
            network,
        } => disk::run(&repository, &file, size, arch.into(), network),
        Command::Clean { all } => clean::run(&repository, all),
    }
}
