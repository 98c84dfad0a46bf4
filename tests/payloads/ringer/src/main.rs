//! A rich partition that uses a channel, at Non-secure EL2 with the MMU off: its own end by calls, the critical end through the
//! `relay` in the other partition. First as it may; then too often, and where it may not. Then it restarts both partitions. At the
//! end both ends are drivers, and packets pass.
#![no_std]
#![no_main]

mod call;
#[path = "../../console.rs"]
mod console;
mod flood;
mod gic;
mod input;
mod packets;
#[path = "../../post.rs"]
mod post;

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::call::{Call, Error};

global_asm!(
    ".section .text.start, \"ax\"",
    ".global ringer_start",
    "ringer_start:",
    "ldr x1, =__stack",
    "mov sp, x1",
    "b ringer_main",
    ".ltorg",
);

unsafe extern "C" {
    /// The epoch at the end of the last life, behind the image; RAM is zero at power-on.
    static __remembered: AtomicU64;
}

/// SYSTEM_RESET (Arm DEN 0022).
const RESET: u32 = 0x8400_0009;

#[unsafe(no_mangle)]
extern "C" fn ringer_main() -> ! {
    // SAFETY: the linker script reserves eight aligned bytes for it.
    let remembered = unsafe { &__remembered };
    gic::open();
    if packets::are_playing() {
        packets::play()
    }
    while call::acknowledge(call::relay).is_err() {
        give_way();
    }
    let before = remembered.load(Ordering::Relaxed);
    if before != 0 {
        assert!(epoch() > before, "the epoch of the life before");
        console::line(format_args!("ringer: restarted, and the epoch moved"));
        packets::play()
    }
    begin();
    ring_both_ways();
    flood::of_deliveries();
    flood::of_rings();
    unknown_channels();
    restart_the_other();
    remembered.store(epoch(), Ordering::Relaxed);
    smccc::smc32(RESET, [0; 7]);
    panic!("a reset came back")
}

fn epoch() -> u64 {
    let seen = call::acknowledge(call::own);
    seen.expect("an end may acknowledge").epoch
}

/// Both ends begin one epoch; who asks again gets another, and the other end is told.
fn begin() {
    let first = call::begin(call::own).expect("an epoch");
    assert_eq!(call::begin(call::relay), Ok(first));
    let second = call::begin(call::relay).expect("another epoch");
    assert!(second > first, "an epoch twice");
    assert_eq!(gic::take(), Some(gic::DOORBELL), "was told");
    assert_eq!(call::begin(call::own), Ok(second));
    assert_eq!(epoch(), second);
    console::line(format_args!("ringer: both ends begin the same epoch"));
}

fn ring_both_ways() {
    assert_eq!(gic::take(), None, "nobody rang");
    assert_eq!(call::ring(call::relay), Ok(()));
    assert_eq!(gic::take(), Some(gic::DOORBELL), "the doorbell's interrupt");
    assert_eq!(gic::take(), None, "once");
    let seen = call::acknowledge(call::own).expect("an end");
    assert!(seen.delivered && seen.other_runs);
    // The other way nothing is interrupted: that end asks.
    assert_eq!(call::ring(call::own), Ok(()));
    for delivered in [true, false] {
        let seen = call::acknowledge(call::relay).expect("an end");
        assert_eq!(seen.delivered, delivered);
    }
    console::line(format_args!("ringer: rung both ways"));
}

fn unknown_channels() {
    for number in [1, u64::MAX] {
        for function in [
            Call::ChannelRing,
            Call::ChannelBegin,
            Call::ChannelAcknowledge,
        ] {
            let verdict = match call::own(function, number) {
                Err(Error::InvalidParameter) => "held",
                Err(_) => "WRONG, refused for another reason",
                Ok(_) => "SUCCEEDED",
            };
            console::line(format_args!("ringer: unknown-channel: {verdict}"));
        }
    }
}

/// The critical partition starts anew: so does the channel.
fn restart_the_other() {
    let before = epoch();
    while gic::take().is_some() {}
    // Its caller is told that the handler is gone.
    assert_eq!(call::relay(Call::Reset, 0).err(), Some(Error::Busy));
    let moved = epoch();
    while call::acknowledge(call::relay).is_err() {
        give_way();
    }
    let after = epoch();
    assert!(after > before, "the epoch stayed at {moved}");
    assert_eq!(call::begin(call::relay), Ok(after));
    console::line(format_args!(
        "ringer: the other restarted, and the epoch moved"
    ));
}

/// For loops that wait for the other slot of this core or for the counter.
pub fn give_way() {
    // SAFETY: a hint.
    unsafe { asm!("yield", options(nomem, nostack)) }
}

fn wait() -> ! {
    loop {
        // SAFETY: only waits.
        unsafe { asm!("wfi", options(nomem, nostack)) }
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    console::line(format_args!("ringer: WRONG, {info}"));
    wait()
}
