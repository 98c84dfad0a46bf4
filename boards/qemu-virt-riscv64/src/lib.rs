//! QEMU `virt` for riscv64, with its CLINT and PLIC (`virt,aia=none,aclint=off`, the default).
//!
//! Addresses are those of the machine's memory map (QEMU, hw/riscv/virt.c); `board.yaml` says the same for
//! the host tools.
#![no_std]

use cofferdam_core::region::Region;
use cofferdam_riscv64::platform::Platform;

/// The one UART, a 16550 (its data and line status registers). It is a partition's until a panic.
const UART_DATA: *mut u8 = 0x1000_0000 as *mut u8;
const UART_STATUS: *const u8 = 0x1000_0005 as *const u8;
/// Line status: the transmitter's buffer is empty.
const EMPTY: u8 = 1 << 5;

/// A virtio-mmio transport has 4 KiB, its Status register at 0x70 (virtio 1.2, 4.2.2).
const TRANSPORT: u64 = 0x1000;
const STATUS: u64 = 0x70;
/// How often a transport is asked whether it is reset.
const PATIENCE: u32 = 1_000_000;

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

    // The virtio transports are the only bus masters of board.yaml.
    fn quiesce(registers: Region) {
        let transports = registers.len().get() / TRANSPORT;
        for n in 0..transports {
            let status = (registers.start().get() + n * TRANSPORT + STATUS) as *mut u32;
            // 0 resets the device: it forgets its queues, and is done when it reads 0 (virtio 1.2, 2.4). This is a thread, so a
            // long wait delays nobody but its partition; a device that never says so is left behind.
            // SAFETY: a register of this machine, whose owner does not run.
            unsafe { status.write_volatile(0) };
            for _ in 0..PATIENCE {
                // SAFETY: as above; reading it changes nothing.
                if unsafe { status.read_volatile() } == 0 {
                    break;
                }
            }
        }
    }
}
