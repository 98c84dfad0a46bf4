//! The example and the board that ship with the SDK, read as a user's build reads them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cofferdam_system::{System, World, load, model::Image};

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cockpit() -> System {
    match load(&sdk().join("examples/cockpit/system.yaml"), &sdk()) {
        Ok(system) => system,
        Err(refused) => panic!("{}", refused.render(false)),
    }
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
        (World::Secure, World::NonSecure)
    );
    assert!(cluster.is_critical() && !linux.is_critical());
    assert_eq!(
        cluster.deadline.map(|d| (d.period, d.within)),
        Some((Duration::from_millis(1), Duration::from_millis(1)))
    );
    assert!(
        matches!(&linux.image, Image::Debian { package, .. } if package == "linux-image-cloud-arm64")
    );
    assert_eq!(system.files.len(), 2);
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
        device.interrupts.iter().map(|i| i.intid().get()).collect()
    };
    assert_eq!(of("timer_secure"), [29]);
    assert_eq!(of("timer_monitor"), [26]);
    assert_eq!(of("uart0"), [33]);
    assert_eq!(of("uart_secure"), [40]);
    assert_eq!(of("virtio"), (48..80).collect::<Vec<_>>());
}
