//! The doorbell that the critical partition rings with each job: it is no device's, so no line of the interrupt controller is pending while
//! it is, and the monitor's part is to keep it so from one exchange to the next.

use core::arch::asm;

use cofferdam_partition::monitor;
use cofferdam_partition::time::{frequency, now};

/// The gateway's only channel.
const CHANNEL: u64 = 0;
/// Priority of its source, 88; enables of S-mode's context on hart 0; claim there.
const PRIORITY: *mut u32 = 0x0c00_0160 as *mut u32;
const ENABLES: *mut u32 = 0x0c00_2088 as *mut u32;
const CLAIM: *mut u32 = 0x0c20_1004 as *mut u32;
/// External interrupts, in sip.
const EXTERNAL: u64 = 1 << 9;

/// Whether it comes, and is pending at each look from then on: without a call, while some jobs preempt this.
pub fn stays() -> bool {
    // SAFETY: registers of this partition's source; interrupts are off in sie.
    unsafe { PRIORITY.write_volatile(1) };
    // SAFETY: as above.
    unsafe { ENABLES.write_volatile(1 << (88 % 32)) };
    let second = now() + frequency();
    while !is_pending() && now() < second {
        let _delivered = monitor::channel_acknowledge(CHANNEL);
    }
    let until = now() + frequency() / 200;
    let mut stays = true;
    while now() < until {
        stays &= is_pending();
    }
    // SAFETY: as above: claims it.
    let claimed = unsafe { CLAIM.read_volatile() };
    // SAFETY: as above: completes it.
    unsafe { CLAIM.write_volatile(claimed) };
    // SAFETY: as above.
    unsafe { ENABLES.write_volatile(0) };
    stays && claimed == 88
}

fn is_pending() -> bool {
    let pending: u64;
    // SAFETY: reads it. Not `nomem`: it changes by itself.
    unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
    pending & EXTERNAL != 0
}
