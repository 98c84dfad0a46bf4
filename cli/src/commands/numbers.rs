//! `cofferdam gen`: each new service gets its number, for good.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use super::Error;
use crate::build::resolve;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, file: &Path) -> Result<(), Error> {
    let colour = std::io::stderr().is_terminal();
    let frozen = cofferdam_system::freeze(file, repository.root())
        .map_err(|refused| resolve::Error::Refused(refused.render(colour)))?;
    let Some(text) = frozen else {
        println!("every service has its number");
        return Ok(());
    };
    let path = cofferdam_system::lock_file(file);
    fs::write(&path, text).map_err(|source| Error::Io {
        path: path.clone(),
        source,
    })?;
    println!("{}: commit it", path.display());
    Ok(())
}
