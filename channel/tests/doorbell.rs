//! SPIN searches every interleaving of a sender, a receiver that sleeps, a stray ringer and the monitor's limit:
//! `model/doorbell.pml`. The same model with one fault put in must be found to lose a wake-up, or to run for ever.
#![cfg(not(miri))]

use std::fs;
use std::path::Path;
use std::process::Command;

/// Of a run: what the verifier is compiled with, and what it is asked.
struct Search {
    define: &'static str,
    option: &'static str,
}

/// A sleeping receiver with a frame before it, or any process that waits for ever.
const STUCK: Search = Search {
    define: "-DSAFETY",
    option: "-n",
};
/// A run without end.
const ENDLESS: Search = Search {
    define: "-DNP",
    option: "-l",
};

/// The verifier's words on the model with a fault, or with none.
fn search(name: &str, fault: Option<&str>, how: &Search) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("model/doorbell.pml");
    let in_folder = |program: &str| {
        let mut command = Command::new(program);
        command.current_dir(&folder);
        command
    };
    let mut spin = in_folder("spin");
    spin.arg("-a").args(fault.map(|fault| format!("-D{fault}")));
    said(
        spin.arg(model),
        "spin is needed: `cargo cofferdam doctor --install` installs it",
    );
    let mut compiler = in_folder("cc");
    compiler.args(["-O1", "-w", how.define, "-o", "pan", "pan.c"]);
    said(&mut compiler, "cc, which Rust links with too");
    let mut verifier = in_folder("./pan");
    said(
        verifier.args(["-m100000", how.option]),
        "it was just compiled",
    )
}

/// What a program says, which must succeed.
fn said(command: &mut Command, needed: &str) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}: {needed}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

fn nothing_is_found(said: &str) {
    assert!(said.contains("errors: 0"), "{said}");
    let cut = ["max search depth", "out of memory", "error: "];
    let whole = !cut.iter().any(|it| said.contains(it));
    assert!(whole, "only a part was searched: {said}");
}

#[test]
fn no_doorbell_is_lost_and_nobody_waits_for_ever() {
    nothing_is_found(&search("stuck", None, &STUCK));
}

#[test]
fn every_run_comes_to_its_end() {
    nothing_is_found(&search("endless", None, &ENDLESS));
    let control = search("never-sleeps", Some("NEVER_SLEEPS"), &ENDLESS);
    assert!(control.contains("non-progress cycle"), "{control}");
}

#[test]
fn each_fault_loses_a_wake_up() {
    for fault in [
        "NO_FENCE_OF_SENDER",
        "NO_FENCE_OF_RECEIVER",
        "NO_LOOK_AFTER_ASKING",
        "NO_NEW_REQUEST",
        "LIMIT_DROPS",
        "NOBODY_LOOKS",
    ] {
        let said = search(fault, Some(fault), &STUCK);
        assert!(said.contains("assertion violated"), "{fault}: {said}");
    }
}
