//! The monitor of the gateway example: the riscv64 monitor, the board, the tables of `system.yaml`, and the handlers of its
//! services.
#![no_std]
#![no_main]

#[cfg(board = "microchip-icicle-kit")]
use cofferdam_board_microchip_icicle_kit::MicrochipIcicleKit as Board;
#[cfg(any(
    board = "qemu-virt-riscv64",
    board = "qemu-virt-riscv64-aia",
    board = "qemu-virt-riscv64-stock"
))]
use cofferdam_board_qemu_virt_riscv64::QemuVirtRiscv64 as Board;
#[cfg(board = "sifive-u")]
use cofferdam_board_sifive_u::SifiveU as Board;

// What is generated finds the handlers by this name; for a system without services it does not look.
extern crate cofferdam_gateway_services as services;

include!(concat!(env!("OUT_DIR"), "/system.rs"));

cofferdam_riscv64::firmware!(Board, CONFIGURATION);
