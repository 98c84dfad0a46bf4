//! `cofferdam new`: a project of the user's own.

use std::env;
use std::path::Path;

use super::{Error, at};
use crate::arguments::Language;
use crate::project;
use crate::repository::Repository;

pub(super) fn run(
    repository: &Repository,
    name: &str,
    board: &str,
    language: Language,
) -> Result<(), Error> {
    let here = env::current_dir().map_err(at(Path::new(".")))?;
    let root = project::create(&here, name, board, language, repository.tree())?;
    // Where the tool is installed, nothing has to be built to have it.
    let (tool, first) = match repository.tree().is_inside {
        true => ("cofferdam", ""),
        false => (
            "cargo cofferdam",
            "\nif the tool is not compiled yet, the first of these does that, without a word for a minute or two",
        ),
    };
    println!(
        "made {}; now:\n  cd {name}\n  {tool} run\n  {tool} test{first}",
        root.display()
    );
    Ok(())
}
