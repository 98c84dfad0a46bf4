//! HiFive Unleashed: the SiFive FU540-C000 and QEMU's model of it, `sifive_u`.
//!
//! Addresses are those of the FU540-C000 manual (Memory Map); `board.yaml` says the same for the host tools.
#![no_std]

use cofferdam_core::region::Region;
use cofferdam_riscv64::platform::Platform;

/// The first UART's transmit data: bit 31 says that its queue is full. It is a partition's until a panic.
const UART_TRANSMIT: *mut u32 = 0x1001_0000 as *mut u32;
const FULL: u32 = 1 << 31;

/// The board.
#[derive(Debug)]
pub struct SifiveU;

impl Platform for SifiveU {
    fn console(bytes: &[u8]) {
        for &byte in bytes {
            // SAFETY: a register of this chip; reading it changes nothing.
            let status = unsafe { UART_TRANSMIT.read_volatile() };
            if status & FULL == 0 {
                // SAFETY: as above; its owner runs no more.
                unsafe { UART_TRANSMIT.write_volatile(u32::from(byte)) };
            }
        }
    }

    // What its pins drive, only a product on it knows.
    fn safe_state() {}

    // board.yaml has no bus master that a partition could own.
    fn quiesce(_registers: Region) {}
}
