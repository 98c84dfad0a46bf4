//! The monitor of the gateway example: the riscv64 monitor, the board, the tables of `system.yaml`.
#![no_std]
#![no_main]

use cofferdam_board_qemu_virt_riscv64::QemuVirtRiscv64;

include!(concat!(env!("OUT_DIR"), "/system.rs"));

cofferdam_riscv64::firmware!(QemuVirtRiscv64, CONFIGURATION);
