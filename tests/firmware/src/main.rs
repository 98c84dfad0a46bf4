//! The monitor of system tests whose handlers are their own: as in a product.
#![no_std]
#![no_main]

use cofferdam_board_qemu_virt_arm64::QemuVirtArm64;

extern crate cofferdam_test_services as services;

/// As in the cockpit.
const TICK_NANOSECONDS: u64 = 10_000_000;

include!(concat!(env!("OUT_DIR"), "/system.rs"));

type Board = QemuVirtArm64<InterruptController>;

cofferdam_arm64::firmware!(
    Board,
    Features,
    CONFIGURATION,
    TranslationTables = TRANSLATION_TABLES
);
