//! The riscv64 monitor of the benchmarks: as in a product, in one system with services that do nothing.
#![no_std]
#![no_main]

use cofferdam_board_qemu_virt_riscv64::QemuVirtRiscv64;

extern crate cofferdam_bench_riscv64_services as services;

include!(concat!(env!("OUT_DIR"), "/system.rs"));

cofferdam_riscv64::firmware!(QemuVirtRiscv64, CONFIGURATION);
