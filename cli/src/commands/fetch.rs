//! `cofferdam fetch`: the Debian packages, into the cache.

use super::Error;
use crate::cache::Cache;
use crate::debian::{self, lock::Lock};
use crate::repository::Repository;

pub(super) fn run(
    repository: &Repository,
    architecture: &str,
    packages: &[String],
    refresh: bool,
) -> Result<(), Error> {
    let cache = Cache::open()?;
    let path = repository.debian_lock(architecture);
    let mut lock = Lock::read(&path)?;
    if refresh {
        let fresh = debian::refresh(&cache, &lock, packages)?;
        report_changes(&lock, &fresh);
        fresh.write(&path)?;
        lock = fresh;
    }
    for wanted in lock.names() {
        if packages.is_empty() || packages.iter().any(|package| package == wanted) {
            let package = debian::fetch(&cache, &lock, wanted)?;
            println!("{} {}", package.locked.name, package.locked.version);
        }
    }
    for source in lock.source.iter().filter(|_| packages.is_empty()) {
        debian::fetch_source(&cache, &lock, &source.name)?;
        println!("{} {}", source.name, source.file);
    }
    // A package that is not locked is an error of its own, with the cure.
    for package in packages {
        debian::fetch(&cache, &lock, package)?;
    }
    Ok(())
}

fn report_changes(old: &Lock, fresh: &Lock) {
    for new in &fresh.package {
        match old.find(&new.wanted) {
            Some(before) if before == new => {}
            Some(before) => println!(
                "{}: {} {} -> {} {}",
                new.wanted, before.name, before.version, new.name, new.version
            ),
            None => println!("{}: new, {} {}", new.wanted, new.name, new.version),
        }
    }
}
