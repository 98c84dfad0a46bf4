//! What the files say: typed and with places, but not yet checked against anything else.
//!
//! A field is `None` when it is absent or wrong; wrong has then been reported, absent too where
//! the key is required. Cross-checks skip what they cannot see, so that one mistake is told once.

pub(crate) mod board;
pub(crate) mod channel;
pub(crate) mod features;
pub(crate) mod hook;
pub(crate) mod partition;
pub(crate) mod service;
pub(crate) mod system;

use crate::fields::{At, Fields, FromNode, Size, named};
use crate::mistake::Mistakes;
use crate::source::Place;
use crate::yaml::Node;

/// A piece of a bank: `{ in: bank, at: address, size: 4MiB }`.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) name: At<String>,
    pub(crate) bank: Option<At<String>>,
    pub(crate) at: Option<At<u64>>,
    pub(crate) size: Option<At<Size>>,
}

impl Chunk {
    /// `fixed` says that it must have an address; others may be placed.
    pub(crate) fn read(
        name: At<String>,
        fixed: bool,
        node: &Node,
        out: &mut Mistakes,
    ) -> Option<Self> {
        let mut f = Fields::open("a piece of memory", name.place, node, out)?;
        let bank = f.required("in");
        let at = if fixed {
            f.required("at")
        } else {
            f.optional("at")
        };
        let size = f.required("size");
        f.close();
        Some(Self {
            name,
            bank,
            at,
            size,
        })
    }
}

/// Reads the mapping at `key`, if it is there, whose keys the user chose.
fn named_at<T>(
    f: &mut Fields<'_, '_>,
    key: &'static str,
    read: impl FnMut(At<String>, &Node, &mut Mistakes) -> Option<T>,
) -> Vec<T> {
    match f.entry(key) {
        Some(entry) => named(&entry.value, f.out, read),
        None => Vec::new(),
    }
}

/// Reads the mapping at `key`, if it is there, with known keys.
pub(crate) fn nested<T>(
    f: &mut Fields<'_, '_>,
    key: &'static str,
    read: impl FnOnce(Place, &Node, &mut Mistakes) -> Option<T>,
) -> Option<T> {
    let entry = f.entry(key)?;
    read(entry.key_place, &entry.value, f.out)
}

/// As [`nested`], but the key must be there.
fn required_nested<T>(
    f: &mut Fields<'_, '_>,
    key: &'static str,
    read: impl FnOnce(Place, &Node, &mut Mistakes) -> Option<T>,
) -> Option<T> {
    let entry = f.required_entry(key)?;
    read(entry.key_place, &entry.value, f.out)
}

/// The version number of a file's format, which comes before anything else is believed.
pub(crate) fn version(f: &mut Fields<'_, '_>, key: &'static str) -> Option<At<u64>> {
    let entry = f.required_entry(key)?;
    At::from_node(&entry.value, f.out)
}
