//! Any text gives an answer: mistakes, or a system in which everything holds. Never a panic.

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_core::region::check_disjoint;
use cofferdam_system::model::DeviceId;
use cofferdam_system::{Refused, Source, System, check, explain};
use proptest::prelude::*;
use proptest::sample::Index;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn text(path: &str) -> String {
    fs::read_to_string(tests().join(path)).expect("a test file")
}

fn judge(system: String, board: String) -> Result<System, Refused> {
    judge_with_lock(system, board, None)
}

fn judge_with_lock(system: String, board: String, lock: Option<String>) -> Result<System, Refused> {
    let source = |path: &str, text| Source {
        path: tests().join(path),
        text,
    };
    let lock = lock.map(|text| source("services.lock", text));
    check(source("base.yaml", system), lock, |_| {
        Ok(source("boards/small/board.yaml", board))
    })
}

/// What is accepted keeps what the checks promise, judged here by other means.
fn holds(system: &System) -> Result<(), TestCaseError> {
    let mut regions = vec![system.board.monitor.flash, system.board.monitor.ram];
    let mut devices: Vec<DeviceId> = Vec::new();
    for partition in &system.partitions {
        for memory in &partition.memory {
            let bank = system.board.bank(memory.bank).expect("its bank");
            prop_assert!(bank.region.contains(memory.region));
            let world = partition.world.expect("the base is of arm64");
            prop_assert!(bank.worlds.contains(&world));
            regions.push(memory.region);
        }
        prop_assert!(
            partition
                .cores
                .all()
                .any(|core| core == partition.cores.boot)
        );
        prop_assert!(
            partition
                .cores
                .all()
                .all(|c| c.index() < system.board.cores.len())
        );
        devices.extend(partition.devices.iter().copied());
    }
    prop_assert_eq!(check_disjoint(&regions), Ok(()));
    let owned = devices.len();
    devices.sort_unstable();
    devices.dedup();
    prop_assert_eq!(devices.len(), owned);
    prop_assert!(system.partitions.iter().any(|p| p.is_critical()));
    let _ = (explain::tables(system), explain::svg(system));
    Ok(())
}

/// One change of the kind that people, editors and fuzzers make.
#[derive(Clone, Debug)]
enum Change {
    DropLine(Index),
    DoubleLine(Index),
    DropChar(Index),
    Insert(Index, String),
    /// Replaces one word by another of the same file.
    Swap(Index, Index),
    Replace(Index, &'static str),
}

const WORDS: [&str; 20] = [
    "0",
    "1",
    "2",
    "0x0",
    "0xffff_ffff_ffff_ffff",
    "0x0e00_0000",
    "4294967295",
    "18446744073709551615",
    "18446744073709551615GiB",
    "1B",
    "4KiB",
    "1ns",
    "18446744073s",
    "secure",
    "non_secure",
    "QM",
    "[]",
    "{}",
    "~",
    "safe_state",
];

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Change::DropLine),
        at().prop_map(Change::DoubleLine),
        at().prop_map(Change::DropChar),
        (at(), "[\\[\\]{}:,&*!|>'\"#%@~ \\n\\t0-9a-z_é-]{1,3}")
            .prop_map(|(i, s)| Change::Insert(i, s)),
        (at(), at()).prop_map(|(a, b)| Change::Swap(a, b)),
        (at(), prop::sample::select(&WORDS[..])).prop_map(|(i, w)| Change::Replace(i, w)),
        (at(), prop::sample::select(&WORDS[..])).prop_map(|(i, w)| Change::Replace(i, w)),
    ]
}

/// Start and end of each word.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric() || c == '_' || c == '-';
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn apply(text: &str, change: &Change) -> String {
    let lines: Vec<_> = text.lines().collect();
    let places: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    let words = words(text);
    if lines.is_empty() || places.is_empty() || words.is_empty() {
        return text.to_owned();
    }
    let mut out = text.to_owned();
    match change {
        Change::DropLine(index) => {
            let drop = index.index(lines.len());
            let kept = lines.iter().enumerate().filter(|(n, _)| *n != drop);
            return kept.map(|(_, line)| format!("{line}\n")).collect();
        }
        Change::DoubleLine(index) => {
            let double = index.index(lines.len());
            let times = |n| if n == double { 2 } else { 1 };
            let all = lines.iter().enumerate();
            return all
                .map(|(n, line)| format!("{line}\n").repeat(times(n)))
                .collect();
        }
        Change::DropChar(index) => {
            out.remove(places[index.index(places.len())]);
        }
        Change::Insert(index, text) => out.insert_str(places[index.index(places.len())], text),
        Change::Swap(to, from) => {
            let (start, end) = words[to.index(words.len())];
            let (from, until) = words[from.index(words.len())];
            out.replace_range(start..end, &text[from..until]);
        }
        Change::Replace(index, word) => {
            let (start, end) = words[index.index(words.len())];
            out.replace_range(start..end, word);
        }
    }
    out
}

fn mutate(text: String, changes: &[Change]) -> String {
    changes
        .iter()
        .fold(text, |text, change| apply(&text, change))
}

fn answer(system: String, board: String) -> Result<(), TestCaseError> {
    holds_or_says_why(judge(system, board))
}

fn holds_or_says_why(result: Result<System, Refused>) -> Result<(), TestCaseError> {
    match result {
        Ok(system) => holds(&system),
        Err(refused) => {
            prop_assert!(!refused.mistakes().is_empty());
            let internal = refused
                .mistakes()
                .iter()
                .find(|m| m.code().as_str() == "internal");
            prop_assert!(internal.is_none(), "a check is missing");
            prop_assert!(!refused.render(false).is_empty());
            Ok(())
        }
    }
}

/// Services of every kind, with their numbers.
const SERVICES: &str = "\
services:
  convert:
    doc: One of each.
    id: { range: oem, number: 0 }
    callers: [rich]
    handler: monitor
    instructions: 50
    arguments: { offset: { type: i64, min: -10, max: 10 }, inverse: bool }
    results: { sum: u64, exact: bool }
  digest:
    id: { range: sip, number: 0x11 }
    callers: [rich, rtos]
    convention: 32
    handler: monitor
    instructions: 900
    arguments: { message: { region: read, max: 4KiB }, digest: { region: write, size: 32B, align: 64B } }
    limit: { calls: 20/s, burst: 3 }
";

proptest! {
    #[test]
    fn a_changed_service(changes in prop::collection::vec(change(), 1..4)) {
        let services = mutate(SERVICES.to_owned(), &changes);
        answer(text("base.yaml") + &services, text("boards/small/board.yaml"))?;
    }

    #[test]
    fn a_changed_lock(changes in prop::collection::vec(change(), 1..4)) {
        let system = text("base.yaml") + SERVICES;
        let lock = "cofferdam_services: 1\nsip:\n  digest: 0x11\noem:\n  convert: 0x00\n  gone: 0x01\n";
        let lock = mutate(lock.to_owned(), &changes);
        holds_or_says_why(judge_with_lock(system, text("boards/small/board.yaml"), Some(lock)))?;
    }

    #[test]
    fn a_changed_system(changes in prop::collection::vec(change(), 1..3)) {
        answer(mutate(text("base.yaml"), &changes), text("boards/small/board.yaml"))?;
    }

    #[test]
    fn a_changed_board(changes in prop::collection::vec(change(), 1..3)) {
        answer(text("base.yaml"), mutate(text("boards/small/board.yaml"), &changes))?;
    }

    #[test]
    fn any_text(system in "\\PC{0,80}", board in "(?s).{0,80}") {
        answer(system, text("boards/small/board.yaml"))?;
        answer(text("base.yaml"), board)?;
    }
}

/// An older file is to be upgraded, a newer one needs another program.
#[test]
fn another_version_says_what_is_to_be_upgraded() {
    let help = |version: u64| {
        let system = text("base.yaml").replace("cofferdam: 1", &format!("cofferdam: {version}"));
        let refused = judge(system, text("boards/small/board.yaml")).expect_err("refused");
        refused.render(false)
    };
    assert!(help(0).contains("upgrade the file: write 1"));
    assert!(help(2).contains("use a newer Cofferdam for this file"));
}
