//! The example and the board that ship with the SDK, read as a user's build reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cofferdam_system::{Code, Source, System, World, check, load, model::Image};

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example(file: &str) -> System {
    match load(&sdk().join("examples/cockpit").join(file), &sdk()) {
        Ok(system) => system,
        Err(refused) => panic!("{}", refused.render(false)),
    }
}

fn cockpit() -> System {
    example("system.yaml")
}

#[test]
fn the_example_is_accepted() {
    let system = cockpit();
    let [cluster, linux] = system.partitions.as_slice() else {
        panic!("two partitions");
    };
    assert_eq!((cluster.name.as_str(), cluster.id.index()), ("cluster", 0));
    assert_eq!((linux.name.as_str(), linux.id.index()), ("linux", 1));
    assert_eq!(
        (cluster.world, linux.world),
        (Some(World::Secure), Some(World::NonSecure))
    );
    assert!(cluster.is_critical() && !linux.is_critical());
    assert_eq!(
        cluster.deadline.map(|d| (d.period, d.within)),
        Some((Duration::from_millis(1), Duration::from_millis(1)))
    );
    assert!(
        matches!(&linux.image, Image::Debian { package, .. } if package == "linux-image-cloud-arm64")
    );
    // Itself, the board, the numbers of its services.
    assert_eq!(system.files.len(), 3);
}

#[test]
fn a_boot_loader_is_a_file_of_a_package() {
    let image = |file| example(file).partitions[1].image.clone();
    assert!(
        matches!(image("debian.yaml"), Image::Debian { package, .. } if package == "linux-image-arm64")
    );
    assert!(
        matches!(image("u-boot.yaml"), Image::Loader { file, .. } if file.ends_with("/u-boot.bin"))
    );
}

/// It finds one by itself, or none.
#[test]
fn a_boot_loader_is_given_no_initial_root_file_system() {
    let path = sdk().join("examples/cockpit/u-boot.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let line = "      debian: u-boot-qemu\n";
    let more = text.replace(line, &format!("{line}      initramfs: rootfs\n"));
    assert_ne!(text, more);
    let board = |name: &str| {
        let path = sdk().join("boards").join(name).join("board.yaml");
        let text = fs::read_to_string(&path)?;
        Ok(Source { path, text })
    };
    let refused = check(Source { path, text: more }, None, board).unwrap_err();
    let codes: Vec<_> = refused.mistakes().iter().map(|it| it.code()).collect();
    assert_eq!(codes, [Code::UnknownKey]);
}

#[test]
fn memory_is_placed_behind_the_monitor() {
    let system = cockpit();
    let monitor = &system.board.monitor;
    assert_eq!(monitor.image_table.get(), 0x10_0000);
    assert_eq!(monitor.images.start().get(), 0x10_1000);
    assert_eq!(monitor.images.end().get(), 0x400_0000);
    let ram: Vec<_> = system
        .partitions
        .iter()
        .filter_map(|p| p.ram())
        .map(|ram| (ram.region.start().get(), ram.region.len().get()))
        .collect();
    // The monitor has the first MiB of the bank; 4 MiB start at a multiple of 2 MiB.
    assert_eq!(ram, [(0x0e20_0000, 4 << 20), (0x4000_0000, 1 << 30)]);
}

#[test]
fn interrupts_are_intids() {
    let system = cockpit();
    let of = |name: &str| -> Vec<u32> {
        let (_, device) = system.board.device_named(name).expect("a device");
        device.interrupts.iter().map(|i| i.number()).collect()
    };
    assert_eq!(of("timer_secure"), [29]);
    assert_eq!(of("timer_monitor"), [26]);
    assert_eq!(of("uart0"), [33]);
    assert_eq!(of("uart_secure"), [40]);
    assert_eq!(of("virtio"), (48..80).collect::<Vec<_>>());
}
