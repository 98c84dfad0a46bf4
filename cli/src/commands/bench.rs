//! `cofferdam bench`.

use std::time::Duration;

use super::{Error, set_up};
use crate::arguments::Bench;
use crate::bench;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository, arguments: &Bench) -> Result<(), Error> {
    set_up::ensure(repository)?;
    let baseline = bench::baseline(repository)?;
    let linux = arguments.linux.map(Duration::from_secs);
    let runs = bench::run(repository, &arguments.board, linux)?;
    let figures = runs.figures()?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        let (board, peers) = (runs.board(), runs.peers());
        print!(
            "{}",
            bench::table::render(board, &figures, &baseline, peers)
        );
    }
    if arguments.profile {
        print!("{}", runs.profile());
    }
    let missed = bench::table::missed(runs.board(), &figures);
    if arguments.save {
        bench::save(repository, runs.board(), figures)?;
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(bench::Error::Missed(missed).into())
    }
}
