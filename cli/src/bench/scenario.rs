//! Runs a payload on the emulator with its instructions logged into a pipe, and accounts for them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::account::{Account, Traced};
use super::trace::Steps;
use super::{Error, program};
use crate::emulator::{Console, Emulator, Missed, Options};
use crate::guest::Guest;
use crate::process;

/// Until the payload has said what ends the run; it takes seconds.
const BOUND: Duration = Duration::from_secs(300);
/// Bytes of the log that are read at once.
const READ_AHEAD: usize = 1 << 20;

/// What ends a run.
#[derive(Clone, Copy, Debug)]
pub enum End<'a> {
    /// A text on a console.
    Said(Console, &'a str),
    /// The same, or so many seconds of the host.
    SaidOrAfter(Console, &'a str, Duration),
}

/// Runs it. `options.more` is completed with what the log needs.
pub fn run(
    mut options: Options,
    consoles: &[&str],
    traced: Traced,
    end: End<'_>,
    logs: &Path,
) -> Result<Account, Error> {
    fs::create_dir_all(logs).map_err(at(logs))?;
    let pipe = make_pipe(logs)?;
    let mut account = Account::new(traced)?;
    let emulator = Guest::of(options.machine.arch).emulator;
    options.more.extend(log(emulator, &account, &pipe)?);
    // Held until the emulator has opened the pipe: neither end waits for the other, and if the emulator
    // does not start, the reader sees the end.
    let held = OpenOptions::new().read(true).write(true).open(&pipe);
    let held = held.map_err(at(&pipe))?;
    let source = File::open(&pipe).map_err(at(&pipe))?;
    let reader = thread::spawn(move || -> io::Result<Account> {
        for step in Steps::new(BufReader::with_capacity(READ_AHEAD, source)) {
            account.step(step?);
        }
        Ok(account)
    });
    let emulator = Emulator::start(&options, consoles, Vec::new(), logs);
    drop(held);
    let ended = emulator.map(|emulator| {
        let ended = wait(&emulator, end);
        drop(emulator);
        ended
    });
    let account = reader.join().map_err(|_| Error::Reader)?.map_err(at(&pipe));
    ended??;
    account
}

fn wait(emulator: &Emulator, end: End<'_>) -> Result<(), Error> {
    match end {
        End::Said(console, text) => Ok(emulator.transcript().expect(console, text, BOUND)?),
        End::SaidOrAfter(console, text, bound) => {
            match emulator.transcript().expect(console, text, bound) {
                Ok(()) | Err(Missed::Timeout { .. }) => Ok(()),
                Err(why) => Err(why.into()),
            }
        }
    }
}

fn make_pipe(folder: &Path) -> Result<PathBuf, Error> {
    let pipe = folder.join("instructions");
    match fs::remove_file(&pipe) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&pipe)(error)),
        _ => {}
    }
    process::output(Command::new("mkfifo").arg(&pipe))?;
    Ok(pipe)
}

/// Options with which each instruction of what is traced is logged.
fn log(emulator: &str, account: &Account, pipe: &Path) -> Result<Vec<String>, Error> {
    let ranges = account.traced().ranges().map_err(program_error)?;
    let ranges: Vec<_> = ranges
        .iter()
        .map(|range| format!("{:#x}..{:#x}", range.start, range.end.saturating_sub(1)))
        .collect();
    let version = process::output(Command::new(emulator).arg("--version"))?;
    let mut options = one_by_one(&version);
    let log = ["-d", "exec,nochain", "-dfilter", &ranges.join(",")];
    options.extend(log.map(str::to_owned));
    options.extend(["-D".to_owned(), pipe.display().to_string()]);
    Ok(options)
}

fn program_error(error: program::Error) -> Error {
    error.into()
}

/// One instruction to a translation block: the option was renamed in QEMU 8.1.
fn one_by_one(version: &str) -> Vec<String> {
    let number = version.split_whitespace().find_map(|word| {
        let (major, rest) = word.split_once('.')?;
        let minor = rest.split('.').next()?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    });
    let options: &[&str] = match number {
        Some(number) if number >= (8, 1) => &["-accel", "tcg,one-insn-per-tb=on"],
        _ => &["-singlestep"],
    };
    options.iter().map(|it| (*it).to_owned()).collect()
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_the_one_of_the_version() {
        let old = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c)";
        assert_eq!(one_by_one(old), ["-singlestep"]);
        assert_eq!(one_by_one("QEMU emulator version 8.0.2"), ["-singlestep"]);
        let new = ["-accel", "tcg,one-insn-per-tb=on"];
        assert_eq!(one_by_one("QEMU emulator version 8.1.0"), new);
        assert_eq!(one_by_one("QEMU emulator version 10.0.3 (Debian)"), new);
    }
}
