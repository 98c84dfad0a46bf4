//! The files that a description is made of, and places in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file, by its index in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileId(usize);

/// A piece of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: FileId,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Place {
    /// The very beginning: for what has no better place.
    pub(crate) const fn start_of(file: FileId) -> Self {
        Self {
            file,
            start: 0,
            len: 0,
        }
    }
}

/// One file, read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it was read from; messages name it so.
    pub path: PathBuf,
    /// Its contents.
    pub text: String,
}

/// The files read so far. Texts are shared with the mistakes found in them.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<(PathBuf, Arc<String>)>);

impl Sources {
    pub(crate) fn add(&mut self, path: PathBuf, text: String) -> FileId {
        let id = FileId(self.0.len());
        self.0.push((path, Arc::new(text)));
        id
    }

    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(|(path, _)| path.clone()).collect()
    }

    pub(crate) fn text(&self, file: FileId) -> &str {
        self.0.get(file.0).map_or("", |(_, text)| text)
    }

    pub(crate) fn path(&self, file: FileId) -> &Path {
        self.0.get(file.0).map_or(Path::new(""), |(path, _)| path)
    }

    pub(crate) fn shared_text(&self, file: FileId) -> Arc<String> {
        self.0
            .get(file.0)
            .map_or_else(Arc::default, |(_, text)| Arc::clone(text))
    }
}
