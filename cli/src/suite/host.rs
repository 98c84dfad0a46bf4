//! The host's own tests: `cargo test`, its output passed on, its results counted.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::Tally;
use crate::process;
use crate::repository::Repository;

/// Packets each way of a soak run (`channel/tests/linux/packets.rs`).
const PACKETS: (&str, &str) = ("COFFERDAM_PACKETS", "1000000");

/// Runs all host tests of the workspace. What does not even build counts as one failure.
pub fn run(repository: &Repository, soak: bool) -> Result<Tally, process::Error> {
    let mut command = repository.cargo();
    command.envs(soak.then_some(PACKETS));
    command.args(["test", "--locked", "--no-fail-fast"]);
    let started = |source| process::Error::Start {
        line: "cargo test --locked --no-fail-fast".to_owned(),
        source,
    };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(started)?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            match results(&line) {
                Some(counted) => tally += counted,
                // Only what failed is of interest among hundreds of lines.
                None if line.ends_with("... ok") || line.trim().is_empty() => {}
                None => println!("{line}"),
            }
        }
    }
    let status = child.wait().map_err(started)?;
    if !status.success() && tally.failed == 0 {
        tally.count(false);
    }
    Ok(tally)
}

/// The numbers of a line `test result: ok. 3 passed; 0 failed; ...`.
fn results(line: &str) -> Option<Tally> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        rest.split(['.', ';'])
            .find_map(|part| part.trim().strip_suffix(word))?
            .trim()
            .parse()
            .ok()
    };
    Some(Tally {
        passed: number("passed")?,
        failed: number("failed")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_line_is_counted_and_no_other() {
        let line = "test result: FAILED. 31 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s";
        let counted = results(line).unwrap();
        assert_eq!((counted.passed, counted.failed), (31, 2));
        assert_eq!(counted.to_string(), "31 passed, 2 failed");
        assert_eq!(results("test a ... ok"), None);
    }
}
