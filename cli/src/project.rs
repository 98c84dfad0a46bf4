//! A system as a user owns it: a workspace of its own, outside Cofferdam's source tree, with a link `sdk` to it.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use minijinja::{Environment, context};
use serde::Deserialize;

use crate::arguments::Language;
use crate::process;
use crate::sdk::Tree;

mod files;

use files::{FILES, IN_C, WITH_SERVICES};

/// The link to Cofferdam in a project.
const LINK: &str = "sdk";

/// Beside a board's description: the system that a project on it starts with.
const SYSTEM: &str = "system.yaml.jinja";

/// Longest name: it becomes that of crates.
const LONGEST: usize = 40;

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a name for crates.
    #[error(
        "`{0}` cannot be the name of a project: use a lower-case letter, then lower-case letters, digits and `-`, \
         {LONGEST} at most, and no word of Rust's"
    )]
    Name(String),
    /// Something is there already.
    #[error("{} is not empty: choose another name, or empty it first", .0.display())]
    NotEmpty(PathBuf),
    /// No project starts on this board.
    #[error("no project can start on board `{board}`: choose one of {known}")]
    Board {
        /// The board.
        board: String,
        /// Those on which one can.
        known: String,
    },
    /// Neither it nor a board that it continues has a crate.
    #[error(
        "board `{0}` has no crate: neither boards/{0} nor a board whose name it continues has a Cargo.toml"
    )]
    NoCrate(String),
    /// Its monitor has no services that could have handlers.
    #[error("there are no services on board `{0}` yet: leave --language out")]
    NoServices(String),
    /// A folder stands in the place of the link, and it is not Cofferdam that is asked for.
    #[error("{} is no link: remove it, or ask for no other Cofferdam than that", .0.display())]
    NoLink(PathBuf),
    /// The project's `Cargo.toml` cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        source: Box<toml::de::Error>,
    },
    /// A template is wrong.
    #[error("{file}: {source}")]
    Template {
        /// Of which file.
        file: String,
        /// The place and the reason.
        source: minijinja::Error,
    },
    /// The system does not fit this Cofferdam.
    #[error("{0}")]
    Refused(String),
    /// Its dependencies could not be settled.
    #[error(transparent)]
    Cargo(#[from] process::Error),
    /// A file cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// Makes the project `name` in `folder`, on this board and this source tree of Cofferdam. Answers its folder.
pub fn create(
    folder: &Path,
    name: &str,
    board: &str,
    language: Language,
    tree: &Tree,
) -> Result<PathBuf, Error> {
    check_name(name)?;
    let sdk = tree.folder.as_path();
    let system = system_template(sdk, board)?;
    let arch = architecture(sdk, board)?;
    // The monitor of riscv64 answers none yet.
    let services = arch == "arm64";
    let in_c = language == Language::C;
    if in_c && !services {
        return Err(Error::NoServices(board.to_owned()));
    }
    let board_crate = crate_of(sdk, board)?;
    let root = folder.join(name);
    check_empty(&root)?;
    // Complete or not at all.
    let made = tempfile::tempdir_in(folder).map_err(at(folder))?;
    let made = made.path();
    let named = context! {
        name,
        board,
        crate => name.replace('-', "_"),
        arch,
        board_crate,
        platform => platform(board_crate),
        services,
        in_c,
        in_rust => services && !in_c,
        // A TOML string: Rust's escapes are its own.
        sdk => (!tree.is_inside).then(|| format!("{:?}", sdk.to_string_lossy())),
    };
    let files = FILES.iter().copied();
    let more = [("system.yaml", system.as_str())].into_iter();
    let more = more
        .chain(services.then_some(WITH_SERVICES))
        .chain(in_c.then_some(IN_C));
    for (path, template) in files.chain(more) {
        write(&made.join(path), &render(path, template, &named)?)?;
    }
    let init = made.join("rootfs/init");
    fs::set_permissions(&init, fs::Permissions::from_mode(0o755)).map_err(at(&init))?;
    link(made, sdk)?;
    freeze(made, sdk)?;
    settle(made, sdk)?;
    fs::rename(made, &root).map_err(at(&root))?;
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).map_err(at(&root))?;
    Ok(root)
}

fn check_name(name: &str) -> Result<(), Error> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    let goes_on_well = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends_well = !name.ends_with('-') && name.len() <= LONGEST;
    if starts_well && ends_well && name.chars().all(goes_on_well) && !is_reserved(name) {
        Ok(())
    } else {
        Err(Error::Name(name.to_owned()))
    }
}

/// A name of a crate is one of Rust's identifiers, and of no crate that all have.
fn is_reserved(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_err()
        || ["core", "std", "test"].contains(&name)
}

fn check_empty(root: &Path) -> Result<(), Error> {
    let empty = match fs::read_dir(root) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    empty
        .then_some(())
        .ok_or_else(|| Error::NotEmpty(root.to_owned()))
}

fn system_template(sdk: &Path, board: &str) -> Result<String, Error> {
    let boards = sdk.join("boards");
    let mut known = Vec::new();
    for entry in fs::read_dir(&boards).map_err(at(&boards))? {
        let folder = entry.map_err(at(&boards))?;
        let name = folder.file_name().to_string_lossy().into_owned();
        let template = folder.path().join(SYSTEM);
        if !template.is_file() {
            continue;
        }
        if name == board {
            return fs::read_to_string(&template).map_err(at(&template));
        }
        known.push(name);
    }
    known.sort_unstable();
    Err(Error::Board {
        board: board.to_owned(),
        known: known.join(", "),
    })
}

/// What its `board.yaml` says; whether that is right, the checks of the whole system say.
fn architecture(sdk: &Path, board: &str) -> Result<String, Error> {
    let path = cofferdam_system::board_file(sdk, board);
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let said = text.lines().find_map(|line| line.strip_prefix("arch:"));
    Ok(said.unwrap_or_default().trim().to_owned())
}

/// The board whose crate a board has: its own, or that of the board whose name it continues.
fn crate_of<'a>(sdk: &Path, board: &'a str) -> Result<&'a str, Error> {
    let has_crate = |name: &&str| sdk.join("boards").join(name).join("Cargo.toml").is_file();
    let shorter = |name: &&'a str| name.rsplit_once('-').map(|(shorter, _)| shorter);
    let mut names = std::iter::successors(Some(board), shorter);
    names
        .find(has_crate)
        .ok_or_else(|| Error::NoCrate(board.to_owned()))
}

/// The type of a board's crate: `qemu-virt-arm64` has `QemuVirtArm64`.
fn platform(board: &str) -> String {
    let words = board.split('-');
    let capital = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_uppercase() + rest
    };
    words.map(capital).collect()
}

fn render(path: &str, template: &str, named: &minijinja::Value) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let rendered = environment.render_str(template, named);
    // The last line's end is the template engine's to take.
    rendered
        .map(|text| text + "\n")
        .map_err(|source| Error::Template {
            file: path.to_owned(),
            source,
        })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::write(path, text).map_err(at(path))
}

/// Its services get their numbers, which are the user's to commit.
fn freeze(root: &Path, sdk: &Path) -> Result<(), Error> {
    let system = root.join("system.yaml");
    // Its images are found beside it.
    let numbered = cofferdam_system::freeze(&system, sdk)
        .map_err(|refused| Error::Refused(refused.render(false)))?;
    numbered.lock.map_or(Ok(()), |text| {
        write(&cofferdam_system::lock_file(&system), &text)
    })
}

/// The same versions of all crates as Cofferdam's own.
fn settle(root: &Path, sdk: &Path) -> Result<(), Error> {
    let lock = sdk.join("Cargo.lock");
    fs::copy(&lock, root.join("Cargo.lock")).map_err(at(&lock))?;
    let mut cargo = std::process::Command::new("cargo");
    cargo
        .args(["update", "--workspace", "--quiet"])
        .current_dir(root)
        .env_remove("RUSTUP_TOOLCHAIN");
    process::output(&mut cargo)?;
    Ok(())
}

#[derive(Deserialize)]
struct Manifest {
    workspace: Option<Workspace>,
}

#[derive(Deserialize)]
struct Workspace {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    cofferdam: Option<Project>,
}

/// What a workspace says that is a project.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Where Cofferdam lies, if it says.
    pub sdk: Option<PathBuf>,
}

/// What the workspace at `root` says of itself; `None` if it is no project.
pub fn read(root: &Path) -> Result<Option<Project>, Error> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let manifest: Manifest = toml::from_str(&text).map_err(|source| Error::Manifest {
        path,
        source: Box::new(source),
    })?;
    let metadata = manifest.workspace.and_then(|it| it.metadata);
    let project = metadata.and_then(|it| it.cofferdam);
    Ok(project.map(|it| Project {
        sdk: it.sdk.map(|sdk| root.join(sdk)),
    }))
}

/// Makes the link of a project point to this source tree. A folder in its place stays, if it is that.
pub fn link(root: &Path, sdk: &Path) -> Result<(), Error> {
    let link = root.join(LINK);
    if link.canonicalize().is_ok_and(|there| there == sdk) {
        return Ok(());
    }
    if link.is_symlink() {
        fs::remove_file(&link).map_err(at(&link))?;
    } else if link.exists() {
        return Err(Error::NoLink(link));
    }
    symlink(sdk, &link).map_err(at(&link))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates() {
        for good in ["a", "my-cluster", "x9"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "9x", "My", "a_b", "a/b", "..", "a-", "a b", "-a"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert!(check_name(&"a".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn a_board_s_type_has_its_name() {
        assert_eq!(platform("qemu-virt-arm64"), "QemuVirtArm64");
    }

    #[test]
    fn the_link_follows_and_a_folder_stays() {
        let [root, one, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let path = |folder: &tempfile::TempDir| folder.path().canonicalize().unwrap();
        for sdk in [path(&one), path(&other)] {
            link(root.path(), &sdk).unwrap();
            assert_eq!(root.path().join(LINK).canonicalize().unwrap(), sdk);
        }
        fs::remove_file(root.path().join(LINK)).unwrap();
        fs::create_dir(root.path().join(LINK)).unwrap();
        let refused = link(root.path(), &path(&one));
        assert!(matches!(refused, Err(Error::NoLink(_))));
    }
}
