//! The schema for editors admits whatever is accepted, and nothing that the reader has no key for.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;
use serde_json::{Map, Value, json};
use serde_saphyr::from_str;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A validator of our own for the few words that the schema has: a whole one brings forty crates. A word that it does
/// not know fails.
struct Validator(Value);

fn validator() -> Validator {
    Validator(cofferdam_system::schema())
}

impl Validator {
    fn is_valid(&self, value: &Value) -> bool {
        self.error(value).is_none()
    }

    /// Where it is not valid.
    fn error(&self, value: &Value) -> Option<String> {
        self.wrong(&self.0, value, "")
    }

    fn wrong(&self, schema: &Value, value: &Value, at: &str) -> Option<String> {
        let words = schema.as_object().expect("a schema");
        words
            .iter()
            .find_map(|(word, said)| self.word(words, word, said, value, at))
    }

    fn word(
        &self,
        words: &Map<String, Value>,
        word: &str,
        said: &Value,
        value: &Value,
        at: &str,
    ) -> Option<String> {
        let text = || said.as_str().expect("a text");
        let all = || said.as_array().expect("a list").iter();
        let object = || value.as_object().into_iter().flatten();
        let wrong = |is: bool| is.then(|| format!("{at}: {word} {said}, not {value}"));
        match word {
            "$schema" | "$defs" | "title" | "description" => None,
            "$ref" => self.wrong(
                self.0.pointer(&text()[1..]).expect("a definition"),
                value,
                at,
            ),
            "anyOf" => wrong(all().all(|it| self.wrong(it, value, at).is_some())),
            "enum" => wrong(all().all(|it| it != value)),
            "type" if said.is_array() => {
                wrong(all().all(|it| !is_of(value, it.as_str().expect("a type"))))
            }
            "type" => wrong(!is_of(value, text())),
            "pattern" => wrong(
                value
                    .as_str()
                    .is_some_and(|it| !Regex::new(text()).expect("a pattern").is_match(it)),
            ),
            "required" => wrong(all().any(|it| value.get(it.as_str().expect("a key")).is_none())),
            "items" => value
                .as_array()
                .into_iter()
                .flatten()
                .find_map(|it| self.wrong(said, it, at)),
            "propertyNames" => object().find_map(|(key, _)| self.wrong(said, &json!(key), at)),
            "properties" => object()
                .find_map(|(key, it)| self.wrong(said.get(key)?, it, &format!("{at}/{key}"))),
            "additionalProperties" => object().find_map(|(key, it)| {
                let known = words
                    .get("properties")
                    .is_some_and(|all| all.get(key).is_some());
                match said {
                    _ if known => None,
                    Value::Bool(false) => Some(format!("{at}: no key {key}")),
                    schema => self.wrong(schema, it, &format!("{at}/{key}")),
                }
            }),
            unknown => panic!("{unknown} is not checked here"),
        }
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}

/// As an editor reads it: by the rules of YAML 1.2.
fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a file");
    from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every system of this source tree that is accepted.
fn systems() -> Vec<PathBuf> {
    let folders = [
        "examples/cockpit",
        "tests/systems",
        "benches/systems",
        "sossl/tests/sample",
    ];
    let mut found = vec![root().join("system/tests/base.yaml")];
    for folder in folders {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let path = entry.expect("a file").path();
            found.extend((path.extension() == Some("yaml".as_ref())).then_some(path));
        }
    }
    let cured = fs::read_dir(root().join("system/tests/refused")).expect("a folder");
    found.extend(
        cured
            .map(|entry| entry.expect("a folder").path().join("good.yaml"))
            .filter(|it| it.is_file()),
    );
    found
}

#[test]
fn every_system_that_is_accepted_is_valid() {
    let validator = validator();
    let systems = systems();
    assert!(systems.len() > 100);
    for path in systems {
        let value = read(&path);
        if value.get("cofferdam").is_none() {
            continue;
        }
        assert_eq!(validator.error(&value), None, "{}", path.display());
    }
}

#[test]
fn what_has_the_wrong_shape_is_not() {
    let validator = validator();
    let good = read(&root().join("examples/cockpit/system.yaml"));
    assert!(validator.is_valid(&good));
    let wrong = [
        ("/cofferdam", json!([])),
        ("/features/fpu", json!("lasy")),
        ("/features/turbo", json!(true)),
        ("/operating_systems/cluster/memory/ram/size", json!("4MB")),
        ("/operating_systems/cluster/on_hang/after", json!(5)),
        ("/operating_systems/cluster/cores", json!({ "shared": [0] })),
        (
            "/services/Odometer",
            good["services"]["odometer_read"].clone(),
        ),
    ];
    for (pointer, value) in wrong {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a path");
        bad.pointer_mut(parent).expect("a place")[key] = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn the_committed_schema_is_that_of_the_reader() {
    let path = root().join("system/system.schema.json");
    let committed: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON");
    assert_eq!(
        committed,
        cofferdam_system::schema(),
        "`cargo cofferdam schema > system/system.schema.json` makes it anew"
    );
}
