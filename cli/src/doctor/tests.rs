use super::*;

/// A host with these programs (name, what it answers) and files.
struct Fake {
    programs: Vec<(&'static str, &'static str)>,
    files: Vec<&'static str>,
}

impl Host for Fake {
    fn output(&self, program: &str, _: &[&str]) -> Result<String, String> {
        let known = self.programs.iter().find(|(name, _)| *name == program);
        known
            .map(|(_, answer)| (*answer).to_owned())
            .ok_or_else(|| "not installed".to_owned())
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.iter().any(|file| Path::new(file) == path)
    }
}

fn complete() -> Fake {
    Fake {
        programs: vec![
            ("rustc", "/rust/lib\n"),
            ("cargo-clippy", "clippy 0.1.95"),
            ("rustfmt", "rustfmt 1.8.0"),
            (
                "qemu-system-aarch64",
                "QEMU emulator version 7.2.0 (Debian 1:7.2)\nmore",
            ),
            ("qemu-system-riscv64", "QEMU emulator version 7.2.0"),
            ("dtc", "Version: DTC 1.6.1"),
            ("aarch64-linux-gnu-gcc", "gcc 12"),
            ("arm-linux-gnueabihf-gcc", "gcc 12"),
            ("riscv64-linux-gnu-gcc", "gcc 12"),
            ("make", "GNU Make 4.3"),
            ("git", "git version 2"),
            ("setpriv", "setpriv 2.38"),
            ("apt-get", "apt 2.6"),
            ("dpkg-deb", "dpkg-deb 1.21"),
            ("tar", "tar (GNU tar) 1.34"),
            ("xz", "xz (XZ Utils) 5.4.1"),
            ("fakeroot", "fakeroot version 1.31"),
            (MKE2FS, ""),
            ("spin", "Spin Version 6.5.2"),
        ],
        files: vec!["/rust/lib", KEYRING, LWIP],
    }
}

fn missing(host: &Fake) -> Vec<String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let needs = examine(root, host).unwrap();
    needs
        .into_iter()
        .filter(|need| need.found.is_err())
        .map(|need| need.name)
        .collect()
}

#[test]
fn a_complete_host_misses_nothing() {
    assert_eq!(missing(&complete()), [""; 0]);
}

#[test]
fn each_missing_program_is_named() {
    for (absent, _) in complete().programs {
        let mut host = complete();
        host.programs.retain(|(name, _)| *name != absent);
        // The compiler is asked for the library of each target.
        let needs = if absent == "rustc" { 2 } else { 1 };
        assert_eq!(missing(&host).len(), needs, "without {absent}");
    }
}

#[test]
fn a_target_without_its_library_is_missing() {
    let mut host = complete();
    host.files.retain(|file| *file != "/rust/lib");
    assert_eq!(
        missing(&host),
        [
            "Rust target aarch64-unknown-none-softfloat",
            "Rust target riscv64imac-unknown-none-elf"
        ]
    );
}

#[test]
fn an_old_emulator_does_not_do() {
    let with = |answer| {
        let mut host = complete();
        host.programs
            .retain(|(name, _)| *name != "qemu-system-aarch64");
        host.programs.push(("qemu-system-aarch64", answer));
        missing(&host).len()
    };
    assert_eq!(with("QEMU emulator version 7.1.9"), 1);
    assert_eq!(with("QEMU emulator version 6.2.0"), 1);
    assert_eq!(with("QEMU emulator version 10.0.3"), 0);
    assert_eq!(with("QEMU emulator version 8.0rc2"), 0);
    assert_eq!(with("no version here"), 1);
}

#[test]
fn what_only_a_soak_run_needs_is_said_and_not_missed() {
    let mut host = complete();
    assert!(report_optional(&fuzzing(&host)).starts_with("optional cargo-fuzz"));
    assert_eq!(missing(&host), [""; 0]);
    host.programs.push(("cargo", "cargo-fuzz 0.13.2"));
    assert!(report_optional(&fuzzing(&host)).starts_with("ok       cargo-fuzz"));
}

#[test]
fn the_report_shows_both() {
    let mut host = complete();
    host.programs.retain(|(name, _)| *name != "dtc");
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let report = report(&examine(root, &host).unwrap());
    assert!(report.contains("MISSING  dtc"));
    assert!(report.contains("ok       git"));
}
