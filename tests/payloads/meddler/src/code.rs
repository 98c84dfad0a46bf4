//! An access of the interrupt controller whose instruction another hart changes, while the monitor looks what it is.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::Uart;
use crate::controller::{OWN, PLIC};
use crate::tally::Tally;

/// Loads a0 from where a1 is; returns.
static CODE: [AtomicU32; 2] = [AtomicU32::new(LOAD), AtomicU32::new(0x0000_8067)];
const LOAD: u32 = 0x0005_a503;
/// LW; C.LW and C.NOP; ADDI, which does nothing; LB, which the controller does not answer. The upper halves do nothing either: the
/// hart goes on there where C.LW was done and one of the others is there by then.
const FORMS: [u32; 4] = [LOAD, 0x0001_4188, 0x0001_0013, 0x0005_8503];
/// What a0 keeps if nothing is loaded.
const MARK: u64 = 0x600d;

/// On the first hart.
pub(crate) fn change(round: usize) {
    let [access, _] = &CODE;
    for form in FORMS.iter().cycle().skip(round % 4).take(1) {
        access.store(*form, Relaxed);
    }
}

/// The second hart: it finds the priority of its own source, or nothing.
pub(crate) fn race(tally: &mut Tally<Uart>) {
    let (mut possible, mut found) = (true, [false; 2]);
    for _ in 0..5_000 {
        let seen: u64;
        // SAFETY: calls the two instructions; a trap goes on with the second.
        unsafe {
            asm!(
                "fence.i",
                "jalr {code}",
                code = in(reg) CODE.as_ptr().addr(),
                inlateout("a0") MARK => seen, in("a1") PLIC + 4 * OWN,
                out("t0") _, out("t1") _, out("ra") _,
            );
        }
        let kinds = [1, MARK];
        possible &= kinds.contains(&seen);
        for (found, kind) in found.iter_mut().zip(kinds) {
            *found |= seen == kind;
        }
    }
    tally.enter("instruction changed meanwhile", possible);
    tally.enter("instruction did not change", found == [true; 2]);
}
