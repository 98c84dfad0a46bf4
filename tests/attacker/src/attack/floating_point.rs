//! FP/SIMD registers: what one world leaves in them must neither reach the other nor change.
//!
//! Targets the switch of these registers. It shows something only while the critical partition uses them too: its
//! own check is started by `f` on its console.

use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::register::read;
use crate::{shared, time, trap};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

type Vectors = [u128; 32];

unsafe extern "C" {
    fn attacker_store_vectors(to: *mut Vectors);
    fn attacker_load_vectors(from: *const Vectors);
}

/// Registers that were seen with foreign contents, one bit each.
static FOREIGN: AtomicU64 = AtomicU64::new(0);

/// Fills all registers with ones.
pub fn fill() {
    let ones: Vectors = [u128::MAX; 32];
    // SAFETY: code for the soft-float target keeps nothing in these registers.
    unsafe { attacker_load_vectors(&raw const ones) };
}

/// Core 0: fills all registers, works on, looks again.
pub fn fill_and_look() {
    FOREIGN.store(0, SeqCst);
    let mut round = 0_u128;
    while shared::wanted() {
        round += 1;
        let left: Vectors = core::array::from_fn(|n| !(round << 8 | n as u128));
        // SAFETY: code for the soft-float target keeps nothing in these registers.
        unsafe { attacker_load_vectors(&raw const left) };
        time::wait(1);
        let mut found: Vectors = [0; 32];
        // SAFETY: as above; an array of the size that the routine fills.
        unsafe { attacker_store_vectors(&raw mut found) };
        for (number, (left, found)) in left.iter().zip(&found).enumerate() {
            if left != found {
                FOREIGN.store(FOREIGN.load(SeqCst) | 1 << number, SeqCst);
            }
        }
    }
}

/// Instructions on another's registers that were let through.
static LET_THROUGH: AtomicU64 = AtomicU64::new(u64::MAX);

/// Core 0: floating point is another partition's for good; its registers are read and written all the same.
pub fn use_foreign() {
    LET_THROUGH.store(0, SeqCst);
    let through = |n: u32| LET_THROUGH.store(LET_THROUGH.load(SeqCst) | 1_u64 << n, SeqCst);
    let ones: Vectors = [u128::MAX; 32];
    let mut found: Vectors = [0; 32];
    while shared::wanted() {
        trap::forget();
        // SAFETY: an array of the size that the routine fills; what is refused is stepped over.
        unsafe { attacker_store_vectors(&raw mut found) };
        if !trap::taken() || found != [0; 32] {
            through(0);
        }
        trap::forget();
        // SAFETY: code for the soft-float target keeps nothing in these registers.
        unsafe { attacker_load_vectors(&raw const ones) };
        if !trap::taken() {
            through(1);
        }
        // FPCR
        if read!("S3_3_C4_C4_0").is_some() {
            through(2);
        }
        time::relax();
    }
}

/// Core 1 meanwhile.
pub fn was_refused(_: &mut Journal) -> Outcome {
    time::wait(30);
    match LET_THROUGH.load(SeqCst) {
        0 => Ok(()),
        instructions => succeeded("another's FP/SIMD registers were used", instructions),
    }
}

/// Core 1 meanwhile.
pub fn was_foreign(_: &mut Journal) -> Outcome {
    time::wait(30);
    match FOREIGN.load(SeqCst) {
        0 => Ok(()),
        registers => succeeded("FP/SIMD registers with foreign contents", registers),
    }
}
