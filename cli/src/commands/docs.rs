//! `cofferdam docs`: the reference of a system's services.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use cofferdam_sossl::{docs, templates};

use super::{Error, at};
use crate::build::resolve;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, file: &Path, out: &Path) -> Result<(), Error> {
    let system = resolve::load(repository, file, std::io::stderr().is_terminal())?;
    fs::create_dir_all(out).map_err(at(out))?;
    for (name, text) in docs::docs(&system, &templates::folder(file))? {
        let path = out.join(name);
        fs::write(&path, text).map_err(at(&path))?;
        println!("{}", path.display());
    }
    Ok(())
}
