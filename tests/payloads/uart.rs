//! Console of a rich riscv64 payload: its NS16550A.

use core::fmt;

/// Data, interrupt enables and line status are its bytes 0, 1 and 5.
pub const REGISTERS: *mut u8 = 0x1000_0000 as *mut u8;

/// Writes to it.
pub struct Uart;

impl fmt::Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            // SAFETY: line status of this partition's UART, bit 5: the transmitter is empty. A byte that came before would
            // take the place of one that the emulator's host has yet to take.
            while unsafe { REGISTERS.wrapping_add(5).read_volatile() } & 1 << 5 == 0 {}
            // SAFETY: its data register.
            unsafe { REGISTERS.write_volatile(byte) };
        }
        Ok(())
    }
}
