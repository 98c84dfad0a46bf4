//! What is left behind across a restart of the partition, and restarts as a weapon.
//!
//! Targets what the monitor does when it recalls a partition's cores: the controller and the registers are put
//! back, bus masters are quieted before the memory is filled again.

use crate::attack::dma;
use crate::gic::{self, offset as at};
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::register::write;
use crate::{probe, shared, time};

/// Core 0: interrupts active and pending, every timer armed, counters running, FP and general registers full.
pub fn hold() {
    gic::send(0, 4);
    gic::send(0, 5);
    let _ = gic::acknowledge();
    write!("pmcr_el0", 1);
    write!("pmcntenset_el0", 1);
    write!("cntp_ctl_el0", 0b11);
    write!("cntv_ctl_el0", 0b11);
    write!("mdscr_el1", 1 << 15 | 1 << 13);
    crate::attack::floating_point::fill();
    shared::rest();
}

/// Core 1: restarts everything, and looks afterwards what core 0's registers hold.
pub fn leave_behind(journal: &mut Journal) -> Outcome {
    if journal.restarts == 0 {
        time::wait(3);
        journal.restart();
    }
    registers_are_clear()?;
    for (offset, what) in [
        (at::ISACTIVER, "an interrupt is active across a restart"),
        (at::ISPENDR, "an interrupt is pending across a restart"),
    ] {
        let left = probe::read(gic::private(0) + offset).unwrap_or(0);
        if left != 0 {
            return succeeded(what, u64::from(left));
        }
    }
    Ok(())
}

/// Nothing was in core 0's registers when the partition was started.
pub fn registers_are_clear() -> Outcome {
    for (word, what) in entry_registers().into_iter().zip(0..) {
        if word != 0 {
            return succeeded("a register was not cleared before the start", what);
        }
    }
    Ok(())
}

/// x1 to x30, and v0 to v31 as two words each, as core 0 found them at its entry.
fn entry_registers() -> impl IntoIterator<Item = u64> {
    unsafe extern "C" {
        static __entry_registers: [u64; 96];
    }
    // SAFETY: `start.S` filled it; nobody writes it afterwards.
    let words = unsafe { (&raw const __entry_registers).read_volatile() };
    // Words 30 and 31 are a gap.
    words
        .into_iter()
        .enumerate()
        .filter(|(n, _)| !(30..32).contains(n))
        .map(|(_, word)| word)
}

/// Core 1: resets at once, ten times in a row.
pub fn again_and_again(journal: &mut Journal) -> Outcome {
    if journal.restarts < 10 {
        journal.restart();
    }
    Ok(())
}

/// Core 1: gives a virtio device buffers to fill, restarts, and looks whether it still fills them.
pub fn old_dma(journal: &mut Journal) -> Outcome {
    let Some(device) = dma::entropy_device() else {
        return succeeded("there is no entropy device, so that nothing is shown", 0);
    };
    if journal.restarts == 0 {
        dma::offer_buffers(device);
        journal.restart();
    }
    dma::mark_buffers();
    time::wait(300);
    match dma::changed_buffer() {
        None => Ok(()),
        Some(buffer) => succeeded("a device wrote memory after the restart", buffer),
    }
}
