//! Templates of C and of documents: ours, or the user's of the same name in the folder `templates` beside the system file.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Error;
use cofferdam_system::System;
use minijinja::{Environment, UndefinedBehavior, Value};

/// Where a user's templates of a system are.
pub fn folder(system_file: &Path) -> PathBuf {
    system_file.with_file_name("templates")
}

/// The user's template of this name in `folder`, or else `own`.
pub(crate) fn text(folder: &Path, name: &str, own: &str) -> Result<String, Error> {
    let path = folder.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(own.to_owned()),
        Err(source) => Err(Error::File { path, source }),
    }
}

/// C, by the template of this name.
pub(crate) fn c(system: &System, name: &str, own: &str, values: Value) -> Result<String, Error> {
    let template = text(&folder(&system.file), name, own)?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A name that ends so is not escaped as HTML.
    Ok(environment.render_named_str(name, &template, values)? + "\n")
}
