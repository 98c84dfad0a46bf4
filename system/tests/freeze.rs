//! A number of a service is its own for good.

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_system::{System, freeze, load, lock_file};

/// A folder with a system that has these services.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _gone = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("images")).expect("a folder");
        fs::write(folder.join("images/tiny.bin"), "image").expect("a file");
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("system.yaml")
    }

    /// Writes the system file, each service with what follows its name.
    fn describe(&self, services: &[(&str, &str)]) {
        let mut text = fs::read_to_string(tests().join("base.yaml")).expect("the base");
        text += "services:\n";
        for (name, id) in services {
            text += &format!(
                "  {name}: {{ callers: [rich], handler: monitor, instructions: 9{id} }}\n"
            );
        }
        fs::write(self.file(), text).expect("a file");
    }

    /// Whether there was something to freeze.
    fn freeze(&self) -> bool {
        let text = freeze(&self.file(), &tests()).expect("a good system").lock;
        let changed = text.is_some();
        if let Some(text) = text {
            fs::write(lock_file(&self.file()), text).expect("a file");
        }
        changed
    }

    fn load(&self) -> System {
        load(&self.file(), &tests()).expect("a good system")
    }

    fn numbers(&self) -> Vec<(String, u32)> {
        let services = self.load().services;
        let both = services
            .iter()
            .map(|it| (it.name.clone(), it.function_id()));
        both.collect()
    }
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn named(numbers: &[(&str, u32)]) -> Vec<(String, u32)> {
    let owned = numbers.iter().map(|(name, id)| ((*name).to_owned(), *id));
    owned.collect()
}

#[test]
fn deleting_a_service_renumbers_no_other_and_frees_nothing() {
    let folder = Folder::new("freeze");
    folder.describe(&[
        ("one", ""),
        ("two", ", id: { range: sip, number: 1 }"),
        ("three", ""),
    ]);
    assert!(folder.freeze());
    let (first, third) = (0xc200_0000, 0xc200_0002);
    let all = [("one", first), ("two", 0xc200_0001), ("three", third)];
    assert_eq!(folder.numbers(), named(&all));
    assert!(!folder.freeze(), "a second time there is nothing to do");

    folder.describe(&[("three", "")]);
    assert!(!folder.freeze());
    assert_eq!(folder.numbers(), named(&[("three", third)]));

    folder.describe(&[
        ("four", ""),
        ("three", ""),
        ("five", ", id: { range: oem }"),
    ]);
    assert!(folder.freeze());
    let now = [
        ("four", 0xc200_0003),
        ("three", third),
        ("five", 0xc300_0000),
    ];
    assert_eq!(folder.numbers(), named(&now));

    folder.describe(&[("three", ""), ("one", "")]);
    assert!(!folder.freeze(), "who comes back has its old number");
    assert_eq!(folder.numbers(), named(&[("three", third), ("one", first)]));
}

#[test]
fn a_full_range_is_said() {
    let folder = Folder::new("full");
    let names: Vec<_> = (0..=256).map(|n| format!("s{n}")).collect();
    let services: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    folder.describe(&services[..256]);
    assert!(folder.freeze());
    assert_eq!(folder.load().services.len(), 256);
    folder.describe(&services);
    let refused = freeze(&folder.file(), &tests()).expect_err("refused");
    assert!(refused.render(false).contains("`s256` has no number yet"));
}
