//! What is typed on the console.

use core::ptr::with_exposed_provenance_mut;

use crate::console::generated::device::uart0;
use crate::give_way;

/// Waits for a byte (DDI 0183: UARTFR.RXFE, then UARTDR).
pub fn byte() -> u8 {
    let (data, _) = uart0::REGISTERS;
    let flags = with_exposed_provenance_mut::<u32>(data + 0x18);
    // SAFETY: a register of this partition's UART.
    while unsafe { flags.read_volatile() } & 1 << 4 != 0 {
        give_way();
    }
    // SAFETY: as above.
    let word = unsafe { with_exposed_provenance_mut::<u32>(data).read_volatile() };
    word.to_le_bytes()[0]
}
