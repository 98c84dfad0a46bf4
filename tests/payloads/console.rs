//! A rich payload's console: PL011 (Arm DDI 0183), as the emulator leaves it at power-on.

use core::fmt::{self, Write};
use core::ptr::with_exposed_provenance_mut;

/// Numbers of the partition.
#[expect(dead_code, reason = "all numbers are generated, used or not")]
pub mod generated {
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

/// Prints a line.
pub fn line(text: fmt::Arguments<'_>) {
    // This writer does not fail.
    let _written = writeln!(Uart, "{text}\r");
}
