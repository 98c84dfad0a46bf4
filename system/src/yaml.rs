//! YAML text to a tree of nodes that know their place in the file.
//!
//! Nothing is interpreted here: a scalar stays the text that the user wrote (`010`, `on`, `22:33`
//! mean whatever the field that reads them says, which is how the YAML 1.1 pitfalls are avoided),
//! and every entry of a mapping is kept, so that a duplicate key can be shown with both places.
//! Merge keys (`<<`) are not expanded and so end as unknown keys.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, MergeKeyPolicy, NonFiniteFloatPolicy, Spanned};

use crate::source::{FileId, Place, Sources};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    /// The text as written, without quotes.
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One `key: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) value: Node,
}

/// The text is not YAML.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// Reads one file into a tree.
pub(crate) fn parse(sources: &Sources, file: FileId) -> Result<Node, SyntaxError> {
    let text = sources.text(file);
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: 32, max_nodes: 10_000 },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Tree>>(text, options) {
        Ok(tree) => Ok(Build { text, file }.node(tree)),
        Err(error) => Err(SyntaxError {
            place: error
                .location()
                .map_or(Place::start_of(file), |at| place(text, file, at)),
            message: plain_message(&error),
        }),
    }
}

/// The parser's message without its own "line 1 column 2" suffix: the label says it better.
fn plain_message(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    match first.find(" at line ") {
        Some(end) => first.get(..end).unwrap_or(first).to_owned(),
        None => first.to_owned(),
    }
}

/// A place from the parser's location, held within the text whatever the parser says.
fn place(text: &str, file: FileId, at: Location) -> Place {
    let number = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let start = match at.span().byte_offset() {
        Some(offset) => number(Some(offset)).min(text.len()),
        None => offset_of(text, number(Some(at.line())), number(Some(at.column()))),
    };
    let end = start
        .saturating_add(number(at.span().byte_len()))
        .min(text.len());
    Place {
        file,
        start,
        len: end.saturating_sub(start),
    }
}

/// The byte at a line and a column (both from 1, in characters): syntax errors have only these.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = text.get(before..).unwrap_or_default();
    let within = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(rest.len(), |(at, _)| at);
    before.saturating_add(within)
}

/// What serde sees, before places are resolved.
enum Tree {
    Null,
    /// A scalar that is text by its own nature or by its quotes.
    Text(String),
    /// A scalar that the parser took for a number or a boolean: its text is read from the file.
    Number,
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<Tree>, Spanned<Tree>)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}

struct Build<'a> {
    text: &'a str,
    file: FileId,
}

impl Build<'_> {
    fn node(&self, tree: Spanned<Tree>) -> Node {
        let place = place(self.text, self.file, tree.referenced);
        let value = match tree.value {
            Tree::Null => Value::Null,
            Tree::Text(text) => Value::Text(text),
            // An alias shows the alias at `referenced`; the number itself is at `defined`.
            Tree::Number => Value::Text(self.slice(tree.defined)),
            Tree::List(items) => Value::List(items.into_iter().map(|i| self.node(i)).collect()),
            Tree::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| self.entry(key, value))
                    .collect(),
            ),
        };
        Node { place, value }
    }

    fn entry(&self, key: Spanned<Tree>, value: Spanned<Tree>) -> Entry {
        let key = self.node(key);
        Entry {
            key_place: key.place,
            key: match key.value {
                Value::Text(text) => text,
                // A key that is no text names nothing that exists: it ends as an unknown key.
                Value::Null | Value::List(_) | Value::Map(_) => self.slice_of(key.place),
            },
            value: self.node(value),
        }
    }

    fn slice(&self, at: Location) -> String {
        self.slice_of(place(self.text, self.file, at))
    }

    fn slice_of(&self, place: Place) -> String {
        self.text
            .get(place.start..place.start.saturating_add(place.len))
            .unwrap_or_default()
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in one line: `{a:1,b:[x,~]}`, each scalar followed by what its place covers.
    fn show(text: &str) -> String {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml".into(), text.to_owned());
        match parse(&sources, file) {
            Ok(node) => show_node(&node, text),
            Err(error) => format!("{} @{}", error.message, error.place.start),
        }
    }

    fn show_node(node: &Node, text: &str) -> String {
        let join = |parts: Vec<String>| parts.join(" ");
        match &node.value {
            Value::Null => "~".to_owned(),
            Value::Text(value) => {
                let end = node.place.start + node.place.len;
                format!("{value}<{}>", &text[node.place.start..end])
            }
            Value::List(items) => {
                format!(
                    "[{}]",
                    join(items.iter().map(|i| show_node(i, text)).collect())
                )
            }
            Value::Map(entries) => {
                let entry = |e: &Entry| format!("{}:{}", e.key, show_node(&e.value, text));
                format!("{{{}}}", join(entries.iter().map(entry).collect()))
            }
        }
    }

    #[test]
    fn scalars_stay_as_written() {
        assert_eq!(
            show("[010, 1.5, on, true, ~, 22:33, .inf, 0x4000_0000, 'q 1']"),
            "[010<010> 1.5<1.5> on<on> true<true> ~ 22:33<22:33> .inf<.inf> \
             0x4000_0000<0x4000_0000> q 1<'q 1'>]"
        );
    }

    #[test]
    fn nothing_is_lost_or_expanded() {
        assert_eq!(show("{a: 1, a: 2}"), "{a:1<1> a:2<2>}");
        assert_eq!(show("{<<: {p: q}}"), "{<<:{p:q<q>}}");
        assert_eq!(show("{c: arm,pl011}"), "{c:arm<arm> pl011:~}");
        assert_eq!(show("{a: &k 7, b: *k}"), "{a:7<7> b:7<*k>}");
        assert_eq!(show("{0x10: é, on: 1}"), "{0x10:é<é> on:1<1>}");
    }

    #[test]
    fn syntax_errors_have_a_place() {
        assert_eq!(show("a: 1\nb: [1, 2"), "unclosed bracket '[' @8");
        assert_eq!(
            show("é: b: c"),
            "mapping values are not allowed in this context @5"
        );
        assert!(show(&"[".repeat(100_000)).contains('@'));
    }
}
