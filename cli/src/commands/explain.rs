//! `cofferdam explain`: a description as tables, and as a picture.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use cofferdam_system::explain;

use super::Error;
use crate::build::resolve;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, file: &Path, svg: Option<&Path>) -> Result<(), Error> {
    let system = resolve::load(repository, file, std::io::stderr().is_terminal())?;
    let Some(picture) = svg else {
        print!("{}", explain::tables(&system));
        return Ok(());
    };
    fs::write(picture, explain::svg(&system)).map_err(|source| Error::Io {
        path: picture.to_owned(),
        source,
    })?;
    println!("{}", picture.display());
    Ok(())
}
