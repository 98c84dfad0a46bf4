//! The riscv64 monitor of the benchmarks: as in a product.
#![no_std]
#![no_main]

use cofferdam_board_qemu_virt_riscv64::QemuVirtRiscv64;

include!(concat!(env!("OUT_DIR"), "/system.rs"));

cofferdam_riscv64::firmware!(QemuVirtRiscv64, CONFIGURATION);
