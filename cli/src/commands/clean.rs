//! `cofferdam clean`: removes what builds left, and with `--all` the downloads.

use std::fs;
use std::io;

use super::Error;
use crate::cache::Cache;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, all: bool) -> Result<(), Error> {
    let output = repository.output();
    match fs::remove_dir_all(&output) {
        Ok(()) => println!("removed {}", output.display()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => {
            return Err(Error::Io {
                path: output,
                source,
            });
        }
    }
    if all {
        let cache = Cache::open()?;
        let root = cache.root().to_owned();
        cache.remove()?;
        println!("removed {}", root.display());
    }
    Ok(())
}
