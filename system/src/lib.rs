//! Reads a system description and checks it: YAML, then Raw, then [`System`].
//!
//! [`load`] reads a system file and the board that it names; it answers a [`System`] in which all
//! names are resolved and every cross-check holds, or [`Refused`] with all mistakes that it found.
//! There are no warnings.
//!
//! | module | job |
//! |---|---|
//! | `yaml`, `fields`, `quantity` | text to typed values with places; nothing ambiguous is accepted |
//! | `raw` | the two files as written |
//! | `check` | what they must not say together; `arch` has what is one architecture's own |
//! | [`model`] | the result |
//! | `schema` | what the first three accept, for editors |
//! | [`explain`] | the result as tables and as a picture |
//!
//! Invariant: any bytes give an answer, never a panic (see `tests/robust.rs`).
#![forbid(unsafe_code)]
// A test may panic; what a user can feed may not.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)
)]

// Numbers of the user meet here.
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod arch;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod check;
mod code;
pub mod explain;
mod fields;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod frozen;
mod mistake;
pub mod model;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod quantity;
mod raw;
mod schema;
mod source;
mod suggest;
mod yaml;

use std::io;
use std::path::{Path, PathBuf};

pub use arch::{
    Arch, DeviceKind, Endianness, IntId, InterruptSource, Level, Ppi, Spi, State, World,
};
pub use code::Code;
pub use mistake::{Mistake, Refused, Spot};
pub use model::System;
pub use schema::schema;
pub use source::Source;

use check::scene::SystemFile;
use frozen::Frozen;
use mistake::{Draft, Mistakes};
use source::{FileId, Place, Sources};

/// Where the board file of a board is, under the root of the SDK.
pub fn board_file(sdk: &Path, board: &str) -> PathBuf {
    sdk.join("boards").join(board).join("board.yaml")
}

/// Where the numbers of a system's services are kept: beside its file, for all systems of the folder.
pub fn lock_file(system: &Path) -> PathBuf {
    system.with_file_name("services.lock")
}

/// Reads and checks the system `file`. Its board is `boards/<name>/board.yaml` under `sdk`; paths
/// of images start at the folder of `file`.
///
/// # Errors
/// All mistakes that one run can find.
pub fn load(file: &Path, sdk: &Path) -> Result<System, Refused> {
    let source = read(file).map_err(|error| refused_unread(file, &error))?;
    let lock = read_lock(file)?;
    check(source, lock, |board| read_board(sdk, board))
}

/// A system whose services all have their numbers.
#[derive(Debug)]
pub struct Numbered {
    /// The system.
    pub system: System,
    /// The file of frozen numbers; `None` if it is as it should be already, or there are no services.
    pub lock: Option<String>,
}

/// Gives each service of the system `file` its number: those that have one keep it.
///
/// # Errors
/// All mistakes that one run can find, but for the missing numbers.
pub fn freeze(file: &Path, sdk: &Path) -> Result<Numbered, Refused> {
    let source = read(file).map_err(|error| refused_unread(file, &error))?;
    let before = read_lock(file)?;
    let Some(text) = frozen_text(&source, before.as_ref()) else {
        // Nothing to freeze, or nothing that can be read: the checks say what is wrong.
        let system = load(file, sdk)?;
        return Ok(Numbered { system, lock: None });
    };
    let lock = Source {
        path: lock_file(file),
        text: text.clone(),
    };
    let unchanged = before.is_some_and(|before| before.text == text);
    let system = check(source, Some(lock), |board| read_board(sdk, board))?;
    let lock = (!unchanged).then_some(text);
    Ok(Numbered { system, lock })
}

fn frozen_text(system: &Source, lock: Option<&Source>) -> Option<String> {
    let mut sources = Sources::default();
    let mut out = Mistakes::default();
    let mut tree = |source: &Source| {
        let file = sources.add(source.path.clone(), source.text.clone());
        yaml::parse(&sources, file).ok()
    };
    let (root, lock) = (tree(system)?, lock.map(&mut tree));
    let frozen = match lock {
        Some(lock) => Frozen::read(&lock?, &mut out)?,
        None => Frozen::default(),
    };
    let raw = raw::system::System::read(&root, &mut out)?;
    let nothing = !out.is_empty() || raw.services.is_empty();
    if nothing {
        return None;
    }
    frozen.with(&raw.services)
}

/// The file of frozen numbers, if there is one.
fn read_lock(system: &Path) -> Result<Option<Source>, Refused> {
    let path = lock_file(system);
    match read(&path) {
        Ok(source) => Ok(Some(source)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused_unread(&path, &error)),
    }
}

fn refused_unread(file: &Path, error: &io::Error) -> Refused {
    let mut sources = Sources::default();
    let id = sources.add(file.to_owned(), String::new());
    let mut out = Mistakes::default();
    out.push(unreadable(id, file, error));
    out.into_refused(&sources)
}

/// The board's file, or which boards there are.
fn read_board(sdk: &Path, board: &str) -> io::Result<Source> {
    read(&board_file(sdk, board)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other(suggest::did_you_mean(
            board,
            boards(sdk).iter().map(String::as_str),
        )),
        _ => error,
    })
}

/// The names of all boards, sorted; none if they cannot be listed.
fn boards(sdk: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(sdk.join("boards"))
        .into_iter()
        .flatten()
        .flatten();
    let names = folders.map(|it| it.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names
        .filter(|name| board_file(sdk, name).is_file())
        .collect();
    names.sort_unstable();
    names
}

fn read(path: &Path) -> io::Result<Source> {
    Ok(Source {
        path: path.to_owned(),
        text: std::fs::read_to_string(path)?,
    })
}

fn unreadable(file: FileId, path: &Path, error: &io::Error) -> Draft {
    Draft::new(
        Code::FileUnreadable,
        format!("cannot read {}: {error}", path.display()),
        Place::start_of(file),
        "this file",
    )
    .help("give the path of a system file; `cofferdam new NAME` makes a project with one")
}

/// As [`load`], on texts that have been read: `lock` has the numbers of services, if there are any;
/// `read_board` gets the name of the board.
///
/// # Errors
/// All mistakes that one run can find.
pub fn check(
    system: Source,
    lock: Option<Source>,
    read_board: impl FnOnce(&str) -> io::Result<Source>,
) -> Result<System, Refused> {
    let mut sources = Sources::default();
    let mut out = Mistakes::default();
    let path = system.path.clone();
    let text = system.text.clone();
    let file = sources.add(system.path, system.text);
    let system = SystemFile {
        path: &path,
        text: &text,
    };
    let found = check_files(&mut sources, file, &system, lock, read_board, &mut out);
    match found {
        Some(mut system) if out.is_empty() => {
            system.files = sources.paths();
            Ok(system)
        }
        _ => {
            if out.is_empty() {
                out.push(internal(file));
            }
            Err(out.into_refused(&sources))
        }
    }
}

/// No mistake and no system: a check is missing. Said as such, rather than by a panic.
fn internal(file: FileId) -> Draft {
    let message = "this system cannot be built, and no check says why";
    Draft::new(Code::Internal, message, Place::start_of(file), "this file")
        .help("a mistake of this program: please report it with this file")
}

fn check_files(
    sources: &mut Sources,
    file: FileId,
    system: &SystemFile<'_>,
    lock: Option<Source>,
    read_board: impl FnOnce(&str) -> io::Result<Source>,
    out: &mut Mistakes,
) -> Option<System> {
    let root = parse(sources, file, out)?;
    let raw = raw::system::System::read(&root, out)?;
    check::version(raw.version, out);
    let name = raw.board.as_ref()?;
    let board = load_board(sources, name, read_board, out)?;
    let frozen = load_lock(sources, lock, out)?;
    check::system(&raw, board, &frozen, system, out)
}

fn load_lock(sources: &mut Sources, lock: Option<Source>, out: &mut Mistakes) -> Option<Frozen> {
    let Some(lock) = lock else {
        return Some(Frozen::default());
    };
    let file = sources.add(lock.path, lock.text);
    let frozen = Frozen::read(&parse(sources, file, out)?, out)?;
    check::version(frozen.version, out);
    Some(frozen)
}

fn load_board(
    sources: &mut Sources,
    name: &fields::At<String>,
    read_board: impl FnOnce(&str) -> io::Result<Source>,
    out: &mut Mistakes,
) -> Option<model::Board> {
    // The name becomes a part of a path.
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let source = if name.value.chars().all(plain) && !name.value.is_empty() {
        read_board(&name.value).map_err(|error| error.to_string())
    } else {
        Err("a board's name has letters, digits, `-` and `_` only".to_owned())
    };
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            out.push(
                Draft::new(
                    Code::BoardUnknown,
                    format!("no board `{}`: {error}", name.value),
                    name.place,
                    "unknown",
                )
                .help("name a folder of `boards/` that has a board.yaml"),
            );
            return None;
        }
    };
    let path = source.path.clone();
    let file = sources.add(source.path, source.text);
    let root = parse(sources, file, out)?;
    let raw = raw::board::Board::read(&root, out)?;
    check::board::board(&raw, &name.value, &path, out)
}

fn parse(sources: &Sources, file: FileId, out: &mut Mistakes) -> Option<yaml::Node> {
    match yaml::parse(sources, file) {
        Ok(root) => Some(root),
        Err(error) => {
            out.push(
                Draft::new(Code::YamlSyntax, error.message, error.place, "here")
                    .help("correct the YAML: the rest of the file cannot be read"),
            );
            None
        }
    }
}
