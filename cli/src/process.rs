//! Runs other programs, and says in full what was run when one fails.
//!
//! Every failure names the command line and the last lines that the program wrote: a user must
//! be able to repeat by hand what failed here.

use std::io;
use std::process::{Command, ExitStatus, Stdio};

/// Why a program did not do what it was started for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program could not be started, most often because it is not installed.
    #[error("cannot start `{line}`: {source}\n  `cofferdam doctor` lists what is missing")]
    Start {
        /// The command line.
        line: String,
        /// What the system said.
        source: io::Error,
    },
    /// The program ended with a failure.
    #[error("`{line}` failed ({status})\n{output}")]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its error output.
        output: String,
    },
}

/// Lines of error output that a message repeats.
const LINES_KEPT: usize = 20;

/// The command line, for messages.
pub fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs the program to its end and answers what it wrote to its standard output.
pub fn output(command: &mut Command) -> Result<String, Error> {
    let bytes = output_bytes(command)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The same, for output that is not text.
pub fn output_bytes(command: &mut Command) -> Result<Vec<u8>, Error> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::Start {
            line: line(command),
            source,
        })?;
    if !done.status.success() {
        return Err(Error::Failed {
            line: line(command),
            status: done.status,
            output: last_lines(&String::from_utf8_lossy(&done.stderr)),
        });
    }
    Ok(done.stdout)
}

/// Runs the program to its end with the user's own terminal, so that its progress is seen.
pub fn visible(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|source| Error::Start {
        line: line(command),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        line: line(command),
        status,
        output: "  (its messages are above)".to_owned(),
    })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let from = lines.len().saturating_sub(LINES_KEPT);
    lines
        .iter()
        .skip(from)
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_repeats_the_command_and_its_last_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo lost; echo why >&2; exit 3"]);
        let message = output(&mut command).unwrap_err().to_string();
        assert!(message.contains("sh -c 'echo lost; echo why >&2; exit 3'"));
        assert!(message.ends_with("\n  why"), "{message}");
        assert!(!message.contains("\n  lost"));
    }

    #[test]
    fn a_missing_program_points_to_doctor() {
        let error = output(&mut Command::new("/nowhere/at-all")).unwrap_err();
        assert!(matches!(error, Error::Start { .. }));
        assert!(error.to_string().contains("cofferdam doctor"));
    }
}
