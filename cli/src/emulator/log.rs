//! A console's log file: each line with the seconds of host time since the start.

use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

/// The file.
#[derive(Debug)]
pub struct Log {
    file: File,
    at_line_start: bool,
}

impl Log {
    /// An empty one.
    pub fn new(file: File) -> Self {
        Self {
            file,
            at_line_start: true,
        }
    }

    /// Appends text, which may be part of a line.
    pub fn write(&mut self, text: &str, since_start: Duration) -> io::Result<()> {
        let mut stamped = String::new();
        for line in text.split_inclusive('\n') {
            if self.at_line_start {
                stamped += &format!("[{:9.3}] ", since_start.as_secs_f64());
            }
            stamped += line;
            self.at_line_start = line.ends_with('\n');
        }
        self.file.write_all(stamped.as_bytes())
    }
}
