//! The declarative list of system tests, `tests/system.toml`.
//!
//! ```toml
//! [[test]]
//! name = "linux-restarts"
//! system = "examples/cockpit/system.yaml"  # what to build
//! bound = 60                               # seconds of host time, for all of it
//! judge = ["cluster"]                      # whose reports must all be good, and there must be some
//! forbidden = ["monitor: panic"]           # must not be said on any console
//! steps = [
//!     { on = "linux", expect = "userland up" },
//!     { on = "linux", send = "echo c > /proc/sysrq-trigger\n" },
//!     { on = "linux", expect = "userland up", within = 30 },
//! ]
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::arguments::Language;

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a list of tests.
    #[error("{path}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        source: Box<toml::de::Error>,
    },
    /// A test that could not fail, or that cannot be told from another.
    #[error("test \"{name}\": {reason}")]
    Senseless {
        /// The test.
        name: String,
        /// Why.
        reason: &'static str,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    test: Vec<Test>,
}

/// One test.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its name, unique, for the list and its log folder.
    pub name: String,
    /// The system description, from the root of the repository, or of the project.
    pub system: PathBuf,
    /// The board of a project that `cofferdam new` makes for this test: its system is that of the project.
    pub project: Option<String>,
    /// What the first handlers of that project are written in.
    #[serde(default)]
    pub language: Language,
    /// Instructions take 2^shift ns of virtual time.
    #[serde(default = "default_shift")]
    pub shift: u8,
    /// Seconds of host time after which it has failed.
    pub bound: u64,
    /// By partition: an image that takes the place of the described one (a Cargo package, a `.elf` or a `.bin`).
    #[serde(default)]
    pub images: BTreeMap<String, PathBuf>,
    /// By partition: a kernel command line that takes the place of the described one.
    #[serde(default)]
    pub command_lines: BTreeMap<String, String>,
    /// The package of the firmware, if it is not beside the description.
    pub firmware: Option<PathBuf>,
    /// Cargo features of the firmware: how a positive control removes one protection.
    #[serde(default)]
    pub firmware_features: Vec<String>,
    /// By partition: Cargo features of its package.
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
    /// By partition: kernel modules of `linux/` or `tests/linux/` that lie in its `/lib/test`, not loaded.
    #[serde(default)]
    pub modules: BTreeMap<String, Vec<String>>,
    /// Whether there is a disk, fresh from `cofferdam disk`, with the root file system.
    #[serde(default)]
    pub disk: bool,
    /// Whether that disk is one of `--network`.
    #[serde(default)]
    pub network: bool,
    /// Offset of a byte of the flash that is inverted before the run: damage.
    pub damaged: Option<usize>,
    /// Further options of the emulator.
    #[serde(default)]
    pub emulator: Vec<String>,
    /// Text that must not be said on any console.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// Consoles on which every report must be good, and at least one must come.
    #[serde(default)]
    pub judge: Vec<String>,
    /// Of those, the ones whose partition is started anew in the test: else reports that begin again are a violation.
    #[serde(default)]
    pub restarted: Vec<String>,
    /// Consoles on which a report must show a violation that the first one did not show: a positive control.
    #[serde(default)]
    pub violated: Vec<String>,
    /// What is done and waited for, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
}

const fn default_shift() -> u8 {
    3
}

/// One step.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Step {
    /// Wait until a text is said.
    Expect(Expect),
    /// Type a text.
    Send(Send),
    /// See that a text has not been said.
    Unsaid(Unsaid),
    /// Look at a critical partition's page from the host.
    Get(Get),
    /// Let time pass.
    Pause(Pause),
    /// Do steps several times.
    Repeat(Repeat),
}

/// Wait until a text is said on a console, after what earlier steps have waited for. What the emulator itself says, as
/// with `-trace`, is the console `emulator`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The console, by its partition.
    pub on: String,
    /// The text.
    pub expect: String,
    /// Seconds of host time; the rest of the test's bound if not given.
    pub within: Option<u64>,
}

/// Type a text on a console, and pass all that was said there before.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// The console, by its partition.
    pub on: String,
    /// The text.
    pub send: String,
}

/// See that a text has not been said on a console up to now, after what earlier steps have waited for.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Unsaid {
    /// The console, by its partition.
    pub on: String,
    /// The text.
    pub unsaid: String,
}

/// Look at a critical partition's page from the host, through Linux, until it says a text.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// The path of the request.
    pub get: String,
    /// The text.
    pub expect: String,
}

/// Let time pass: what must not happen (`forbidden`, `unsaid`) has it to happen in.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Seconds of host time.
    pub pause: u64,
}

/// Do steps several times.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// How often.
    pub repeat: usize,
    /// How often in a soak run, if more.
    pub soak: Option<usize>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// Reads the list.
pub fn read(path: &Path) -> Result<Vec<Test>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    parse(&text).map_err(|error| match error {
        ParseError::Toml(source) => Error::Parse {
            path: path.to_owned(),
            source,
        },
        ParseError::Senseless(name, reason) => Error::Senseless { name, reason },
    })
}

#[derive(Debug)]
enum ParseError {
    Toml(Box<toml::de::Error>),
    Senseless(String, &'static str),
}

fn parse(text: &str) -> Result<Vec<Test>, ParseError> {
    let file: File = toml::from_str(text).map_err(|error| ParseError::Toml(Box::new(error)))?;
    for (number, test) in file.test.iter().enumerate() {
        let senseless = |reason| Err(ParseError::Senseless(test.name.clone(), reason));
        let mut earlier = file.test.iter().take(number);
        if earlier.any(|other| other.name == test.name) {
            return senseless("another test has its name");
        }
        let folder = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if test.name.is_empty() || !test.name.chars().all(folder) {
            return senseless("a name is of letters, digits and hyphens");
        }
        if !test.restarted.iter().all(|it| test.judge.contains(it)) {
            return senseless("`restarted` names who is not judged");
        }
        if !can_fail(test) {
            return senseless("it waits for nothing and judges nothing, so it could not fail");
        }
    }
    Ok(file.test)
}

/// Whether there is something that must be seen. What must *not* be seen does not count: a
/// machine that says nothing would pass.
fn can_fail(test: &Test) -> bool {
    fn waits(steps: &[Step]) -> bool {
        steps.iter().any(|step| match step {
            Step::Expect(_) | Step::Get(_) => true,
            Step::Send(_) | Step::Unsaid(_) | Step::Pause(_) => false,
            Step::Repeat(repeat) => repeat.repeat > 0 && waits(&repeat.steps),
        })
    }
    !test.judge.is_empty() || !test.violated.is_empty() || waits(&test.steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[[test]]\nname = \"one\"\nsystem = \"s.yaml\"\nbound = 9\n";

    fn refused(text: &str) -> String {
        match parse(text).unwrap_err() {
            ParseError::Toml(error) => error.to_string(),
            ParseError::Senseless(_, reason) => reason.to_owned(),
        }
    }

    #[test]
    fn steps_are_told_apart_by_their_keys() {
        let text = format!(
            "{HEAD}steps = [\n\
             {{ on = \"a\", expect = \"x\", within = 3 }},\n\
             {{ on = \"a\", send = \"y\\n\" }},\n\
             {{ repeat = 2, soak = 9, steps = [{{ on = \"b\", expect = \"z\" }}] }} ]\n"
        );
        let tests = parse(&text).unwrap();
        let [Step::Expect(expect), Step::Send(send), Step::Repeat(repeat)] = &tests[0].steps[..]
        else {
            panic!("{:?}", tests[0].steps);
        };
        assert_eq!((expect.expect.as_str(), expect.within), ("x", Some(3)));
        assert_eq!(send.send, "y\n");
        assert_eq!(
            (repeat.repeat, repeat.soak, repeat.steps.len()),
            (2, Some(9), 1)
        );
    }

    #[test]
    fn a_test_that_cannot_fail_is_refused() {
        assert!(refused(HEAD).contains("could not fail"));
        let sends =
            format!("{HEAD}forbidden = [\"x\"]\nsteps = [{{ on = \"a\", send = \"y\" }}]\n");
        assert!(refused(&sends).contains("could not fail"));
        let never = format!(
            "{HEAD}steps = [{{ repeat = 0, steps = [{{ on = \"b\", expect = \"z\" }}] }}]\n"
        );
        assert!(refused(&never).contains("could not fail"));
        assert!(parse(&format!("{HEAD}judge = [\"a\"]\n")).is_ok());
    }

    #[test]
    fn a_wrong_list_is_refused() {
        let good = format!("{HEAD}judge = [\"a\"]\n");
        assert!(refused(&format!("{good}{good}")).contains("has its name"));
        assert!(refused(&good.replace("\"one\"", "\"a/b\"")).contains("letters"));
        assert!(refused(&good.replace("bound", "bounds")).contains("unknown field"));
        let step = format!("{HEAD}steps = [{{ on = \"a\", expects = \"x\" }}]\n");
        assert!(refused(&step).contains("line 5"));
    }

    #[test]
    fn the_committed_list_is_a_list() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/system.toml");
        assert!(!read(&path).unwrap().is_empty());
    }
}
