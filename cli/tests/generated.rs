//! Whatever system is accepted also compiles: random services in a new project, with the first forms of their handlers.
//!
//! Many services to a system and few systems: a build of one takes seconds.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Systems that are built.
const SYSTEMS: usize = 2;
/// Services that each is offered.
const SERVICES: usize = 64;

const TARGET: &str = "aarch64-unknown-none-softfloat";

/// Names that mean something in what is generated, or in Rust or C. Those that cannot be names are to be refused.
const NAMES: [&str; 32] = [
    "total",
    "x3",
    "registers",
    "caller",
    "place",
    "status",
    "services",
    "main",
    "core",
    "std",
    "u64",
    "result",
    "ok",
    "some",
    "value",
    "from",
    "entry",
    "memory",
    "region",
    "new",
    "drop",
    "handled",
    "service",
    "partition",
    "type",
    "asm",
    "answered",
    "limits",
    "metres",
    "errno",
    "claim",
    "signal",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&NAMES[..]).prop_map(str::to_owned),
        "[a-z][a-z0-9_]{0,9}"
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    let bare = select(&["bool", "u32", "u64", "i64"][..]).prop_map(str::to_owned);
    let least = prop_oneof![
        Just(i128::from(i64::MIN)),
        -100..100_i128,
        Just(i128::from(u32::MAX))
    ];
    let within = (select(&["u32", "u64", "i64"][..]), least, 0..1_000_000_i128);
    let within = within
        .prop_map(|(of, min, more)| format!("{{ type: {of}, min: {min}, max: {} }}", min + more));
    prop_oneof![bare, within]
}

fn region() -> impl Strategy<Value = String> {
    let access = select(&["read", "write"][..]);
    let size = select(&["max: 4KiB", "size: 64B", "max: 24B, align: 64B"][..]);
    (access, size).prop_map(|(access, size)| format!("{{ region: {access}, {size} }}"))
}

fn parameters(of: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    vec((name(), of), 0..most).prop_map(|all| {
        let all: Vec<_> = all
            .iter()
            .map(|(name, of)| format!("{name}: {of}"))
            .collect();
        format!("{{ {} }}", all.join(", "))
    })
}

/// An entry of `services:`.
fn service(languages: &'static [&'static str]) -> impl Strategy<Value = String> {
    let given = parameters(prop_oneof![2 => scalar(), 1 => region()], 5);
    let limit = select(
        &[
            "",
            "    limit: 9/s\n",
            "    limit: { calls: 20/s, burst: 3 }\n",
        ][..],
    );
    let callers = subsequence(vec!["control", "linux"], 1..=2);
    let monitor = select(languages)
        .prop_map(|it| format!("monitor\n    instructions: 9\n    language: {it}"));
    let handler = prop_oneof![3 => monitor, 1 => Just("control".to_owned())];
    let words = (handler, select(&["32", "64"][..]), limit);
    (name(), "[ -~é\\n]{0,30}", callers, words, given, parameters(scalar(), 4)).prop_map(
        |(name, doc, callers, (handler, convention, limit), arguments, results)| {
            // Who handles it does not call it.
            let callers = if handler == "control" { vec!["linux"] } else { callers };
            format!(
                "  {name}:\n    doc: {}\n    callers: [{}]\n    handler: {handler}\n    \
                 convention: {convention}\n    arguments: {arguments}\n    results: {results}\n{limit}",
                serde_json::to_string(&doc).unwrap(),
                callers.join(", "),
            )
        },
    )
}

fn done(output: &Output, system: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{system}\n{said}");
}

fn languages() -> &'static [&'static str] {
    if Command::new("aarch64-linux-gnu-gcc")
        .arg("--version")
        .output()
        .is_ok()
    {
        &["rust", "c"]
    } else {
        eprintln!("NOT RUN: handlers in C, without aarch64-linux-gnu-gcc");
        &["rust"]
    }
}

/// The system with those of the services that are accepted with it, and how many they are.
fn accepted(file: &Path, sdk: &Path, services: Vec<String>) -> (String, usize) {
    let (mut text, mut count) = (fs::read_to_string(file).unwrap(), 0);
    for service in services {
        let more = format!("{text}{service}");
        fs::write(file, &more).unwrap();
        if cofferdam_system::freeze(file, sdk).is_ok() {
            (text, count) = (more, count + 1);
        }
    }
    fs::write(file, &text).unwrap();
    (text, count)
}

#[test]
fn what_is_accepted_compiles() {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = folder.parent().unwrap();
    let tool = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cofferdam"));
        command
            .args(arguments)
            .current_dir(folder)
            .env("COFFERDAM_SDK", sdk)
            .output()
            .unwrap()
    };
    let mut runner = TestRunner::deterministic();
    let services = vec(service(languages()), SERVICES);
    for _ in 0..SYSTEMS {
        let project = folder.join("generated");
        let _old = fs::remove_dir_all(&project);
        done(&tool(folder, &["new", "generated"]), "");
        let random = services.new_tree(&mut runner).unwrap().current();
        let (system, count) = accepted(&project.join("system.yaml"), sdk, random);
        assert!(count > SERVICES / 16, "only {count} accepted");
        done(&tool(&project, &["gen"]), &system);
        let checked = Command::new("cargo")
            .args([
                "check",
                "--locked",
                "--quiet",
                "--workspace",
                "--target",
                TARGET,
            ])
            .current_dir(&project)
            .env("CARGO_TARGET_DIR", target)
            .output()
            .unwrap();
        done(&checked, &system);
    }
}
