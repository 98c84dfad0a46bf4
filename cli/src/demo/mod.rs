//! The demonstration: both worlds on one core, Linux crashed and restarted, no deadline missed.

use std::io;
use std::time::{Duration, Instant};

use crate::emulator::{Console, Emulator, Missed};
use crate::page::Page;

pub mod script;
pub mod summary;
mod view;
mod visitor;

pub use script::Shows;
use script::{Action, Script, Who};
use summary::Summary;
use view::View;
use visitor::Visitor;

/// Why there is no summary.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Linux's console takes no text.
    #[error("Linux's console: {0}")]
    Console(#[from] io::Error),
}

/// The longest that a demonstration may take on a host; it takes about a third of it on two cores.
const BOUND: Duration = Duration::from_secs(240);

/// The consoles of the two worlds.
#[derive(Clone, Copy, Debug)]
pub struct Consoles {
    /// Of the rich partition.
    pub linux: Console,
    /// Of the critical partition that shares a core with it.
    pub critical: Console,
    /// Of another critical partition, if there is one.
    pub other: Option<Console>,
}

/// Plays the demonstration on a started emulator, and sums it up. A run that does not come to its end
/// is summed up all the same: the summary says so. `page` is where the critical partition's page is, if it has one.
pub fn play(
    emulator: Emulator,
    consoles: Consoles,
    page: Option<Page>,
    shows: Shows,
    shift: u8,
) -> Result<Summary, Error> {
    let mut script = Script::new(shows);
    let visitor = page.map(Visitor::start);
    let mut view = View::new(shift);
    let deadline = Instant::now() + BOUND;
    loop {
        view.show(&script);
        let left = deadline.saturating_duration_since(Instant::now());
        let (console, line) = match emulator.transcript().next_line(left) {
            Ok(line) => line,
            Err(Missed::Timeout { .. } | Missed::Ended { .. } | Missed::Forbidden { .. }) => break,
        };
        let who = match console {
            console if console == consoles.linux => Who::Linux,
            console if console == consoles.critical => Who::Critical,
            console if Some(console) == consoles.other => Who::Other,
            _ => continue,
        };
        let visits = visitor.iter().flat_map(Visitor::seen);
        visits.for_each(|status| script.visited(status));
        match script.line(who, &line) {
            Action::Wait => {}
            Action::Type(text) => emulator.send(consoles.linux, &text)?,
            Action::Finish => break,
        }
    }
    view.show(&script);
    view.end();
    emulator.stop();
    Ok(summary::summarize(&script, shift))
}
