//! Whatever system is accepted also compiles: a new project with random features, knobs of its partitions, hooks, a channel
//! and services, with the first forms of their handlers.
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
const SYSTEMS: usize = 3;
/// Services that each is offered.
const SERVICES: usize = 64;
/// Hooks that each is offered.
const HOOKS: usize = 4;

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

/// One of these lines, or none of them.
fn one_of(lines: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![1 => Just(""), 4 => select(lines)]
}

/// What stands under `features:`.
fn features() -> impl Strategy<Value = String> {
    let fpu = one_of(&[
        "  fpu: lazy\n",
        "  fpu: eager\n",
        "  fpu: { exclusive: control }\n",
    ]);
    let self_tests = one_of(&[
        "  self_tests: { at: [] }\n",
        "  self_tests: { at: [boot], on_failure: stop }\n",
        "  self_tests: { at: [boot, period], on_failure: safe_state }\n",
    ]);
    let health = one_of(&[
        "  health_monitor: { period: 100ms, on_fault: repair }\n",
        "  health_monitor: { period: 1s, on_fault: stop }\n",
    ]);
    let profiling = one_of(&[
        "  profiling: none\n",
        "  profiling: counters\n",
        "  profiling: histograms\n",
    ]);
    let log = one_of(&[
        "  log: { level: error }\n",
        "  log: { level: debug, ring: 1KiB }\n",
        "  log: { device: uart_secure }\n",
    ]);
    (fpu, self_tests, health, profiling, log)
        .prop_map(|(a, b, c, d, e)| format!("features:\n{a}{b}{c}{d}{e}"))
}

/// More of the critical partition.
fn knobs() -> impl Strategy<Value = String> {
    let budget = one_of(&["    budget: { time: 400us, period: 1ms }\n"]);
    let caches = one_of(&["    caches: off\n"]);
    (budget, caches).prop_map(|(budget, caches)| format!("{budget}{caches}"))
}

/// An entry of `hooks:`.
fn hook() -> impl Strategy<Value = String> {
    let place = select(
        &[
            "at: before_switch",
            "at: after_switch",
            "at: interrupt, device: rtc",
            "at: interrupt, device: gpio, core: 1, limit: 9/s",
        ][..],
    );
    (name(), place).prop_map(|(name, place)| {
        format!("  {name}: {{ doc: A hook., {place}, instructions: 9 }}\n")
    })
}

/// A whole `channels:`.
fn channels() -> impl Strategy<Value = &'static str> {
    one_of(&[
        "channels:\n  net0:\n    type: virtualnet\n    memory: { in: dram, size: 64KiB }\n    slots: 16\n    mtu: 1500\n    \
         ends: { linux: { address: 10.7.0.1/24 }, control: { address: 10.7.0.2/24, limit: { bytes: 1MiB/s } } }\n",
        "channels:\n  net0:\n    type: virtualnet\n    memory: { in: dram, size: 16KiB }\n    slots: 4\n    mtu: 576\n    \
         checksum: none\n    ends: { linux: { address: 10.7.0.1/24 }, control: { address: 10.7.0.2/24, accept: { tcp: [80] } } }\n",
    ])
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

/// A system that is made by adding what is accepted.
struct Draft<'a> {
    file: &'a Path,
    sdk: &'a Path,
    text: String,
}

impl Draft<'_> {
    /// Whether this is accepted; then it stays.
    fn add(&mut self, change: impl FnOnce(&str) -> String) -> bool {
        let changed = change(&self.text);
        fs::write(self.file, &changed).unwrap();
        let accepted = cofferdam_system::freeze(self.file, self.sdk).is_ok();
        if accepted {
            self.text = changed;
        }
        fs::write(self.file, &self.text).unwrap();
        accepted
    }

    /// How many of these are.
    fn add_each(&mut self, entries: Vec<String>) -> usize {
        let add = |entry: &String| self.add(|text| format!("{text}{entry}"));
        entries.iter().map(add).filter(|it| *it).count()
    }
}

/// With another `features:`.
fn with_features(text: &str, features: &str) -> String {
    let (before, rest) = text.split_once("features:\n").unwrap();
    let (_, after) = rest.split_once("operating_systems:\n").unwrap();
    format!("{before}{features}operating_systems:\n{after}")
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
    let system = (
        features(),
        knobs(),
        vec(hook(), HOOKS),
        channels(),
        vec(service(languages()), SERVICES),
    );
    let (mut others, mut hooked) = (0, 0);
    for _ in 0..SYSTEMS {
        let project = folder.join("generated");
        let _old = fs::remove_dir_all(&project);
        done(&tool(folder, &["new", "generated"]), "");
        let file = &project.join("system.yaml");
        let (features, knobs, hooks, channels, services) =
            system.new_tree(&mut runner).unwrap().current();
        let text = fs::read_to_string(file).unwrap();
        let mut draft = Draft { file, sdk, text };
        others += usize::from(draft.add(|text| with_features(text, &features)));
        let deadline = "    deadline: { period: 1ms, within: 1ms }\n";
        others +=
            usize::from(draft.add(|text| text.replace(deadline, &format!("{deadline}{knobs}"))));
        let count = draft.add_each(services);
        assert!(count > SERVICES / 16, "only {count} accepted");
        // The first one brings its section.
        let headed = |text: &str, hook: &String| {
            let head = if text.contains("\nhooks:") {
                ""
            } else {
                "hooks:\n"
            };
            format!("{text}{head}{hook}")
        };
        let added = hooks
            .iter()
            .map(|hook| draft.add(|text| headed(text, hook)));
        hooked += added.filter(|it| *it).count();
        others += usize::from(draft.add(|text| format!("{text}{channels}")));
        let system = draft.text;
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
    assert!(
        others > SYSTEMS && hooked > SYSTEMS,
        "only {others}, {hooked} accepted"
    );
}
