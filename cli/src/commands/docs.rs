//! `cofferdam docs`: the reference of a system's services.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use super::{Error, at};
use crate::build::resolve;
use crate::repository::Repository;

/// Beside a system file: the user's own templates.
const TEMPLATES: &str = "templates";

pub(super) fn run(repository: &Repository, file: &Path, out: &Path) -> Result<(), Error> {
    let system = resolve::load(repository, file, std::io::stderr().is_terminal())?;
    fs::create_dir_all(out).map_err(at(out))?;
    for (name, text) in cofferdam_sossl::docs::docs(&system, &file.with_file_name(TEMPLATES))? {
        let path = out.join(name);
        fs::write(&path, text).map_err(at(&path))?;
        println!("{}", path.display());
    }
    Ok(())
}
