//! Sends a report field by field, as fast as the console takes it and no faster.
//!
//! One step formats one field and offers what is not yet sent of it, so that a step is short
//! whatever the console does.

use crate::report::Report;

/// A report under way.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    report: Report,
    field: usize,
    sent: usize,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to send, and the console may take it.
    More,
    /// There is more to send, but the console is full.
    Full,
    /// All is sent.
    Done,
}

impl Printer {
    /// Begins with this report.
    pub const fn new(report: Report) -> Self {
        Self {
            report,
            field: 0,
            sent: 0,
        }
    }

    /// Sends up to one field. `send` takes as many bytes as the console has room for and says how
    /// many.
    pub fn step(&mut self, send: impl FnOnce(&[u8]) -> usize) -> Progress {
        let Some(piece) = self.report.piece(self.field) else {
            return Progress::Done;
        };
        let rest = piece.as_bytes().get(self.sent..).unwrap_or_default();
        let taken = send(rest);
        if taken < rest.len() {
            self.sent += taken;
            return Progress::Full;
        }
        self.field += 1;
        self.sent = 0;
        Progress::More
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            name: "cluster",
            ..Report::default()
        }
    }

    /// Prints a report on a console that has room for so many bytes a step; what it printed, and in
    /// how many steps, the last among them.
    fn print(report: Report, room: usize) -> (Vec<u8>, usize) {
        let mut printer = Printer::new(report);
        let mut line = Vec::new();
        for step in 1..10_000 {
            let progress = printer.step(|bytes| {
                let taken = bytes.len().min(room);
                line.extend(bytes.iter().take(taken));
                taken
            });
            if progress == Progress::Done {
                return (line, step);
            }
        }
        panic!("never done");
    }

    #[test]
    fn a_slow_console_gets_the_same_line() {
        let (line, steps) = print(report(), usize::MAX);
        assert!(line.starts_with(b"cluster: t=0 met=0 ") && line.ends_with(b" digest=-\n"));
        assert_eq!(steps, 18, "17 fields, four of them empty, then nothing");
        for room in 1..40 {
            assert_eq!(print(report(), room).0, line);
        }
    }

    #[test]
    fn a_full_console_stops_it_where_it_is() {
        let mut printer = Printer::new(report());
        assert_eq!(printer.step(|_| 3), Progress::Full);
        assert_eq!(printer.step(|_| 0), Progress::Full);
        let mut offered = Vec::new();
        let progress = printer.step(|bytes| {
            offered.extend_from_slice(bytes);
            bytes.len()
        });
        assert_eq!(
            (progress, offered.as_slice()),
            (Progress::More, &b"ster: t=0"[..])
        );
    }
}
