//! The rich partition's console: PL011 (Arm DDI 0183).

use crate::probe;
use core::fmt::{self, Write};

const UART: u64 = 0x0900_0000;
const DATA: u64 = UART;
const FLAGS: u64 = UART + 0x18;
const LINE_CONTROL: u64 = UART + 0x2c;
const CONTROL: u64 = UART + 0x30;
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;

struct Uart;

impl Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            while probe::read(FLAGS).is_some_and(|flags| flags & TRANSMIT_FULL != 0) {}
            probe::write(DATA, u32::from(byte));
        }
        Ok(())
    }
}

/// Opens the line in both directions.
pub fn open() {
    probe::write(CONTROL, 0);
    // Eight bits, with FIFOs.
    probe::write(LINE_CONTROL, 0b111 << 4);
    // UART, transmitter and receiver enabled.
    probe::write(CONTROL, 0b11 << 8 | 1);
}

/// Prints a line.
pub fn line(text: fmt::Arguments<'_>) {
    // This writer does not fail.
    let _ = writeln!(Uart, "{text}\r");
}

/// Reads a line into `buffer`; what does not fit is dropped.
pub fn read_line(buffer: &mut [u8]) -> &str {
    let mut length = 0;
    loop {
        let byte = read_byte();
        if byte == b'\n' || byte == b'\r' {
            break;
        }
        if let Some(room) = buffer.get_mut(length) {
            *room = byte;
            length += 1;
        }
    }
    let line = buffer.get(..length).unwrap_or_default();
    core::str::from_utf8(line).unwrap_or_default()
}

fn read_byte() -> u8 {
    loop {
        let empty = probe::read(FLAGS).is_none_or(|flags| flags & RECEIVE_EMPTY != 0);
        if !empty {
            return probe::read(DATA).unwrap_or(0).to_le_bytes()[0];
        }
        crate::time::relax();
    }
}
