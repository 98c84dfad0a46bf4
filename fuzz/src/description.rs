//! Any YAML: mistakes, or a system from which everything is generated.

use std::io;
use std::path::{Path, PathBuf};

use cofferdam_core::region::check_disjoint;
use cofferdam_sossl::{self as sossl, Error, skeleton};
use cofferdam_system::{Arch, Refused, Source, System, board_file, check, explain};

/// Between the system, the file of frozen numbers, and the board; the last two may be missing.
const NEXT: &str = "\n...\n";

/// Where the images of a description are looked for.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../system/tests");
/// Where the boards are that are named and not given.
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Reads a description. What is accepted is generated, and what is refused says why. Answers whether it is accepted.
pub fn description(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else {
        return false;
    };
    let mut parts = text.splitn(3, NEXT).map(str::to_owned);
    let system = source("system.yaml", parts.next().unwrap_or_default());
    let lock = parts.next().filter(|text| !text.is_empty());
    let lock = lock.map(|text| source("services.lock", text));
    let board = parts.next();
    let board = |name: &str| match board {
        Some(text) => Ok(source("board.yaml", text)),
        None => known_board(name),
    };
    let checked = check(system, lock, board);
    match &checked {
        Ok(system) => {
            holds(system);
            generate(system).unwrap_or_else(|error| panic!("{error}"));
        }
        Err(refused) => says_why(refused),
    }
    checked.is_ok()
}

fn source(name: &str, text: String) -> Source {
    Source {
        path: Path::new(FOLDER).join(name),
        text,
    }
}

fn known_board(name: &str) -> io::Result<Source> {
    let path = board_file(Path::new(SDK), name);
    let text = std::fs::read_to_string(&path)?;
    Ok(Source { path, text })
}

fn holds(system: &System) {
    let memory = system.partitions.iter().flat_map(|it| &it.memory);
    let mut regions: Vec<_> = memory.map(|it| it.region).collect();
    regions.extend([system.board.monitor.flash, system.board.monitor.ram]);
    assert_eq!(check_disjoint(&regions), Ok(()));
}

fn says_why(refused: &Refused) {
    assert!(!refused.mistakes().is_empty());
    let mut codes = refused.mistakes().iter().map(|it| it.code().as_str());
    assert!(codes.all(|it| it != "internal"), "a check is missing");
    assert!(!refused.render(false).is_empty());
}

/// All that the tools make of a system.
fn generate(system: &System) -> Result<(), Error> {
    let _shown = (explain::tables(system), explain::svg(system));
    match sossl::firmware(system, linker_template(system.board.arch)) {
        // Said to the user as such: a monitor that its memory is too small for.
        Ok(_) | Err(Error::Layout(_)) => {}
        Err(error) => return Err(error),
    }
    for partition in &system.partitions {
        sossl::partition(system, &partition.name)?;
        sossl::client(system, &partition.name)?;
    }
    let handlers = sossl::handlers(system)?;
    skeleton::skeleton(system, &handlers);
    sossl::c::handlers_header(system)?;
    sossl::c::skeletons(system)?;
    sossl::docs::docs(system, &PathBuf::from(FOLDER))?;
    Ok(())
}

fn linker_template(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => include_str!("../../boards/qemu-virt-arm64/link.ld.jinja"),
        Arch::Riscv64 => include_str!("../../boards/qemu-virt-riscv64/link.ld.jinja"),
    }
}
