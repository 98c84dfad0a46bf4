//! Where Cofferdam's crates, boards and kernel modules come from.
//!
//! The first of: `--sdk`, `COFFERDAM_SDK`, what the project says, the workspace around the current folder if it is
//! Cofferdam's own, the copy inside an installed tool ([`inside`]), the source tree that this tool was built in. What was
//! asked for and is none is refused; it is never passed over for the next.

use std::env;
use std::path::{Path, PathBuf};

pub mod inside;
#[cfg(test)]
mod pack;

/// The variable that names one.
pub const VARIABLE: &str = "COFFERDAM_SDK";

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was asked for, and is something else.
    #[error(
        "{by} names {}, which is not Cofferdam: it has no sossl/Cargo.toml; give the folder of its source tree",
        .path.display()
    )]
    NotOne {
        /// By whom.
        by: &'static str,
        /// The folder.
        path: PathBuf,
    },
    /// The tree that this tool was built in is gone.
    #[error(
        "no source tree of Cofferdam: {} is gone; name another by --sdk FOLDER or {VARIABLE}=FOLDER",
        .0.display()
    )]
    Gone(PathBuf),
    /// The copy inside this tool cannot be unpacked.
    #[error("the copy of Cofferdam inside this tool: {0}")]
    Inside(#[from] inside::Error),
}

/// A source tree of Cofferdam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it is the copy inside this tool: not a place for a project to name.
    pub is_inside: bool,
}

/// Who may say where it is.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// `--sdk`.
    pub option: Option<PathBuf>,
    /// [`VARIABLE`].
    pub variable: Option<PathBuf>,
    /// The project.
    pub pin: Option<PathBuf>,
}

impl Wishes {
    /// Those of the command line and the environment.
    pub fn of_user(option: Option<&Path>) -> Self {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty());
        Self {
            option: option.map(Path::to_owned),
            variable: variable.map(PathBuf::from),
            pin: None,
        }
    }

    /// The tree that they come to, for who works in the workspace `here`.
    pub fn find(self, here: Option<&Path>) -> Result<Tree, Error> {
        let other = |folder: PathBuf| Tree {
            folder,
            is_inside: false,
        };
        let said = [
            ("--sdk", self.option),
            (VARIABLE, self.variable),
            ("Cargo.toml of this project", self.pin),
        ];
        for (by, path) in said {
            let Some(path) = path else { continue };
            let path = path.canonicalize().unwrap_or(path);
            return if is_one(&path) {
                Ok(other(path))
            } else {
                Err(Error::NotOne { by, path })
            };
        }
        if let Some(here) = here.filter(|tree| is_one(tree)) {
            return Ok(other(here.to_owned()));
        }
        if let Some(folder) = inside::tree()? {
            return Ok(Tree {
                folder,
                is_inside: true,
            });
        }
        let built_in = Some(tool()).filter(|tree| is_one(tree));
        let built_in = built_in.map(|tree| other(tree.to_owned()));
        built_in.ok_or_else(|| Error::Gone(tool().to_owned()))
    }
}

fn is_one(folder: &Path) -> bool {
    folder.join("sossl/Cargo.toml").is_file() && folder.join("boards").is_dir()
}

/// The source tree that this tool was built in.
fn tool() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("sossl")).unwrap();
        fs::create_dir_all(folder.path().join("boards")).unwrap();
        fs::write(folder.path().join("sossl/Cargo.toml"), "").unwrap();
        folder
    }

    #[test]
    fn the_order_is_option_variable_pin_tree_tool() {
        let (option, variable, pin, here) = (tree(), tree(), tree(), tree());
        let path = |folder: &tempfile::TempDir| folder.path().canonicalize().unwrap();
        let mut wishes = Wishes {
            option: Some(path(&option)),
            variable: Some(path(&variable)),
            pin: Some(path(&pin)),
        };
        let found = |wishes: &Wishes| wishes.clone().find(Some(here.path())).unwrap().folder;
        assert_eq!(found(&wishes), path(&option));
        wishes.option = None;
        assert_eq!(found(&wishes), path(&variable));
        wishes.variable = None;
        assert_eq!(found(&wishes), path(&pin));
        wishes.pin = None;
        assert_eq!(found(&wishes), here.path());
        let built_in = wishes.find(None).unwrap();
        assert_eq!(built_in.folder, tool());
        assert!(!built_in.is_inside);
    }

    #[test]
    fn what_was_asked_for_is_not_passed_over() {
        let empty = tempfile::tempdir().unwrap();
        let wishes = Wishes {
            variable: Some(empty.path().to_owned()),
            pin: Some(tool().to_owned()),
            ..Wishes::default()
        };
        let error = wishes.find(None).unwrap_err();
        assert!(error.to_string().starts_with(VARIABLE), "{error}");
    }
}
