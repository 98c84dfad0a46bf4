//! From YAML nodes to typed values, reporting every mistake and going on.
//!
//! [`Fields`] reads one mapping. It remembers which keys were asked for, so that [`Fields::close`]
//! can refuse all others: no key is ever ignored in silence.

use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::schema::recorder::Shape;
use crate::source::Place;
use crate::suggest::{did_you_mean, nearest};
use crate::yaml::{Entry, Node, Value};

mod values;

pub(crate) use values::{DataRate, Rate, Signed, Size};

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) place: Place,
    pub(crate) value: T,
}

/// What can be read from a node. `None` means that the mistake has been reported.
pub(crate) trait FromNode: Sized {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self>;
}

/// A set of words of which one is written.
pub(crate) trait Word: Copy + 'static {
    /// What the word says, as in "a criticality".
    const WHAT: &'static str;
    /// All of them.
    const WORDS: &'static [(&'static str, Self)];
}

/// What a node is, for a message.
fn shape(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Text(_) => "a plain value",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn wrong_shape(node: &Node, wanted: &str, out: &mut Mistakes) {
    out.push(
        Draft::new(
            Code::WrongShape,
            format!("expected {wanted}, found {}", shape(&node.value)),
            node.place,
            format!("should be {wanted}"),
        )
        .help(format!("write {wanted} here")),
    );
}

/// The text of a plain value.
pub(crate) fn text<'n>(node: &'n Node, wanted: &str, out: &mut Mistakes) -> Option<&'n str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::Null | Value::List(_) | Value::Map(_) => {
            wrong_shape(node, wanted, out);
            None
        }
    }
}

/// The entries of a mapping whose keys are names that the user chose. Each value is read with the
/// place of its key.
pub(crate) fn named<T>(
    node: &Node,
    out: &mut Mistakes,
    mut read: impl FnMut(At<String>, &Node, &mut Mistakes) -> Option<T>,
) -> Vec<T> {
    let Some(entries) = entries(node, out) else {
        return Vec::new();
    };
    out.record(|it| it.open_items());
    let found = entries
        .iter()
        .filter_map(|entry| {
            check_name(entry, out);
            let name = At {
                place: entry.key_place,
                value: entry.key.clone(),
            };
            read(name, &entry.value, out)
        })
        .collect();
    out.record(|it| it.close_items(Shape::Named));
    found
}

/// Names become Rust identifiers, symbols and section names in what is generated.
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_ascii_lowercase());
    let goes_on_well = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    starts_well && goes_on_well && text.len() <= 32
}

fn check_name(entry: &Entry, out: &mut Mistakes) {
    if !is_name(&entry.key) {
        out.push(
            Draft::new(
                Code::NameInvalid,
                format!("`{}` cannot be a name", entry.key),
                entry.key_place,
                "this name",
            )
            .help("use a lower-case letter, then lower-case letters, digits and `_`; 32 at most"),
        );
    }
}

/// The entries of a mapping, each key once: a duplicate is reported and left out.
fn entries<'n>(node: &'n Node, out: &mut Mistakes) -> Option<Vec<&'n Entry>> {
    let Value::Map(all) = &node.value else {
        wrong_shape(node, "a mapping of `key: value`", out);
        return None;
    };
    let mut kept: Vec<&Entry> = Vec::new();
    for entry in all {
        match kept.iter().find(|earlier| earlier.key == entry.key) {
            Some(earlier) => out.push(
                Draft::new(
                    Code::DuplicateKey,
                    format!("`{}` is given twice", entry.key),
                    entry.key_place,
                    "given again here",
                )
                .and(earlier.key_place, "first given here")
                .help("keep one of the two"),
            ),
            None => kept.push(entry),
        }
    }
    Some(kept)
}

/// Reads a mapping with known keys.
pub(crate) struct Fields<'n, 'o> {
    /// What the mapping describes, as in "a partition".
    what: &'static str,
    /// Where to point when something is missing.
    place: Place,
    entries: Vec<&'n Entry>,
    known: Vec<&'static str>,
    /// What has to be there and is not.
    missing: Vec<&'static str>,
    pub(crate) out: &'o mut Mistakes,
}

impl<'n, 'o> Fields<'n, 'o> {
    /// Opens the mapping `node`, which stands at `place` (its key, if it has one: a mapping in
    /// block style has no text of its own to point at).
    pub(crate) fn open(
        what: &'static str,
        place: Place,
        node: &'n Node,
        out: &'o mut Mistakes,
    ) -> Option<Self> {
        let entries = entries(node, out)?;
        out.record(|it| it.open(what));
        Some(Self {
            what,
            place,
            entries,
            known: Vec::new(),
            missing: Vec::new(),
            out,
        })
    }

    /// The entry of `key`, if it is there.
    pub(crate) fn entry(&mut self, key: &'static str) -> Option<&'n Entry> {
        self.out.record(|it| it.ask(key, false));
        self.known.push(key);
        self.entries.iter().find(|e| e.key == key).copied()
    }

    /// Whether `key` is there, right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|e| e.key == key)
    }

    pub(crate) fn optional<T: FromNode>(&mut self, key: &'static str) -> Option<T> {
        let entry = self.entry(key)?;
        T::from_node(&entry.value, self.out)
    }

    /// A list that may be left out: then it is empty. `None` if it is wrong.
    pub(crate) fn list<T: FromNode>(&mut self, key: &'static str) -> Option<Vec<T>> {
        match self.entry(key) {
            Some(entry) => Vec::from_node(&entry.value, self.out),
            None => Some(Vec::new()),
        }
    }

    pub(crate) fn required<T: FromNode>(&mut self, key: &'static str) -> Option<T> {
        let entry = self.required_entry(key)?;
        T::from_node(&entry.value, self.out)
    }

    /// The entry of `key`; its absence is a mistake, told when the mapping has been read.
    pub(crate) fn required_entry(&mut self, key: &'static str) -> Option<&'n Entry> {
        let found = self.entry(key);
        self.out.record(|it| it.ask(key, true));
        if found.is_none() {
            self.missing.push(key);
        }
        found
    }

    /// Refuses every key that nobody asked for. A misspelt key is one mistake, not two.
    pub(crate) fn close(mut self) {
        self.out.record(|it| it.close());
        self.refuse_unknown();
    }

    fn refuse_unknown(&mut self) {
        for entry in &self.entries {
            if self.known.contains(&entry.key.as_str()) {
                continue;
            }
            let help = match entry.value.value {
                Value::Null => "a comma inside `{ }` separates keys: quote a text that has one",
                Value::Text(_) | Value::List(_) | Value::Map(_) => "",
            };
            let known = self.known.iter().copied();
            let near = nearest(&entry.key, known.clone());
            self.missing.retain(|key| Some(*key) != near);
            let meant = did_you_mean(&entry.key, known);
            let help = match help {
                "" => meant,
                comma => format!("{meant} ({comma})"),
            };
            self.out.push(
                Draft::new(
                    Code::UnknownKey,
                    format!("{} has no key `{}`", self.what, entry.key),
                    entry.key_place,
                    "unknown key",
                )
                .help(help),
            );
        }
    }
}

/// However the reading of the mapping ended.
impl Drop for Fields<'_, '_> {
    fn drop(&mut self) {
        for key in &self.missing {
            self.out.push(
                Draft::new(
                    Code::MissingKey,
                    format!("{} has no `{key}`", self.what),
                    self.place,
                    format!("`{key}` is missing here"),
                )
                .help(format!("add `{key}:`")),
            );
        }
    }
}
