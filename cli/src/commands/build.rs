//! `cofferdam build` and `cofferdam check`.

use std::io::IsTerminal;
use std::path::Path;

use super::{Error, system};
use crate::build::resolve;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, file: &Path) -> Result<(), Error> {
    let plan = system::plan(repository, file)?;
    let built = system::build(repository, &plan)?;
    println!("{}", built.flash.display());
    Ok(())
}

/// Says whether the description can be built, and everything that is wrong with it.
pub(super) fn check(repository: &Repository, file: &Path) -> Result<(), Error> {
    let system = resolve::load(repository, file, std::io::stderr().is_terminal())?;
    let partitions = system.partitions.len();
    println!(
        "{}: good, {partitions} partitions on {}",
        file.display(),
        system.board.name
    );
    Ok(())
}
