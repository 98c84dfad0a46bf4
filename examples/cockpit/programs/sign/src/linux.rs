//! What this program needs of Linux besides the services: its start, a line of text, a sleep, an end (system calls of
//! include/uapi/asm-generic/unistd.h).

use core::arch::{asm, naked_asm};
use core::ffi::{CStr, c_char};

const WRITE: usize = 64;
const EXIT_GROUP: usize = 94;
const NANOSLEEP: usize = 101;

/// The first instruction. Linux enters it with `argc` and `argv` on the stack.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!("mov x29, xzr", "mov x30, xzr", "ldr x0, [sp]", "ldr x1, [sp, #16]", "b {start}", start = sym start)
}

extern "C" fn start(arguments: usize, first: *const c_char) -> ! {
    let count = if arguments > 1 {
        // SAFETY: Linux ends every argument with a zero.
        number(unsafe { CStr::from_ptr(first) })
    } else {
        1
    };
    exit(crate::main(count))
}

/// The digits at the start of a text, as a number.
fn number(text: &CStr) -> usize {
    let digits = text.to_bytes().iter().take_while(|it| it.is_ascii_digit());
    digits.fold(0_usize, |number, digit| {
        let digit = usize::from(digit.wrapping_sub(b'0'));
        number.saturating_mul(10).saturating_add(digit)
    })
}

/// A line of text in the making.
pub struct Line {
    text: [u8; 80],
    length: usize,
}

impl Line {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            text: [0; 80],
            length: 0,
        }
    }

    /// Adds this, as far as there is room.
    pub fn say(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            if let Some(place) = self.text.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
        self
    }

    /// Adds a number.
    pub fn number(&mut self, number: usize) -> &mut Self {
        let tens = number / 10;
        if tens > 0 {
            self.number(tens);
        }
        let digit = [b'0'.saturating_add(u8::try_from(number % 10).unwrap_or(0))];
        self.say(core::str::from_utf8(&digit).unwrap_or_default())
    }

    /// Writes it.
    pub fn end(&mut self) {
        self.say("\n");
        let text = self.text.as_ptr().expose_provenance();
        // SAFETY: write(2) reads this text alone.
        unsafe { system_call(WRITE, [1, text, self.length]) }
    }
}

/// Waits.
pub fn sleep_milliseconds(milliseconds: usize) {
    let time = [0, milliseconds * 1_000_000];
    // SAFETY: nanosleep(2) reads seconds and nanoseconds.
    unsafe { system_call(NANOSLEEP, [time.as_ptr().expose_provenance(), 0, 0]) }
}

/// Ends the program.
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: ends it.
        unsafe { system_call(EXIT_GROUP, [usize::from(status != 0), 0, 0]) }
    }
}

/// # Safety
/// What the system call does is what the caller may do.
unsafe fn system_call(number: usize, [first, second, third]: [usize; 3]) {
    // SAFETY: keeps all registers but x0; the rest is the caller's promise.
    unsafe {
        asm!("svc #0", in("x8") number, inout("x0") first => _, in("x1") second, in("x2") third, options(nostack));
    }
}
