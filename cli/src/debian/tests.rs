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
    let message = check(&path, &lock.package[0]).unwrap_err().to_string();
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
