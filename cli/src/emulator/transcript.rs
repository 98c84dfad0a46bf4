//! What the guests' consoles said, as it arrives, and waiting for something to be said.
//!
//! One lock and one signal for all consoles: who waits for a word on one console notices at once what
//! must not be said on another, and that the emulator ended.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::log::Log;

/// One console of the emulator, by its place in the list that the emulator was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Console(pub usize);

/// What ends a wait without the word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missed {
    /// It was not said in time.
    #[error("\"{wanted}\" was not said within {} s", .bound.as_secs())]
    Timeout {
        /// The text.
        wanted: String,
        /// The bound.
        bound: Duration,
    },
    /// The emulator ended first.
    #[error("the emulator ended before \"{wanted}\" was said")]
    Ended {
        /// The text.
        wanted: String,
    },
    /// Something that must not be said was said.
    #[error("\"{text}\" was said, which must not be")]
    Forbidden {
        /// The text.
        text: String,
    },
}

#[derive(Debug, Default)]
struct Stream {
    text: String,
    /// Bytes of `text` that earlier waits have passed.
    passed: usize,
    open: bool,
}

impl Stream {
    /// The next complete line not passed yet, and passes it.
    fn take_line(&mut self) -> Option<String> {
        let rest = self.text.get(self.passed..)?;
        let end = rest.find('\n')?;
        let line = rest.get(..end)?.to_owned();
        self.passed += end + 1;
        Some(line)
    }
}

#[derive(Debug, Default)]
struct State {
    streams: Vec<Stream>,
    forbidden: Vec<String>,
    /// The first forbidden text that was said.
    offence: Option<String>,
}

/// What all consoles said so far. Clones share it.
#[derive(Clone, Debug)]
pub struct Transcript {
    shared: Arc<(Mutex<State>, Condvar)>,
    start: Instant,
}

impl Transcript {
    /// An empty transcript of so many consoles, on none of which a forbidden text may be said.
    pub fn new(consoles: usize, forbidden: Vec<String>) -> Self {
        let mut state = State {
            forbidden,
            ..State::default()
        };
        state.streams.resize_with(consoles, || Stream {
            open: true,
            ..Stream::default()
        });
        Self {
            shared: Arc::new((Mutex::new(state), Condvar::new())),
            start: Instant::now(),
        }
    }

    /// Records everything that `source` says on a console until it ends; the log gets each line with the
    /// seconds of host time since the start.
    pub fn record(&self, console: Console, source: &mut dyn Read, log: File) -> io::Result<()> {
        let mut log = Log::new(log);
        let mut chunk = [0; 4096];
        let result = loop {
            match source.read(&mut chunk) {
                Ok(0) => break Ok(()),
                Ok(len) => {
                    let text = String::from_utf8_lossy(chunk.get(..len).unwrap_or_default());
                    self.append(console, &text);
                    log.write(&text, self.start.elapsed())?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.close(console);
        result
    }

    /// Adds text to a console.
    pub fn append(&self, console: Console, text: &str) {
        let mut state = self.lock();
        let State {
            streams,
            forbidden,
            offence,
        } = &mut *state;
        if let Some(stream) = streams.get_mut(console.0) {
            let before = stream.text.len();
            stream.text.push_str(&text.replace('\r', ""));
            if offence.is_none() {
                *offence = said_since(&stream.text, before, forbidden);
            }
        }
        self.shared.1.notify_all();
    }

    fn close(&self, console: Console) {
        if let Some(stream) = self.lock().streams.get_mut(console.0) {
            stream.open = false;
        }
        self.shared.1.notify_all();
    }

    /// Waits until `wanted` is said on a console after what earlier waits passed, and passes it.
    pub fn expect(&self, console: Console, wanted: &str, bound: Duration) -> Result<(), Missed> {
        let found = self.wait(console, bound, |rest| {
            rest.find(wanted).map(|at| ((), at + wanted.len()))
        });
        found.map_err(|why| why.named(wanted, bound))
    }

    /// Waits for the next complete line on a console that has `wanted` in it, and answers it.
    pub fn line(&self, console: Console, wanted: &str, bound: Duration) -> Result<String, Missed> {
        let found = self.wait(console, bound, |rest| {
            let mut start = 0;
            for line in rest.split_inclusive('\n') {
                let end = start + line.len();
                if line.ends_with('\n') && line.contains(wanted) {
                    return Some((line.trim_end().to_owned(), end));
                }
                start = end;
            }
            None
        });
        found.map_err(|why| why.named(wanted, bound))
    }

    /// Waits for the next complete line on any console.
    pub fn next_line(&self, bound: Duration) -> Result<(Console, String), Missed> {
        let deadline = Instant::now() + bound;
        let mut state = self.lock();
        loop {
            for (number, stream) in state.streams.iter_mut().enumerate() {
                if let Some(line) = stream.take_line() {
                    return Ok((Console(number), line));
                }
            }
            let why = match &state.offence {
                Some(text) => Some(Why::Forbidden(text.clone())),
                None if state.streams.iter().all(|stream| !stream.open) => Some(Why::Ended),
                None => None,
            };
            let left = deadline.checked_duration_since(Instant::now());
            match (why, left) {
                (None, Some(left)) => state = self.sleep(state, left),
                (why, _) => return Err(why.unwrap_or(Why::Timeout).named("a line", bound)),
            }
        }
    }

    /// Waits until all consoles are closed: the emulator ended.
    pub fn wait_end(&self, bound: Duration) -> bool {
        let deadline = Instant::now() + bound;
        let mut state = self.lock();
        while state.streams.iter().any(|stream| stream.open) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            state = self.sleep(state, left);
        }
        true
    }

    /// The forbidden text that was said, if one was.
    pub fn offence(&self) -> Option<String> {
        self.lock().offence.clone()
    }

    /// Passes all that was said on a console so far.
    pub fn pass(&self, console: Console) {
        if let Some(stream) = self.lock().streams.get_mut(console.0) {
            stream.passed = stream.text.len();
        }
    }

    /// Whether `text` was said on a console after what earlier waits passed. Passes nothing.
    pub fn has_said(&self, console: Console, text: &str) -> bool {
        let state = self.lock();
        let stream = state.streams.get(console.0);
        let rest = stream.and_then(|stream| stream.text.get(stream.passed..));
        rest.is_some_and(|rest| rest.contains(text))
    }

    /// All that was said on a console.
    pub fn text(&self, console: Console) -> String {
        let state = self.lock();
        let stream = state.streams.get(console.0);
        stream.map(|stream| stream.text.clone()).unwrap_or_default()
    }

    /// Waits until `look` finds something in the text not passed yet; it answers what, and where it ends.
    fn wait<T>(
        &self,
        console: Console,
        bound: Duration,
        look: impl Fn(&str) -> Option<(T, usize)>,
    ) -> Result<T, Why> {
        let deadline = Instant::now() + bound;
        let mut state = self.lock();
        loop {
            if let Some(text) = &state.offence {
                return Err(Why::Forbidden(text.clone()));
            }
            let stream = state.streams.get_mut(console.0).ok_or(Why::Ended)?;
            let rest = stream.text.get(stream.passed..).unwrap_or_default();
            if let Some((found, end)) = look(rest) {
                stream.passed += end;
                return Ok(found);
            }
            if !stream.open {
                return Err(Why::Ended);
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return Err(Why::Timeout);
            };
            state = self.sleep(state, left);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while holding it leaves the text complete: every change is one push.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep<'a>(&self, state: MutexGuard<'a, State>, bound: Duration) -> MutexGuard<'a, State> {
        let woken = self.shared.1.wait_timeout(state, bound);
        woken.unwrap_or_else(PoisonError::into_inner).0
    }
}

enum Why {
    Timeout,
    Ended,
    Forbidden(String),
}

impl Why {
    fn named(self, wanted: &str, bound: Duration) -> Missed {
        let wanted = wanted.to_owned();
        match self {
            Self::Timeout => Missed::Timeout { wanted, bound },
            Self::Ended => Missed::Ended { wanted },
            Self::Forbidden(text) => Missed::Forbidden { text },
        }
    }
}

/// The first of the texts that is in `text` and ends behind byte `since`; it may have started before.
fn said_since(text: &str, since: usize, texts: &[String]) -> Option<String> {
    texts
        .iter()
        .find(|wanted| {
            let mut from = since.saturating_sub(wanted.len());
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            text.get(from..).is_some_and(|rest| rest.contains(*wanted))
        })
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    const ONE: Console = Console(0);
    const OTHER: Console = Console(1);
    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(20);

    fn transcript(forbidden: &[&str]) -> Transcript {
        Transcript::new(2, forbidden.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn each_wait_passes_what_it_found() {
        let said = transcript(&[]);
        said.append(ONE, "up\r\nup\n");
        assert_eq!(said.expect(ONE, "up", SHORT), Ok(()));
        assert!(said.has_said(ONE, "up"));
        assert_eq!(said.expect(ONE, "up", SHORT), Ok(()));
        assert!(!said.has_said(ONE, "up"));
        said.append(ONE, "late");
        said.pass(ONE);
        assert!(!said.has_said(ONE, "late"));
        assert!(matches!(
            said.expect(ONE, "up", SHORT),
            Err(Missed::Timeout { .. })
        ));
        assert_eq!(said.text(ONE), "up\nup\nlate");
    }

    #[test]
    fn a_word_may_come_in_pieces_and_later() {
        let said = transcript(&[]);
        said.append(ONE, "user");
        let later = said.clone();
        let speaker = thread::spawn(move || later.append(ONE, "land up, 2"));
        assert_eq!(said.expect(ONE, "userland", LONG), Ok(()));
        speaker.join().unwrap();
        assert!(said.line(ONE, "up", SHORT).is_err(), "line not complete");
        said.append(ONE, " cpus\nnext");
        assert_eq!(said.line(ONE, "up", SHORT).unwrap(), " up, 2 cpus");
    }

    #[test]
    fn a_forbidden_text_on_one_console_ends_a_wait_on_the_other() {
        let said = transcript(&["panic"]);
        said.append(OTHER, "kernel pa");
        let later = said.clone();
        let speaker = thread::spawn(move || later.append(OTHER, "nic!"));
        let missed = said.expect(ONE, "up", LONG);
        speaker.join().unwrap();
        let text = "panic".to_owned();
        assert_eq!(missed, Err(Missed::Forbidden { text }));
    }

    #[test]
    fn lines_of_all_consoles_come_once_each() {
        let said = transcript(&[]);
        said.append(OTHER, "a\nb\nc");
        said.append(ONE, "x\n");
        let next = || said.next_line(SHORT);
        assert_eq!(next(), Ok((ONE, "x".to_owned())));
        assert_eq!(next(), Ok((OTHER, "a".to_owned())));
        assert_eq!(next(), Ok((OTHER, "b".to_owned())));
        assert!(matches!(next(), Err(Missed::Timeout { .. })));
        said.close(ONE);
        said.close(OTHER);
        assert!(matches!(next(), Err(Missed::Ended { .. })));
    }

    #[test]
    fn the_end_of_the_emulator_ends_a_wait() {
        let said = transcript(&[]);
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut source = "one\ntwo".as_bytes();
        said.record(ONE, &mut source, log.reopen().unwrap())
            .unwrap();
        assert_eq!(said.expect(ONE, "two", LONG), Ok(()));
        let wanted = "three".to_owned();
        assert_eq!(
            said.expect(ONE, "three", LONG),
            Err(Missed::Ended { wanted })
        );
        assert!(!said.wait_end(SHORT), "the other console is open");
        let logged = std::fs::read_to_string(log.path()).unwrap();
        let lines: Vec<_> = logged.lines().collect();
        assert!(lines[0].starts_with("[    0.0") && lines[0].ends_with("] one"));
        assert!(lines[1].ends_with("] two"));
    }
}
