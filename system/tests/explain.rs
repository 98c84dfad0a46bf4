//! What is explained agrees with the model.

use std::path::{Path, PathBuf};

use cofferdam_system::{System, explain, load};

fn cockpit() -> System {
    let sdk: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    load(&sdk.join("examples/cockpit/system.yaml"), &sdk).expect("the example")
}

/// The line of a table that has all of these cells.
fn has_row(text: &str, cells: &[&str]) -> bool {
    text.lines().any(|line| {
        let found: Vec<_> = line.split(['│', '┆']).map(str::trim).collect();
        cells.iter().all(|cell| found.contains(cell))
    })
}

#[test]
fn tables_answer_the_questions_of_a_review() {
    let text = explain::tables(&cockpit());
    for row in [
        &["cluster", "ASIL-B", "secure", "safe_state after 100 ms"][..],
        &[
            "0x0e20_0000",
            "0x0e5f_ffff",
            "4 MiB",
            "cluster",
            "ram",
            "secure",
        ],
        &["0x0000_0000", "1 MiB", "monitor", "code"],
        &["0", "cluster preempts linux"],
        &["1", "linux"],
        &["29", "PPI 13", "timer_secure", "cluster", "Secure Group 1"],
        &["33", "SPI 1", "uart0", "linux", "Non-secure Group 1"],
        &["48..79", "SPI 16..47", "virtio", "linux"],
        &["26", "PPI 10", "timer_monitor", "monitor", "Group 0"],
    ] {
        assert!(has_row(&text, row), "{row:?} not in\n{text}");
    }
}

/// The stretches of the memory table cover each bank without a gap.
#[test]
fn the_memory_table_has_no_gaps() {
    let system = cockpit();
    let text = explain::tables(&system);
    let number = |cell: &str| u64::from_str_radix(&cell.replace(['_'], "")[2..], 16).expect("hex");
    let mut ends = std::collections::BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<_> = line.split(['│', '┆']).map(str::trim).collect();
        let [_, from, to, _, bank, ..] = cells.as_slice() else {
            continue;
        };
        if !from.starts_with("0x") || !to.starts_with("0x") {
            continue;
        }
        let (_, declared) = system.board.bank_named(bank).expect("a bank");
        let expected = ends
            .get(bank)
            .copied()
            .unwrap_or(declared.region.start().get());
        assert_eq!(number(from), expected, "{bank}");
        ends.insert(*bank, number(to) + 1);
    }
    assert_eq!(ends.len(), system.board.banks.len());
    for (bank, end) in ends {
        let (_, declared) = system.board.bank_named(bank).expect("a bank");
        assert_eq!(end, declared.region.end().get(), "{bank}");
    }
}

#[test]
fn the_picture_shows_every_name() {
    let system = cockpit();
    let svg = explain::svg(&system);
    let devices = system.board.devices.iter().map(|d| d.name.as_str());
    let banks = system.board.banks.iter().map(|b| b.name.as_str());
    let partitions = system.partitions.iter().map(|p| p.name.as_str());
    for name in devices.chain(banks).chain(partitions) {
        assert!(svg.contains(&format!(">{name}<")), "{name}");
    }
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    assert_eq!(
        svg,
        explain::svg(&cockpit()),
        "the same system, the same bytes"
    );
}

#[test]
fn a_channel_is_shown_with_its_memory_and_its_interrupt() {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let system = load(&sdk.join("tests/systems/channel.yaml"), &sdk).expect("a test's system");
    let text = explain::tables(&system);
    for row in [
        &[
            "0x4100_0000",
            "64 KiB",
            "net0",
            "shared by linux and cluster",
        ][..],
        &["208", "SPI 176", "net0", "linux", "Non-secure Group 1"],
        &[
            "net0",
            "cluster",
            "10.7.0.2/24",
            "asks",
            "one in 1 ms, 4 at once",
            "arp, echo, tcp 80, udp 5000",
        ],
        &["net0", "linux", "10.7.0.1/24", "SPI 176"],
    ] {
        assert!(has_row(&text, row), "{row:?} not in\n{text}");
    }
    assert!(explain::svg(&system).contains("net0: shared by linux and cluster"));
}
