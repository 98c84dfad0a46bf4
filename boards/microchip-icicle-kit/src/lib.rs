//! Microchip PolarFire SoC Icicle Kit, and QEMU's model of it, `microchip-icicle-kit`.
//!
//! Addresses are those of the PolarFire SoC MSS Technical Reference Manual (Memory Map); `board.yaml` says the same for the
//! host tools.
#![no_std]

use cofferdam_core::region::Region;
use cofferdam_riscv64::platform::Platform;

/// The first MMUART, a 16550 with a register to a word (its data and line status registers). It is a partition's until a panic.
const UART_DATA: *mut u32 = 0x2000_0000 as *mut u32;
const UART_STATUS: *const u32 = 0x2000_0014 as *const u32;
/// Line status: the transmitter's buffer is empty.
const EMPTY: u32 = 1 << 5;

/// The board.
#[derive(Debug)]
pub struct MicrochipIcicleKit;

impl Platform for MicrochipIcicleKit {
    fn console(bytes: &[u8]) {
        for &byte in bytes {
            // SAFETY: a register of this chip; reading it clears error bits and nothing else.
            let status = unsafe { UART_STATUS.read_volatile() };
            if status & EMPTY != 0 {
                // SAFETY: as above; its owner runs no more.
                unsafe { UART_DATA.write_volatile(u32::from(byte)) };
            }
        }
    }

    // What its pins drive, only a product on it knows.
    fn safe_state() {}

    // board.yaml has no bus master that a partition could own.
    fn quiesce(_registers: Region) {}
}
