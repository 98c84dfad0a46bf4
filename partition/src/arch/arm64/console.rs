//! Console on a PL011. Nothing waits for it longer than 1 000 looks at a full FIFO: a console
//! that nobody reads must not hold a critical task.
//!
//! The line settings are left as found: baud rate and clock are the board's, set before any
//! partition runs.

use core::fmt;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::hardware::Hardware;
use arm_pl011_uart::{PL011Registers, Uart, UniqueMmioPointer};

/// Looks at a full transmit FIFO before a byte of formatted output is dropped.
const SPINS: u32 = 1_000;

/// Address of the PL011 that a panic prints on; 0 until it is mapped.
static PANIC_CONSOLE: AtomicUsize = AtomicUsize::new(0);

/// A console.
pub struct Console {
    uart: Uart<'static>,
}

impl Console {
    /// The console at this address.
    ///
    /// # Safety
    ///
    /// `registers` is a PL011 of this partition, named in its
    /// [`Hardware`](crate::hardware::Hardware), and nothing else uses it.
    pub unsafe fn new(registers: NonNull<PL011Registers>) -> Self {
        // SAFETY: the caller passes it on: mapped as a device, and used by nobody else.
        let registers = unsafe { UniqueMmioPointer::new(registers) };
        Self {
            uart: Uart::new(registers),
        }
    }

    /// Sends as much as fits now and says how many bytes that was. Does not wait.
    pub fn send(&mut self, bytes: &[u8]) -> usize {
        let mut sent = 0;
        for &byte in bytes {
            if self.uart.is_tx_fifo_full() {
                break;
            }
            self.uart.write_word(byte);
            sent += 1;
        }
        sent
    }

    /// A byte that was received, if there is one. One with a line error is dropped.
    pub fn receive(&mut self) -> Option<u8> {
        self.uart.read_word().ok().flatten()
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            let _taken = (0..SPINS).any(|_| self.send(&[byte]) == 1);
        }
        Ok(())
    }
}

/// The console that the partition's hardware names, if it does. Called once.
pub fn console_of(hardware: &Hardware) -> Option<Console> {
    let registers = core::ptr::with_exposed_provenance_mut(hardware.console.start);
    let registers = NonNull::new(registers)?;
    // SAFETY: start-up mapped a PL011 of this partition here; `console::take` calls this once.
    Some(unsafe { Console::new(registers) })
}

/// Names the console that a panic uses, once it is mapped.
pub(crate) fn set_panic_console(address: usize) {
    PANIC_CONSOLE.store(address, Ordering::Relaxed);
}

/// The console for the last words of this partition. The caller masked interrupts and never
/// returns.
pub(crate) fn of_panic() -> Option<Console> {
    let registers = NonNull::new(core::ptr::with_exposed_provenance_mut(
        PANIC_CONSOLE.load(Ordering::Relaxed),
    ))?;
    // SAFETY: start-up mapped a PL011 here; whoever used it before was stopped by the panic and
    // does not run again.
    Some(unsafe { Console::new(registers) })
}
