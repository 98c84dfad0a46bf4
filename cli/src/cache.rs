//! The one folder that holds everything downloaded, and nothing else: removing it is always safe.
//!
//! `$COFFERDAM_CACHE`, else `$XDG_CACHE_HOME/cofferdam`, else `~/.cache/cofferdam`.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The variable that moves the folder.
pub const VARIABLE: &str = "COFFERDAM_CACHE";

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No variable says where a cache could lie.
    #[error("neither {VARIABLE} nor HOME is set: say where downloads go with {VARIABLE}=FOLDER")]
    Nowhere,
    /// A folder or file of the cache cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder exists and was not made by this tool.
    #[error("{} has no {MARK}: not a folder of this tool, so it is left alone", .0.display())]
    NotOurs(PathBuf),
}

/// The file that says that a folder is a cache of this tool. `clean --all` removes nothing
/// without it: the variable may point anywhere, a home folder included.
const MARK: &str = "CACHEDIR.TAG";
const MARK_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Cofferdam's downloads.\n";

/// The cache folder. It exists.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

/// Holds the cache for one process, until dropped.
#[derive(Debug)]
pub struct Guard {
    _lock: File,
}

impl Cache {
    /// The user's cache, made if it does not exist.
    pub fn open() -> Result<Self, Error> {
        Self::at(&place(|name| env::var_os(name)).ok_or(Error::Nowhere)?)
    }

    /// The cache in this folder, made if it does not exist. An empty folder is adopted.
    pub fn at(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(at(root))?;
        let mark = root.join(MARK);
        if !mark.exists() {
            let empty = fs::read_dir(root).map_err(at(root))?.next().is_none();
            if !empty {
                return Err(Error::NotOurs(root.to_owned()));
            }
            fs::write(&mark, MARK_TEXT).map_err(at(&mark))?;
        }
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// Where the cache lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A folder inside, made if it does not exist.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.root.join(name);
        fs::create_dir_all(&path).map_err(at(&path))?;
        Ok(path)
    }

    /// Waits until no other process changes the cache, and keeps it until the guard is dropped.
    pub fn lock(&self) -> Result<Guard, Error> {
        let path = self.root.join("lock");
        let file = File::create(&path).map_err(at(&path))?;
        file.lock().map_err(at(&path))?;
        Ok(Guard { _lock: file })
    }

    /// Removes the cache with all that is in it.
    pub fn remove(self) -> Result<(), Error> {
        fs::remove_dir_all(&self.root).map_err(at(&self.root))
    }
}

fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    set(VARIABLE).map(PathBuf::from).or_else(|| {
        let base = set("XDG_CACHE_HOME").map(PathBuf::from);
        base.or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))
            .map(|base| base.join("cofferdam"))
    })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(set: &[(&str, &str)]) -> Option<PathBuf> {
        place(|name| {
            set.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_narrowest_variable_wins() {
        let home = ("HOME", "/h");
        let xdg = ("XDG_CACHE_HOME", "/x");
        let own = (VARIABLE, "/own");
        assert_eq!(placed(&[home, xdg, own]), Some("/own".into()));
        assert_eq!(placed(&[home, xdg]), Some("/x/cofferdam".into()));
        assert_eq!(placed(&[home]), Some("/h/.cache/cofferdam".into()));
        assert_eq!(
            placed(&[home, (VARIABLE, "")]),
            Some("/h/.cache/cofferdam".into())
        );
        assert_eq!(placed(&[]), None);
    }

    #[test]
    fn a_folder_of_somebody_else_is_never_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.tex"), "years").unwrap();
        assert!(matches!(
            Cache::at(folder.path()),
            Err(Error::NotOurs(path)) if path == folder.path()
        ));
        assert!(folder.path().join("thesis.tex").exists());
    }

    #[test]
    fn removing_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("cache");
        let cache = Cache::at(&root).unwrap();
        fs::write(cache.folder("packages").unwrap().join("one.deb"), "x").unwrap();
        Cache::at(&root).unwrap().remove().unwrap();
        assert!(!root.exists());
    }
}
