//! The JSON Schema (draft 2020-12) of a system file, for editors: completion, and the first mistakes while typing.
//!
//! It is made of what the reader asks for (see [`recorder`]), so it has every key and every word of it. It says less than
//! the reader refuses: that two keys exclude each other, or that a name exists, only `cofferdam check` knows.

pub(crate) mod recorder;

use serde_json::{Map, Value, json};

use crate::mistake::Mistakes;
use crate::quantity::Pattern;
use crate::raw::system::System;
use crate::source::Sources;
use crate::yaml;
use recorder::{Key, Object, Recorder, Shape};

/// Files that lead the reader into each of its branches. They have the right shapes; they are no systems.
const PROBES: [&str; 2] = [
    include_str!("probe.yaml"),
    "{ cofferdam: 1, board: b, features: { fpu: { exclusive: a } }, operating_systems: {} }",
];

/// As `check_name` of `fields`.
const NAME: &str = "^[a-z][a-z0-9_]{0,31}$";

/// The schema of a system file.
pub fn schema() -> Value {
    let recorder = record();
    let objects = recorder.objects.iter();
    let definitions: Map<_, _> = objects
        .map(|(what, object)| (definition(what), of_object(what, object)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cofferdam: the description of a system",
        "$ref": reference("a system file"),
        "$defs": definitions,
    })
}

/// What the reader asks for while it reads the probes.
fn record() -> Recorder {
    let mut out = Mistakes::recording();
    read_probes(&mut out);
    out.into_recorder()
}

fn read_probes(out: &mut Mistakes) {
    let mut sources = Sources::default();
    for probe in PROBES {
        let file = sources.add("probe.yaml".into(), probe.to_owned());
        if let Ok(root) = yaml::parse(&sources, file) {
            System::read(&root, out);
        }
    }
}

fn definition(what: &str) -> String {
    what.chars()
        .filter(|c| *c != '`')
        .map(|c| if c == ' ' { '_' } else { c })
        .collect()
}

fn reference(what: &str) -> String {
    format!("#/$defs/{}", definition(what))
}

fn of_object(what: &str, object: &Object) -> Value {
    let required: Vec<_> = object
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let properties: Map<_, _> = object
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), of_key(key)))
        .collect();
    json!({
        "description": what,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_key(key: &Key) -> Value {
    any_of(&key.shapes)
}

/// Whatever may stand there; nothing is known of a key that only has to be empty.
fn any_of(shapes: &[Shape]) -> Value {
    match shapes {
        [] => json!({}),
        [one] => of_shape(one),
        several => json!({ "anyOf": several.iter().map(of_shape).collect::<Vec<_>>() }),
    }
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        // Editors that follow YAML 1.2 see `4` as a number, and `0x4000_0000` as a text.
        Shape::Text {
            what,
            pattern: None,
        } => json!({
            "description": what, "type": ["string", "number", "boolean"],
        }),
        Shape::Text {
            what,
            pattern: Some(pattern),
        } => json!({
            "description": what, "type": types(pattern), "pattern": pattern.text,
        }),
        Shape::Word { what, words } => json!({ "description": what, "enum": spellings(words) }),
        Shape::List(items) => json!({ "type": "array", "items": any_of(items) }),
        Shape::Named(items) => json!({
            "type": "object", "propertyNames": { "pattern": NAME }, "additionalProperties": any_of(items),
        }),
        Shape::Object(what) => json!({ "$ref": reference(what) }),
    }
}

fn types(pattern: &Pattern) -> Value {
    if pattern.number {
        json!(["string", "integer"])
    } else {
        json!("string")
    }
}

/// The words, and what editors take some of them for: `64` is a number, and `on` true where YAML 1.1 is followed.
fn spellings(words: &[&str]) -> Vec<Value> {
    let texts = words.iter().map(|word| json!(word));
    let others = words.iter().filter_map(|word| match *word {
        "on" => Some(json!(true)),
        "off" => Some(json!(false)),
        number => number.parse::<u32>().ok().map(|number| json!(number)),
    });
    texts.chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key without a shape is one that no probe has: nothing would be known of what stands there.
    #[test]
    fn the_probes_have_every_key() {
        let recorder = record();
        for (what, object) in &recorder.objects {
            for key in &object.keys {
                assert!(!key.shapes.is_empty(), "{what}: {}", key.name);
            }
        }
        assert!(recorder.objects.len() > 10);
    }

    #[test]
    fn the_probes_are_read_without_a_mistake() {
        let mut out = Mistakes::default();
        read_probes(&mut out);
        assert!(out.is_empty(), "{out:?}");
    }
}
