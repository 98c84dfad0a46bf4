//! QEMU `virt` for riscv64, with its CLINT and PLIC (`virt,aia=none,aclint=off`, the default).
//!
//! Addresses are those of the machine's memory map (QEMU, hw/riscv/virt.c); `board.yaml` says the same for
//! the host tools.
#![no_std]

use cofferdam_core::ids::PartitionId;
use cofferdam_riscv64::platform::Platform;

/// The one UART, a 16550 (its data and line status registers). It is a partition's until a panic.
const UART_DATA: *mut u8 = 0x1000_0000 as *mut u8;
const UART_STATUS: *const u8 = 0x1000_0005 as *const u8;
/// Line status: the transmitter's buffer is empty.
const EMPTY: u8 = 1 << 5;

/// The board.
#[derive(Debug)]
pub struct QemuVirtRiscv64;

impl Platform for QemuVirtRiscv64 {
    fn console(bytes: &[u8]) {
        for &byte in bytes {
            // SAFETY: a register of this machine; reading it clears error bits and nothing else.
            let status = unsafe { UART_STATUS.read_volatile() };
            if status & EMPTY != 0 {
                // SAFETY: as above; its owner runs no more.
                unsafe { UART_DATA.write_volatile(byte) };
            }
        }
    }

    // The machine has no output that drives anything.
    fn safe_state() {}

    // board.yaml has no bus master that a partition could own.
    fn quiesce(_partition: PartitionId) {}
}
