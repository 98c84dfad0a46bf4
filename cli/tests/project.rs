//! A project as a new user makes and changes one. That it boots is a system test, `a-new-project-boots`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder in a place that is the same in every run, so that Cargo builds nothing twice.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _old = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn cofferdam(folder: &Path, arguments: &[&str]) -> Output {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(arguments)
        .current_dir(folder)
        .env("COFFERDAM_SDK", sdk)
        .output()
        .unwrap()
}

fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn what_cannot_be_made_is_refused_with_what_to_do() {
    let folder = folder("refused");
    let new = |arguments: &[&str]| cofferdam(&folder, &[&["new"], arguments].concat());
    assert!(refused(&new(&["Cluster"])).contains("use a lower-case letter"));
    assert!(refused(&new(&["../out"])).contains("use a lower-case letter"));
    assert!(refused(&new(&["fn"])).contains("no word of Rust's"));
    let board = refused(&new(&["mine", "--board", "toaster"]));
    assert!(board.contains("choose one of qemu-virt-arm64"), "{board}");
    let sdk = refused(&new(&["mine", "--sdk", "."]));
    assert!(
        sdk.contains("--sdk names") && sdk.contains("give the folder"),
        "{sdk}"
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left");

    fs::create_dir(folder.join("mine")).unwrap();
    done(&new(&["mine"]));
    assert!(refused(&new(&["mine"])).contains("is not empty: choose another name"));
}

/// Every line that stood there still does, in the same order.
fn kept(before: &str, after: &str) -> bool {
    let mut after = after.lines();
    before.lines().all(|line| after.any(|it| it == line))
}

#[test]
fn edits_and_numbers_outlive_every_generation() {
    let folder = folder("edited");
    done(&cofferdam(&folder, &["new", "mine"]));
    let project = folder.join("mine");
    let (system, source) = (
        project.join("system.yaml"),
        project.join("services/src/lib.rs"),
    );

    replace(
        &source,
        "Ok(before.wrapping_add(jobs))",
        "// Mine.\n        Ok(before + jobs)",
    );
    replace(&system, "  jobs_read:", "  # Gone: jobs_read\n  speed:");
    replace(
        &system,
        "jobs: { type: u32, min: 1, max: 1_000 }",
        "jobs: { type: u32, min: 1, max: 2_000 }",
    );
    let before = fs::read_to_string(&source).unwrap();

    let shown = done(&cofferdam(&project, &["gen", "--diff"]));
    assert!(shown.contains("+  speed: 0x02"), "{shown}");
    assert!(
        shown.contains("+    fn speed(&self, _caller: Caller) -> Result<u64, Error> {"),
        "{shown}"
    );
    assert_eq!(fs::read_to_string(&source).unwrap(), before, "only shown");

    let said = done(&cofferdam(&project, &["gen"]));
    assert!(
        said.contains("`jobs_read` handles no service any more"),
        "{said}"
    );
    let lock = fs::read_to_string(project.join("services.lock")).unwrap();
    for number in ["jobs_add: 0x00", "jobs_read: 0x01", "speed: 0x02"] {
        assert!(lock.contains(number), "{lock}");
    }
    let after = fs::read_to_string(&source).unwrap();
    assert!(kept(&before, &after), "{after}");
    done(&cofferdam(&project, &["gen"]));
    assert_eq!(
        fs::read_to_string(&source).unwrap(),
        after,
        "a second time changes nothing"
    );

    // What the message asks for, and then it compiles.
    replace(
        &source,
        "    fn jobs_read(&self, _: Caller) -> Result<u64, Error> {\n        Ok(self.jobs.load(Ordering::Relaxed))\n    }\n",
        "",
    );
    replace(
        &source,
        "        assert_eq!(HANDLERS.jobs_read(caller), Ok(5));\n",
        "",
    );
    replace(
        &project.join("partitions/control/src/main.rs"),
        "Your work",
        "My work",
    );
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let checked = Command::new("cargo")
        .args(["test", "--locked", "--quiet"])
        .current_dir(&project)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    done(&checked);
}

#[test]
fn a_handler_in_c_gets_a_file_of_its_own_once() {
    let folder = folder("in-c");
    done(&cofferdam(&folder, &["new", "mine", "--language", "c"]));
    let project = folder.join("mine");
    let said = done(&cofferdam(&project, &["gen"]));
    assert!(said.contains("nothing to add"), "{said}");
    let jobs = project.join("services/c/jobs.c");
    replace(&jobs, "/* Two cores", "/* Mine. Two cores");
    let own = fs::read_to_string(&jobs).unwrap();

    replace(&project.join("system.yaml"), "  jobs_read:", "  speed:");
    let said = done(&cofferdam(&project, &["gen"]));
    let gone = "services/c/jobs.c: `handle_jobs_read` handles no service any more";
    assert!(said.contains(gone), "{said}");
    assert!(!said.contains("`handle_jobs_add` handles"), "{said}");
    let speed = project.join("services/c/speed.c");
    replace(
        &speed,
        "return SERVICE_NOT_SUPPORTED",
        "return SERVICE_BUSY",
    );
    let written = fs::read_to_string(&speed).unwrap();
    done(&cofferdam(&project, &["gen"]));
    assert_eq!(fs::read_to_string(&speed).unwrap(), written);
    assert_eq!(fs::read_to_string(&jobs).unwrap(), own);
}
