//! What the documents name as held by a test is a test: a claim without one reads like any other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Those whose claims name tests.
const DOCUMENTS: [&str; 3] = ["README.md", "CAVEATS.md", "SECURITY.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust sources, one behind the other.
fn sources() -> String {
    let listed = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.lines().map(read).collect()
}

/// The words of a text that are code and nothing but letters, digits and `joint`, which is there `least` times.
fn names(text: &str, joint: char, least: usize) -> Vec<&str> {
    let code = text.split('`').skip(1).step_by(2);
    code.filter(|word| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint;
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(plain)
            && word.matches(joint).count() >= least
    })
    .collect()
}

/// `fn NAME(` with `#[test]` on one of the few lines before it.
fn is_test(sources: &str, name: &str) -> bool {
    let called = format!("fn {name}(");
    sources.match_indices(&called).any(|(at, _)| {
        let before = sources.get(..at).unwrap_or_default();
        before
            .lines()
            .rev()
            .take(5)
            .any(|line| line.trim() == "#[test]")
    })
}

#[test]
fn every_test_that_a_document_names_exists() {
    let sources = sources();
    for document in DOCUMENTS {
        let text = read(document);
        let named = names(&text, '_', 2);
        assert!(!named.is_empty(), "{document}");
        for name in named {
            assert!(is_test(&sources, name), "{document}: no test `{name}`");
        }
    }
}

/// System tests, attacks, codes of mistakes, protections that a control removes: one of these is meant.
#[test]
fn every_other_name_in_a_document_exists() {
    let lists = [
        "tests/system.toml",
        "tests/attacker/src/attack.rs",
        "system/src/code.rs",
    ];
    let lists: String = lists.into_iter().map(read).collect();
    let features = read("arch/arm64/Cargo.toml") + &read("arch/riscv64/Cargo.toml");
    for document in DOCUMENTS {
        let text = read(document);
        for name in names(&text, '-', 1) {
            let known = lists.contains(&format!("\"{name}\""))
                || features.contains(&format!("\n{name} = "));
            assert!(known, "{document}: nothing is called `{name}`");
        }
    }
}

/// The tables of keys: what they are of, and the heading that they stand under.
const TABLES: [(&str, &str); 5] = [
    ("features", "## Knobs of the monitor"),
    ("operating_systems", "## Knobs of a partition"),
    ("services", "## Knobs\n"),
    ("hooks", "## Hooks"),
    ("channels", "## Knobs of a channel"),
];

/// The keys below a node of a schema, each with those above it; names that a user chooses are left out.
fn keys(schema: &Value, node: &Value, above: &[String], all: &mut Vec<Vec<String>>) {
    if let Some(name) = node["$ref"].as_str() {
        let there = schema.pointer(name.trim_start_matches('#')).unwrap();
        keys(schema, there, above, all);
    }
    for (key, below) in node["properties"].as_object().into_iter().flatten() {
        let mut path = above.to_vec();
        path.push(key.clone());
        all.push(path.clone());
        keys(schema, below, &path, all);
    }
    for form in node["anyOf"].as_array().into_iter().flatten() {
        keys(schema, form, above, all);
    }
    if node["additionalProperties"].is_object() {
        keys(schema, &node["additionalProperties"], above, all);
    }
}

/// The words in the first cells of a section's tables.
fn first_cells(text: &str, heading: &str) -> Vec<BTreeSet<String>> {
    let (_, section) = text.split_once(heading).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let words = |cell: &str| {
        let words = cell.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.map(str::to_owned).collect()
    };
    cells.map(words).collect()
}

#[test]
fn every_key_of_a_description_has_its_row() {
    let text = read("docs/sossl.md");
    let schema = serde_json::to_value(cofferdam_system::schema()).unwrap();
    for (of, heading) in TABLES {
        let (cells, mut all) = (first_cells(&text, heading), Vec::new());
        keys(&schema, &schema, &[], &mut all);
        all.retain_mut(|path| path.remove(0) == of && !path.is_empty());
        assert!(all.len() > 5, "{of}: {all:?}");
        // A result is described as an argument is.
        all.retain(|path| path.len() == 1 || path[0] != "results");
        for path in all {
            let row = |cell: &BTreeSet<String>| path.iter().all(|key| cell.contains(key));
            assert!(cells.iter().any(row), "{of}: no row for {path:?}");
        }
    }
}
