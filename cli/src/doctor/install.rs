//! Installs what is missing: on a terminal after asking, without a terminal as root directly,
//! otherwise not at all.

use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use super::{Cure, Need};
use crate::process;

/// Why something is still missing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It may not be installed without being asked for.
    #[error("something is missing (see above); this line installs it:\n  {0}")]
    Stopped(String),
    /// Only the user can install it.
    #[error("{0}: {1}")]
    ByHand(String, &'static str),
    /// An installer failed.
    #[error(transparent)]
    Process(#[from] process::Error),
}

/// May we install?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consent {
    Ask,
    Given,
    Withheld,
}

fn consent(terminal: bool, root: bool) -> Consent {
    match (terminal, root) {
        (true, _) => Consent::Ask,
        (false, true) => Consent::Given,
        (false, false) => Consent::Withheld,
    }
}

/// Installs all that is missing of `needs`.
pub fn install(needs: &[Need]) -> Result<(), Error> {
    let root = is_root();
    let commands = commands(needs, root)?;
    if commands.is_empty() {
        return Ok(());
    }
    let line = one_line(&commands);
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    let allowed = match consent(terminal, root) {
        Consent::Ask => asked(&line),
        Consent::Given => true,
        Consent::Withheld => false,
    };
    if !allowed {
        return Err(Error::Stopped(line));
    }
    for words in commands {
        run(&words)?;
    }
    Ok(())
}

/// The commands that cure what is missing, as few as possible, or nothing.
fn commands(needs: &[Need], root: bool) -> Result<Vec<Vec<String>>, Error> {
    let mut packages: Vec<&str> = Vec::new();
    let mut commands = Vec::new();
    for need in needs.iter().filter(|need| need.found.is_err()) {
        match &need.cure {
            Cure::Packages(names) => packages.extend(*names),
            Cure::Rustup(words) => {
                let all = std::iter::once("rustup".to_owned()).chain(words.iter().cloned());
                commands.push(all.collect());
            }
            Cure::ByHand(what) => return Err(Error::ByHand(need.name.clone(), what)),
        }
    }
    if !packages.is_empty() {
        commands.insert(0, apt(root, &["update"]));
        let install = ["install", "--yes", "--no-install-recommends"];
        commands.insert(1, apt(root, &[&install, packages.as_slice()].concat()));
    }
    Ok(commands)
}

fn apt(root: bool, words: &[&str]) -> Vec<String> {
    let sudo = (!root).then_some("sudo");
    let all = sudo.into_iter().chain(["apt-get"]);
    all.chain(words.iter().copied())
        .map(str::to_owned)
        .collect()
}

/// The line that installs all that is missing, if anything is.
pub fn line(needs: &[Need]) -> Result<Option<String>, Error> {
    let commands = commands(needs, is_root())?;
    Ok((!commands.is_empty()).then(|| one_line(&commands)))
}

fn one_line(commands: &[Vec<String>]) -> String {
    let lines: Vec<_> = commands.iter().map(|words| words.join(" ")).collect();
    lines.join(" && ")
}

fn asked(line: &str) -> bool {
    eprint!("Something is missing. Install it with this line?\n  {line}\n[y/N] ");
    let _shown = io::stderr().flush();
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

fn run(words: &[String]) -> Result<(), process::Error> {
    let mut words = words.iter();
    let mut command = Command::new(words.next().map(String::as_str).unwrap_or_default());
    command.args(words);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.env_remove("RUSTUP_TOOLCHAIN");
    eprintln!("{}", process::line(&command));
    process::visible(&mut command)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(cure: Cure) -> Need {
        Need {
            name: "it".to_owned(),
            found: Err("not installed".to_owned()),
            cure,
        }
    }

    fn joined(needs: &[Need], root: bool) -> String {
        one_line(&commands(needs, root).unwrap())
    }

    #[test]
    fn only_a_terminal_is_asked_and_only_root_is_not() {
        assert_eq!(consent(true, true), Consent::Ask);
        assert_eq!(consent(true, false), Consent::Ask);
        assert_eq!(consent(false, true), Consent::Given);
        assert_eq!(consent(false, false), Consent::Withheld);
    }

    #[test]
    fn one_line_cures_everything_that_is_missing() {
        let rustup = ["target", "add", "t"].map(str::to_owned).to_vec();
        let mut needs = [
            missing(Cure::Rustup(rustup)),
            missing(Cure::Packages(&["a", "b"])),
            missing(Cure::Packages(&["c"])),
        ];
        assert_eq!(
            joined(&needs, true),
            "apt-get update && apt-get install --yes --no-install-recommends a b c \
             && rustup target add t"
        );
        needs[2].found = Ok("c 1.0".to_owned());
        needs[0].found = Ok("t".to_owned());
        assert_eq!(
            joined(&needs, false),
            "sudo apt-get update && sudo apt-get install --yes --no-install-recommends a b"
        );
        needs[1].found = Ok("b".to_owned());
        assert_eq!(joined(&needs, false), "");
    }

    #[test]
    fn what_only_the_user_can_install_is_said() {
        let error = commands(&[missing(Cure::ByHand("buy one"))], true).unwrap_err();
        assert_eq!(error.to_string(), "it: buy one");
    }
}
