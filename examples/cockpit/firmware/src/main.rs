//! The monitor of the cockpit example: the arm64 monitor, the board, the tables of `system.yaml`, and
//! the handlers of its services.
#![no_std]
#![no_main]

use cofferdam_board_qemu_virt_arm64::QemuVirtArm64;

// What is generated finds the handlers by this name; for a system without services it does not look.
extern crate cofferdam_cockpit_services as services;

/// How often the monitor looks after its partitions on a core without a critical one. A hang is found that much later
/// at most, and a hang's bound is milliseconds to seconds; each look takes the core from Linux for a moment.
const TICK_NANOSECONDS: u64 = 10_000_000;

include!(concat!(env!("OUT_DIR"), "/system.rs"));

type Board = QemuVirtArm64<InterruptController>;

cofferdam_arm64::firmware!(
    Board,
    Features,
    CONFIGURATION,
    TranslationTables = TRANSLATION_TABLES
);
