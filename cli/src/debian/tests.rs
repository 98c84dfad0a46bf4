use super::*;

/// A cache whose package folder holds `bytes` under the name that `locked` gives it.
fn cache_holding(folder: &Path, locked: &Locked, bytes: &[u8]) -> Cache {
    let cache = Cache::at(folder).unwrap();
    let name = format!("{}.deb", locked.stem());
    fs::write(cache.folder("packages").unwrap().join(name), bytes).unwrap();
    cache
}

fn locked(bytes: &[u8]) -> Lock {
    Lock {
        architecture: "arm64".to_owned(),
        suite: "bookworm".to_owned(),
        package: vec![Locked {
            wanted: "one".to_owned(),
            name: "one".to_owned(),
            version: "1".to_owned(),
            sha256: hex(&Sha256::digest(bytes)),
        }],
        source: Vec::new(),
    }
}

#[test]
fn a_package_in_the_cache_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let lock = locked(b"archive");
    let cache = cache_holding(folder.path(), &lock.package[0], b"archive");
    let found = downloaded(&cache, &lock, &lock.package[0]).unwrap();
    assert_eq!(fs::read(found).unwrap(), b"archive");
    assert!(!folder.path().join("apt").exists(), "apt was asked");
}

#[test]
fn a_damaged_package_is_seen_and_both_digests_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let lock = locked(b"archive");
    cache_holding(folder.path(), &lock.package[0], b"damaged");
    let path = folder
        .path()
        .join(format!("packages/{}.deb", lock.package[0].stem()));
    let checked = check(&path, "one", &lock.package[0].sha256);
    let message = checked.unwrap_err().to_string();
    assert!(message.contains(&lock.package[0].sha256));
    assert!(message.contains(&hex(&Sha256::digest(b"damaged"))));
}

#[test]
fn a_package_that_is_not_locked_names_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path()).unwrap();
    let message = fetch(&cache, &locked(b""), "two").unwrap_err().to_string();
    let cure = "cofferdam fetch --arch arm64 --refresh two";
    assert!(message.contains(cure), "{message}");
}

#[test]
fn the_committed_locks_hold_what_the_examples_need() {
    let kernels = [
        ("arm64", "linux-image-cloud-arm64"),
        ("riscv64", "linux-image-riscv64"),
    ];
    for (architecture, kernel) in kernels {
        let repository =
            crate::repository::Repository::locate(crate::sdk::Wishes::default()).unwrap();
        let lock = Lock::read(&repository.debian_lock(architecture)).unwrap();
        assert_eq!(lock.architecture, architecture);
        for wanted in ["busybox-static", kernel] {
            let locked = lock.find(wanted).unwrap();
            assert_eq!(locked.sha256.len(), 64);
            assert!(!locked.version.is_empty());
        }
    }
}

#[test]
fn a_source_archive_in_the_cache_is_unpacked_and_an_unknown_one_named() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("stack-1");
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("init.c"), "int x;").unwrap();
    let cache = Cache::at(&folder.path().join("cache")).unwrap();
    let archive = folder.path().join("stack.tar");
    let mut tar = Command::new("tar");
    tar.arg("--create").arg("--file").arg(&archive);
    process::output(tar.arg("--directory").arg(folder.path()).arg("stack-1")).unwrap();
    let bytes = fs::read(&archive).unwrap();
    let mut lock = locked(b"");
    lock.source.push(lock::Source {
        name: "stack".to_owned(),
        file: "pool/stack.tar".to_owned(),
        sha256: hex(&Sha256::digest(&bytes)),
    });
    let name = format!("{}.tar", stem("stack", &lock.source[0].sha256));
    fs::write(cache.folder("packages").unwrap().join(name), bytes).unwrap();
    let root = fetch_source(&cache, &lock, "stack").unwrap();
    assert_eq!(fs::read_to_string(root.join("init.c")).unwrap(), "int x;");
    let message = fetch_source(&cache, &lock, "other")
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("cli/debian-arm64.lock has no source other"),
        "{message}"
    );
}
