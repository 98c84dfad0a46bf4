//! What is generated for a monitor and for a partition, on either architecture, held by snapshots. Services have their own
//! (`services.rs`).

use std::fs;
use std::path::Path;

use cofferdam_sossl::{firmware, partition};
use cofferdam_system::{System, load};

fn sample(file: &str) -> System {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("tests/sample").join(file);
    let mut system = load(&file, &folder.join("..")).expect("a sample");
    system.services.clear();
    system
}

/// The monitor's tables, its linker script, and what the linker is told.
fn monitor(system: &System) -> String {
    let template = system.board.file.with_file_name("link.ld.jinja");
    let template = fs::read_to_string(template).expect("the board's");
    let files = firmware(system, &template).expect("a monitor");
    let symbols = files.symbols.join("\n");
    format!(
        "{}\n==== link.ld\n{}\n==== symbols\n{symbols}\n",
        files.rust, files.linker
    )
}

/// A partition's numbers, and its memory for the linker.
fn numbers(system: &System, name: &str) -> String {
    let files = partition(system, name).expect("a partition");
    format!("{}\n==== memory.x\n{}", files.rust, files.memory)
}

#[test]
fn on_arm64() {
    let system = sample("system.yaml");
    insta::assert_snapshot!("the_monitor_on_arm64", monitor(&system));
    insta::assert_snapshot!("a_partition_on_arm64", numbers(&system, "rtos"));
}

#[test]
fn on_riscv64() {
    let system = sample("harts.yaml");
    insta::assert_snapshot!("the_monitor_on_riscv64", monitor(&system));
    insta::assert_snapshot!("a_partition_on_riscv64", numbers(&system, "pulse"));
}
