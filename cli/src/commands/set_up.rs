//! `cofferdam doctor`: says what is missing and the line that cures it. `demo` and `test` install it,
//! and so does `doctor --install`.

use super::Error;
use crate::doctor::{self, ThisHost, install};
use crate::repository::Repository;

/// Lists everything; fails if something is missing.
pub(super) fn list(repository: &Repository) -> Result<(), Error> {
    let host = ThisHost(repository.root());
    let needs = doctor::examine(repository.root(), &host)?;
    print!("{}", doctor::report(&needs));
    print!("{}", doctor::report_optional(&doctor::fuzzing(&host)));
    match install::line(&needs)? {
        None => Ok(()),
        Some(line) => Err(install::Error::Stopped(line).into()),
    }
}

/// Installs what is missing, and says nothing if nothing is.
pub(super) fn ensure(repository: &Repository) -> Result<(), Error> {
    let host = ThisHost(repository.root());
    let needs = doctor::examine(repository.root(), &host)?;
    if needs.iter().all(|need| need.found.is_ok()) {
        return Ok(());
    }
    eprint!("{}", doctor::report(&needs));
    install::install(&needs)?;
    // What was installed may still not do: a distribution's QEMU may be too old.
    let needs = doctor::examine(repository.root(), &host)?;
    match install::line(&needs)? {
        None => Ok(()),
        Some(line) => Err(install::Error::Stopped(line).into()),
    }
}
