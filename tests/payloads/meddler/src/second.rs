//! The second hart: makes accesses by page tables and an instruction that the first one changes meanwhile; then completes another's
//! interrupt, over and over.
//!
//! It is the first that changes them, for an emulator goes on with that one when a timer comes, in the middle of whatever others do.

use core::arch::{asm, naked_asm};
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};

use cofferdam_partition::sbi;
use cofferdam_partition::time::now;

use crate::controller::{FOREIGN, SECOND, claim};
use crate::tally::Tally;
use crate::{Uart, code, tables, user};

const HSM: u64 = 0x0048_534d;
const TIME: u64 = 0x5449_4d45;
/// In sie.
const TIMER: u64 = 1 << 5;
/// Ticks of the timer between changes, in turn: an access takes some 60, most of them in the monitor.
const PAUSES: Range<u64> = 20..60;

/// Whether it is through with what is changed.
static IS_THROUGH: AtomicBool = AtomicBool::new(false);

#[unsafe(no_mangle)]
static mut MEDDLER_STACK: [u64; 1024] = [0; 1024];

/// Has it do so, and changes what it uses.
pub(crate) fn race(tally: &mut Tally<Uart>) {
    let entry = begin as *const () as u64;
    let lent = core::ptr::from_mut(tally).expose_provenance() as u64;
    let _started = sbi(HSM, 0, [1, entry, lent, 0, 0, 0]);
    for (round, pause) in (0..).zip(PAUSES.cycle()) {
        if IS_THROUGH.load(Ordering::Acquire) {
            break;
        }
        code::change(round);
        tables::change(round);
        rest(pause);
    }
}

/// Has this hart wait for its timer.
fn rest(ticks: u64) {
    let _set = sbi(TIME, 0, [now() + ticks, 0, 0, 0, 0, 0]);
    // SAFETY: sstatus.SIE is 0, so none is taken.
    unsafe { asm!("csrs sie, {0}", "wfi", "csrc sie, {0}", in(reg) TIMER) };
}

/// # Safety
/// For the monitor alone.
#[unsafe(naked)]
unsafe extern "C" fn begin() -> ! {
    naked_asm!(
        "la sp, MEDDLER_STACK + 8192",
        "tail {go_on}",
        go_on = sym go_on,
    )
}

extern "C" fn go_on(_hart: u64, lent: usize) -> ! {
    let tally: *mut Tally<Uart> = core::ptr::with_exposed_provenance_mut(lent);
    // SAFETY: the first hart leaves it alone until this one is through.
    let tally = unsafe { &mut *tally };
    crate::faults::survive(|| {
        tables::race(tally);
        user::race(tally);
        code::race(tally);
    });
    IS_THROUGH.store(true, Ordering::Release);
    let completion = claim(SECOND) as *mut u32;
    loop {
        // SAFETY: a register that this partition may write; what it means is another's.
        unsafe { completion.write_volatile(FOREIGN as u32) };
    }
}
