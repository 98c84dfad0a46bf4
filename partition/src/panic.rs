//! A panic: one line on the console as far as it takes it, then a crash report to the monitor.

use core::fmt::Write;
use core::panic::PanicInfo;

use crate::{arch, console};

/// Cause that a panic reports: the syndrome of `brk #0xCFD`, which no code here executes otherwise.
const PANIC_CAUSE: u64 = 0x3C << 26 | 1 << 25 | 0xCFD;

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    arch::mask();
    if let Some(mut console) = console::of_panic() {
        // The console drops what it cannot take: there is no error to act on.
        let _dropped = writeln!(console, "{info}");
    }
    let (file, line) = info.location().map_or((0, 0), |location| {
        (
            location.file().as_ptr().addr() as u64,
            location.line().into(),
        )
    });
    arch::crash(PANIC_CAUSE, file, line)
}
