//! Registers as a mark of who had the hart: each end fills its own, and finds them so. Floating point; with the feature
//! `stock`, for a processor with H and Sstc, those of a guest's trap, and the timer.

use core::arch::asm;

/// Fills all of them with a word.
pub fn fill(word: u64) {
    // SAFETY: nothing else here uses floating point.
    unsafe {
        asm!(
            ".option push",
            ".option arch, +d",
            "li {on}, 0x6000",
            "csrs sstatus, {on}",
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
            "fmv.d.x f\\n, {word}",
            ".endr",
            ".option pop",
            word = in(reg) word,
            on = out(reg) _,
            options(nostack),
        );
    }
}

/// Whether all of them still hold it. On the way floating point is switched off, and on again, as a kernel does.
pub fn hold(word: u64) -> bool {
    let differ: u64;
    // SAFETY: reads them.
    unsafe {
        asm!(
            ".option push",
            ".option arch, +d",
            "li {on}, 0x6000",
            "csrs sstatus, {on}",
            "li {differ}, 0",
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
            "fmv.x.d {one}, f\\n",
            "xor {one}, {one}, {word}",
            "or {differ}, {differ}, {one}",
            ".endr",
            // Off, over registers that are live.
            "csrc sstatus, {on}",
            ".option pop",
            word = in(reg) word,
            on = out(reg) _,
            one = out(reg) _,
            differ = out(reg) differ,
            options(nostack),
        );
    }
    differ == 0
}

/// Fills vsscratch, vstval and htimedelta.
#[cfg(feature = "stock")]
pub fn fill_guest(word: u64) {
    // SAFETY: there is no guest here.
    unsafe { asm!("csrw 0x240, {0}", "csrw 0x243, {0}", "csrw 0x605, {0}", in(reg) word) };
}

/// Whether they still hold it.
#[cfg(feature = "stock")]
pub fn hold_guest(word: u64) -> bool {
    let (scratch, value, delta): (u64, u64, u64);
    // SAFETY: reads them.
    unsafe {
        asm!(
            "csrr {}, 0x240", "csrr {}, 0x243", "csrr {}, 0x605",
            out(reg) scratch, out(reg) value, out(reg) delta,
            options(nomem, nostack),
        );
    }
    [scratch, value, delta] == [word; 3]
}

/// When the timer fires: stimecmp.
#[cfg(feature = "stock")]
pub fn timer() -> u64 {
    let at;
    // SAFETY: reads it.
    unsafe { asm!("csrr {}, 0x14d", out(reg) at, options(nomem, nostack)) };
    at
}
