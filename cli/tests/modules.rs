//! Kernel modules for a kernel that no system here boots: Debian's 6.12 for arm64, whose headers are locked beside riscv64's. Those for
//! the others are compiled for the system tests that load them.

use cofferdam_cli::cache::Cache;
use cofferdam_cli::debian::lock::Lock;
use cofferdam_cli::modules::{Modules, NETWORK, PROFILE, SERVICES, WATCHDOG};
use cofferdam_cli::repository::Repository;
use cofferdam_cli::sdk::Wishes;

const KERNEL: &str = "linux-image-cloud-arm64:arm64";

#[test]
fn the_drivers_are_compiled_for_the_next_release_on_arm64() {
    let repository = Repository::locate(Wishes::default()).unwrap();
    let cache = Cache::open().unwrap();
    let lock = Lock::read(&repository.debian_lock("riscv64")).unwrap();
    let modules = Modules::new(&repository, &cache, &lock);
    for name in [NETWORK, SERVICES, PROFILE, WATCHDOG] {
        let module = modules.build(name, KERNEL).unwrap();
        let version = module.windows(14).any(|it| it == b"vermagic=6.12.");
        assert!(version, "{name} is for no such kernel");
    }
}
