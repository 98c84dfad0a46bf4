//! For tests alone (feature `inject-faults`): a call by which a partition has the monitor do what its own rules forbid it. a0: what.
//! Answers in a1 whether that did not fault; an overflow that faults is the end.

use crate::csr;
use crate::hart::Hart;
use crate::stack;
use core::arch::asm;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// The function, in the extension of the monitor's calls.
const FUNCTION: u64 = 0xff00;

/// `ret`, where nothing is to be executed.
static RETURN: AtomicU32 = AtomicU32::new(0x8067);
/// Whether the next thread overflows its stack.
static OVERFLOWS: AtomicBool = AtomicBool::new(false);

/// Bytes of stack that one step of an overflow takes.
const STEP: usize = 512;

/// Does something at an address, in t1; answers whether that did not fault.
macro_rules! attempt {
    ($instruction:literal, $address:expr) => {{
        let done: u64;
        // SAFETY: a test's fault. It goes to label 2, behind the instruction; mtvec is as before after it, and what a trap
        // changes otherwise, handlers have put aside.
        unsafe {
            asm!(
                "la t0, 2f",
                "csrrw {old}, mtvec, t0",
                "li {done}, 0",
                $instruction,
                "li {done}, 1",
                ".balign 4",
                "2: csrw mtvec, {old}",
                old = out(reg) _, done = out(reg) done,
                inout("t1") $address => _, out("t0") _, out("ra") _,
            )
        };
        done
    }};
}

/// Whether a partition asks for a fault.
pub fn is_asked(hart: &mut Hart) -> bool {
    let &[_, _, _, _, _, _, function, extension] = hart.current().arguments();
    (extension, function) == (crate::sbi::extension::MONITOR, FUNCTION)
}

/// Tries what a partition asks for.
pub fn inject(hart: &mut Hart) {
    let &[what, ..] = hart.current().arguments();
    let [handlers, threads] = stack::guards(stack::of(hart.core())).map(|it| it.start().get());
    let done = match what {
        // An instruction of it. Where that is possible, all ones have a flash be memory again.
        0 => attempt!("li t0, -1\nsw t0, (t1)", inject as *const () as u64 & !3),
        1 => attempt!("ld t0, (t1)", handlers),
        2 => attempt!("sd zero, (t1)", threads),
        3 => attempt!("fence.i\njalr t1", (&raw const RETURN).addr() as u64),
        4 => overflow(stack::TOP),
        5 => {
            OVERFLOWS.store(true, Relaxed);
            0
        }
        _ => 0,
    };
    csr::fence_instructions();
    hart.current().answer(0, done);
}

/// A thread begins.
pub fn overflow_if_asked() {
    if OVERFLOWS.swap(false, Relaxed) {
        let _returned = overflow(stack::BYTES - stack::TOP - stack::FATAL);
    }
}

/// Goes down a stack by so many bytes, one of which is below it, and comes back.
#[inline(never)]
fn overflow(bytes: u64) -> u64 {
    let taken = core::hint::black_box([1_u8; STEP]);
    let [one, ..] = taken;
    let rest = bytes.saturating_sub(STEP as u64);
    let deepest = if rest == 0 { 1 } else { overflow(rest) };
    core::hint::black_box(u64::from(one)) * deepest
}
