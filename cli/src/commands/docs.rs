//! `cofferdam docs`: the reference of a system's services, and what programs and drivers that are built elsewhere call
//! them by.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use cofferdam_sossl::{docs, templates};

use super::{Error, at};
use crate::build::resolve;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, file: &Path, out: &Path) -> Result<(), Error> {
    let system = resolve::load(repository, file, std::io::stderr().is_terminal())?;
    for (name, text) in docs::docs(&system, &templates::folder(file))? {
        write(&out.join(name), &text)?;
    }
    for partition in &system.partitions {
        let mut services = system.services.iter();
        if partition.is_critical() || !services.any(|it| it.callers.contains(&partition.id)) {
            continue;
        }
        let client = cofferdam_sossl::linux_client(&system, &partition.name)?;
        let folder = out.join(&partition.name);
        write(&folder.join("services.h"), &client.user)?;
        write(&folder.join("services.rs"), &client.rust)?;
        write(&folder.join("services_kernel.h"), &client.kernel)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::write(path, text).map_err(at(path))?;
    println!("{}", path.display());
    Ok(())
}
