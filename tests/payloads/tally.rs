//! Counts attacks that were held and those that were not, each in a line.

use core::fmt::Write;

/// Where it says so, and how many there were.
pub struct Tally<W> {
    pub console: W,
    pub held: u32,
    pub succeeded: u32,
}

impl<W: Write> Tally<W> {
    /// None so far.
    pub const fn new(console: W) -> Self {
        Self {
            console,
            held: 0,
            succeeded: 0,
        }
    }

    /// Enters one.
    pub fn enter(&mut self, what: &str, held: bool) {
        let verdict = if held { "held" } else { "SUCCEEDED" };
        *if held {
            &mut self.held
        } else {
            &mut self.succeeded
        } += 1;
        self.say(format_args!("attack {what}: {verdict}"));
    }

    /// Says the sum.
    pub fn end(&mut self) {
        let (held, succeeded) = (self.held, self.succeeded);
        self.say(format_args!("attacks: {held} held, {succeeded} succeeded"));
    }

    fn say(&mut self, line: core::fmt::Arguments<'_>) {
        // A console that drops a line fails the test, which waits for it.
        let _dropped = writeln!(self.console, "{line}");
    }
}
