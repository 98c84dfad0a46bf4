//! Every mistake is refused with its code, and its good twin is accepted.
//!
//! `refused/<code>/bad.yaml` makes one mistake, `good.yaml` is the same file cured as the message says.
//! A line that a message must point at ends in `# !`; an end in the board's file is named by a
//! line `# board: start of that line`. A file that starts with `cofferdam_board:` is a board, tried
//! with the system `base.yaml`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cofferdam_system::{
    Code, Mistake, Refused, Source, System, board_file, check, load, lock_file,
};

/// Provoked elsewhere: the first in this file, the second by nothing that is known.
const WITHOUT_FOLDER: [Code; 2] = [Code::FileUnreadable, Code::Internal];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn read(path: &Path) -> io::Result<Source> {
    Ok(Source {
        path: path.to_owned(),
        text: fs::read_to_string(path)?,
    })
}

fn judge(file: &Path) -> Result<System, Refused> {
    let source = read(file).expect("a test file");
    if source.text.starts_with("cofferdam_board:") {
        let base = read(&tests().join("base.yaml")).expect("the base");
        return check(base, None, |_| Ok(source));
    }
    let lock = read(&lock_file(file)).ok();
    check(source, lock, |board| read(&board_file(&tests(), board)))
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(tests().join("refused")).expect("the folder");
    let mut all: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    all.sort();
    all
}

/// The lines of `bad` that must be labelled, and the lines of the board that must be.
fn expected(file: &Path) -> (BTreeSet<usize>, Vec<String>) {
    let text = fs::read_to_string(file).expect("a test file");
    let marked = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.ends_with("# !"));
    let board = text
        .lines()
        .filter_map(|line| line.strip_prefix("# board: "));
    (
        marked.map(|(n, _)| n + 1).collect(),
        board.map(str::to_owned).collect(),
    )
}

fn check_places(file: &Path, mistake: &Mistake, problems: &mut Vec<String>) {
    let (lines, board_lines) = expected(file);
    let here: BTreeSet<_> = mistake
        .spots()
        .filter(|s| s.path == file)
        .map(|s| s.line)
        .collect();
    if here != lines {
        problems.push(format!("labels {here:?}, marked are {lines:?}"));
    }
    let elsewhere: Vec<_> = mistake.spots().filter(|s| s.path != file).collect();
    if elsewhere.len() != board_lines.len() {
        problems.push(format!("labels in the board: {elsewhere:?}"));
    }
    for (spot, start) in elsewhere.iter().zip(&board_lines) {
        let text = fs::read_to_string(&spot.path).expect("the board");
        let line = text.lines().nth(spot.line - 1).unwrap_or_default();
        if !line.trim_start().starts_with(start) {
            problems.push(format!("labels `{line}` of the board, not `{start}`"));
        }
    }
}

/// What a person sees has the code, the place, every label and the cure.
fn check_rendered(refused: &Refused, mistake: &Mistake, problems: &mut Vec<String>) {
    // Lines are folded for a terminal: compare without layout.
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let rendered = plain(&refused.render(false));
    let mut wanted = vec![mistake.code().to_string(), mistake.message().to_owned()];
    wanted.push(mistake.cure().to_owned());
    for spot in mistake.spots() {
        wanted.push(spot.label);
    }
    let first = mistake.spots().next().expect("a place");
    wanted.push(format!(
        "{}:{}:{}",
        first.path.display(),
        first.line,
        first.column
    ));
    for text in wanted {
        if plain(&text).is_empty() || !rendered.contains(&plain(&text)) {
            problems.push(format!("does not show `{text}`"));
        }
    }
}

/// Lines that are in one file only, by the longest common subsequence.
fn changed_lines(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.lines().collect(), b.lines().collect());
    let mut common = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, line) in a.iter().enumerate() {
        for (j, other) in b.iter().enumerate() {
            common[i + 1][j + 1] = if line == other {
                common[i][j] + 1
            } else {
                common[i][j + 1].max(common[i + 1][j])
            };
        }
    }
    a.len() + b.len() - 2 * common[a.len()][b.len()]
}

/// The problems of one folder.
fn judge_folder(folder: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let (bad, good) = (folder.join("bad.yaml"), folder.join("good.yaml"));
    match judge(&bad) {
        Ok(_) => problems.push("bad is accepted".to_owned()),
        Err(refused) => match refused.mistakes() {
            [mistake] if mistake.code().as_str() == name => {
                check_places(&bad, mistake, &mut problems);
                check_rendered(&refused, mistake, &mut problems);
            }
            _ => problems.push(format!("bad gives\n{}", refused.render(false))),
        },
    }
    if let Err(refused) = judge(&good) {
        problems.push(format!("good is refused:\n{}", refused.render(false)));
    }
    let texts = [bad, good].map(|file| fs::read_to_string(file).expect("a test file"));
    let changed = changed_lines(&texts[0], &texts[1]);
    if !(1..=2).contains(&changed) {
        problems.push(format!("the twins differ in {changed} lines"));
    }
    problems
        .into_iter()
        .map(|problem| format!("{name}: {problem}"))
        .collect()
}

#[test]
fn every_mistake_is_refused_and_its_cure_accepted() {
    let problems: Vec<_> = folders()
        .iter()
        .flat_map(|folder| judge_folder(folder))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_code_has_a_folder() {
    let folders: BTreeSet<_> = folders()
        .iter()
        .map(|f| {
            f.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let codes: BTreeSet<_> = Code::ALL
        .iter()
        .filter(|code| !WITHOUT_FOLDER.contains(code))
        .map(|code| code.as_str().to_owned())
        .collect();
    assert_eq!(folders, codes);
}

/// What a call of the SBI has no place for, and what the monitor of riscv64 does not do.
#[test]
fn services_on_riscv64_are_of_the_monitor_and_of_64_bits() {
    let good = tests().join("refused/service-on-riscv/good.yaml");
    let good = fs::read_to_string(good).expect("the good twin");
    let board = |name: &str| read(&board_file(&tests(), name));
    let judge = |change: (&str, &str)| {
        assert!(good.contains(change.0), "{change:?}");
        let source = Source {
            path: tests().join("refused/service-on-riscv/edited.yaml"),
            text: good.replace(change.0, change.1),
        };
        check(source, None, board)
    };
    assert!(judge(("b0", "b0")).is_ok());
    for (before, after, code) in [
        (
            "handler: monitor",
            "convention: 32\n    handler: monitor",
            Code::ServiceOnRiscv,
        ),
        ("r7: u64", "r7: u64, r8: u64", Code::ServiceOnRiscv),
        (
            "handler: monitor",
            "language: c\n    handler: monitor",
            Code::NotOnRiscv,
        ),
        (
            "handler: monitor\n    instructions: 50",
            "handler: rtos",
            Code::NotOnRiscv,
        ),
    ] {
        let refused = judge((before, after)).expect_err(after);
        let codes = || refused.mistakes().iter().map(Mistake::code);
        assert!(
            codes().any(|it| it == code),
            "{after}: {}",
            refused.render(false)
        );
    }
}

#[test]
fn a_file_that_is_not_there() {
    let refused = load(Path::new("no/such/system.yaml"), &tests()).expect_err("refused");
    assert_eq!(refused.mistakes()[0].code(), Code::FileUnreadable);
    assert!(refused.render(false).contains("no/such/system.yaml"));
}

/// One file with a mistake of every topic: all are told at once, in the order of the file.
#[test]
fn independent_mistakes_are_told_together() {
    let text = fs::read_to_string(tests().join("base.yaml"))
        .expect("the base")
        .replace("criticality: QM", "criticality: QM\n    on_crsh: restart")
        .replace("size: 64KiB", "size: 63KiB")
        .replace(
            "boot: 0, shared: [0] }\n    memory: { ram: { in: sram",
            "boot: 7, shared: [0] }\n    memory: { ram: { in: sram",
        )
        .replace("[timer]", "[timer, uart]")
        .replace("in: dram", "in: drum");
    let source = Source {
        path: tests().join("many.yaml"),
        text,
    };
    let refused =
        check(source, None, |board| read(&board_file(&tests(), board))).expect_err("refused");
    assert_eq!(
        codes_of(&refused),
        [
            Code::BootCoreNotListed,
            Code::MemoryMisaligned,
            Code::DeviceWorld,
            Code::UnknownKey,
            Code::MemoryBankUnknown,
        ]
    );
}

fn codes_of(refused: &Refused) -> Vec<Code> {
    refused.mistakes().iter().map(|it| it.code()).collect()
}

fn base_with(from: &str, to: &str) -> Refused {
    let mut base = read(&tests().join("base.yaml")).expect("the base");
    assert!(base.text.contains(from), "{}", base.text);
    base.text = base.text.replace(from, to);
    let board = |board: &str| read(&board_file(&tests(), board));
    check(base, None, board).expect_err("a mistake")
}

#[test]
fn a_misspelt_key_is_one_mistake_and_a_missing_one_another() {
    let misspelt = base_with("  rtos:\n    criticality:", "  rtos:\n    critcality:");
    assert_eq!(codes_of(&misspelt), [Code::UnknownKey]);
    let other = base_with("  rtos:\n    criticality:", "  rtos:\n    colour:");
    assert_eq!(codes_of(&other), [Code::MissingKey, Code::UnknownKey]);
}

#[test]
fn an_unknown_board_is_answered_with_the_one_that_was_meant() {
    let file = tests().join("refused/board-unknown/bad.yaml");
    let refused = load(&file, &tests()).expect_err("no such board");
    let said = refused.render(false);
    assert!(said.contains("did you mean `small`?"), "{said}");
}
