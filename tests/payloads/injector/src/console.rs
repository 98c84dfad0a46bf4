//! The rich partition's console: PL011 (Arm DDI 0183), as the emulator leaves it at power-on.

use core::fmt::{self, Write};
use core::ptr::with_exposed_provenance_mut;

#[expect(dead_code, reason = "all numbers are generated, used or not")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

struct Uart;

impl Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (data, _) = generated::device::uart0::REGISTERS;
        let data = with_exposed_provenance_mut::<u32>(data);
        for byte in text.bytes() {
            // SAFETY: the data register of this partition's UART; the emulator takes a byte whenever one comes.
            unsafe { data.write_volatile(u32::from(byte)) };
        }
        Ok(())
    }
}

/// Waits for a byte (UARTFR.RXFE, then UARTDR).
pub fn byte() -> u8 {
    let (data, _) = generated::device::uart0::REGISTERS;
    let flags = with_exposed_provenance_mut::<u32>(data + 0x18);
    // SAFETY: a register of this partition's UART.
    while unsafe { flags.read_volatile() } & 1 << 4 != 0 {
        crate::call::wait();
    }
    // SAFETY: as above.
    let word = unsafe { with_exposed_provenance_mut::<u32>(data).read_volatile() };
    word.to_le_bytes()[0]
}

/// Prints a line.
pub fn line(text: fmt::Arguments<'_>) {
    // This writer does not fail.
    let _written = writeln!(Uart, "{text}\r");
}
