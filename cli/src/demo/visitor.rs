//! Looks at the critical partition's page from the host, over and over, as a browser does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use crate::page::Page;

/// What the page shows, as much as is judged.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Status {
    /// Jobs that were done in time.
    pub met: u64,
    /// Deadlines that were missed.
    pub missed: u64,
}

/// From one look to the next.
const PAUSE: Duration = Duration::from_millis(300);
/// Longer than an answer takes on a busy host. While Linux restarts there is none.
const BOUND: Duration = Duration::from_secs(5);

/// A thread that looks.
#[derive(Debug)]
pub struct Visitor {
    seen: Receiver<Status>,
    done: Arc<AtomicBool>,
}

impl Visitor {
    /// Begins to look.
    pub fn start(page: Page) -> Self {
        let (sender, seen) = mpsc::channel();
        let done = Arc::new(AtomicBool::new(false));
        let ended = done.clone();
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) && look(page, &sender) {
                thread::sleep(PAUSE);
            }
        });
        Self { seen, done }
    }

    /// What has been seen since the last call.
    pub fn seen(&self) -> impl Iterator<Item = Status> {
        self.seen.try_iter()
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

/// One look at the page and at the status that it shows. False if nobody wants to know any more.
fn look(page: Page, sender: &Sender<Status>) -> bool {
    let whole = page.get("/", BOUND).is_ok_and(|it| is_page(&it));
    let status = page.get("/status.json", BOUND);
    let status = status.ok().and_then(|it| serde_json::from_str(&it).ok());
    match status {
        Some(status) if whole => sender.send(status).is_ok(),
        // Linux is not up, or was restarted between the two.
        _ => true,
    }
}

fn is_page(text: &str) -> bool {
    text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_is_served_is_one() {
        let page =
            include_str!("../../../examples/cockpit/partitions/cluster/src/network/page.html");
        assert!(is_page(page));
        assert!(!is_page(&page[..page.len() - 9]), "cut");
    }
}
