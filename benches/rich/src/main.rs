//! The rich partition of the benchmarks, at Non-secure EL2; without the monitor, at EL2 of a machine that has
//! no Secure state.
//!
//! It calls and takes interrupts between instructions that the tracer knows (`measured.S`), and then
//! walks through every path of the monitor that a rich partition can reach, so that the longest is
//! seen: all calls, both ways of waiting, another core, floating point, a restart, the end.
#![no_std]
#![no_main]

mod calls;
mod controller;
mod ring;

use core::arch::{asm, global_asm};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU64, Ordering};

global_asm!(include_str!("measured.S"));

unsafe extern "C" {
    fn empty_call();
    fn cross_call() -> i64;
    fn service_call() -> i64;
    fn service_limit() -> i64;
    fn service_c() -> i64;
    fn service_region(unused: u64, address: u64, length: u64) -> i64;
    fn interrupt(send: u64, handled: *const AtomicU64);
    fn hook_interrupt(clock: usize);
    fn use_floating_point(value: u64);
}

/// Frames through the ring: the first one makes the link.
const PACKETS: usize = 4;
/// Repetitions of a measurement: ticks of the critical partition fall between some.
const REPETITIONS: usize = 32;
/// Counter ticks in which the critical partition comes several times.
const A_WHILE: u64 = 20_000;
/// This partition's number in the system.
const RICH: u64 = 1;
/// Lives until the end.
const LIVES: u64 = 3;
/// The board's Non-secure PL011.
const CONSOLE: *mut u8 = core::ptr::without_provenance_mut(0x0900_0000);
/// Its PL031, which the monitor has where there is a hook of it.
const CLOCK: usize = 0x0901_0000;

/// Set by the handler of interrupts.
#[unsafe(no_mangle)]
static handled: AtomicU64 = AtomicU64::new(0);

/// How far the first core is; a power-down comes back at the entry.
static STAGE: AtomicU64 = AtomicU64::new(0);
/// How often the other core was started.
static VISITS: AtomicU64 = AtomicU64::new(0);

#[unsafe(no_mangle)]
extern "C" fn main(core: u64) -> ! {
    if core != 0 {
        other_core();
    }
    if first(&STAGE) {
        measure();
        calls::all_that_answer();
        calls::other_core();
        wait_in_the_monitor();
        // Comes back in `main`.
        set_timer();
        calls::power_down(0);
    }
    share_floating_point();
    if calls::starts(RICH) < LIVES {
        calls::reset();
    }
    calls::power_off();
    stop()
}

fn measure() {
    controller::set_up();
    for _ in 0..REPETITIONS {
        // SAFETY: a measured routine; the handler sets the word that it waits for.
        unsafe { interrupt(controller::SEND, &handled) };
    }
    ring::measure(PACKETS);
    // Without the monitor, this is the end: nobody answers calls.
    say(b"bench: measured without the monitor\r\n");
    for _ in 0..REPETITIONS {
        // SAFETY: a call that changes nothing.
        unsafe { empty_call() };
    }
    ring::engines_agree();
    let mut answered = 0;
    while answered < REPETITIONS {
        // SAFETY: the handler changes nothing, and says so by 0; refused while it is away.
        if unsafe { cross_call() } == 0 {
            answered += 1;
        } else {
            // It may have moved to the emulator's other core, which has its turn only if this one gives way.
            // SAFETY: changes nothing.
            unsafe { asm!("yield", options(nomem, nostack, preserves_flags)) };
        }
    }
    if calls::has_services() {
        for _ in 0..REPETITIONS {
            // SAFETY: a call that changes nothing.
            unsafe { service_call() };
            // SAFETY: the same.
            unsafe { service_limit() };
            // SAFETY: the same.
            unsafe { service_c() };
            // SAFETY: the same; the service reads nothing.
            unsafe { service_region(0, (&raw const handled).addr() as u64, 64) };
            // SAFETY: the hook of the same system ends the interrupt.
            unsafe { hook_interrupt(CLOCK) };
        }
    }
    let end = now() + A_WHILE;
    while now() < end {
        // In between, the other end rings.
        calls::acknowledge();
    }
}

fn wait_in_the_monitor() {
    for _ in 0..4 {
        set_timer();
        calls::stand_by();
    }
}

fn share_floating_point() {
    let end = now() + A_WHILE;
    while now() < end {
        // SAFETY: nothing here is kept in these registers.
        unsafe { use_floating_point(end) };
    }
}

fn other_core() -> ! {
    // SAFETY: nothing here is kept in these registers.
    unsafe { use_floating_point(0) };
    if first(&VISITS) {
        calls::off();
    }
    stop()
}

/// Whether nobody asked before. Each word is one core's, and with the MMU off there are no atomic updates.
fn first(word: &AtomicU64) -> bool {
    let before = word.load(Ordering::Relaxed);
    word.store(1, Ordering::Relaxed);
    before == 0
}

/// The timer fires in a short while, into the handler or out of a wait in the monitor.
fn set_timer() {
    // SAFETY: this partition's own timer, whose interrupt has a handler.
    unsafe {
        asm!(
            "msr cntp_tval_el0, {ticks}",
            "msr cntp_ctl_el0, {on}",
            "isb",
            ticks = in(reg) 2_000_u64,
            on = in(reg) 1_u64,
            options(nostack),
        );
    }
}

fn now() -> u64 {
    let now;
    // SAFETY: reads the counter.
    unsafe { asm!("isb", "mrs {}, cntpct_el0", out(reg) now, options(nostack)) };
    now
}

fn say(text: &[u8]) {
    for &byte in text {
        // SAFETY: the data register of this partition's PL011; the emulator's never fills up.
        unsafe { CONSOLE.write_volatile(byte) };
    }
}

fn stop() -> ! {
    loop {
        // SAFETY: waits.
        unsafe { asm!("wfi", options(nomem, nostack)) };
    }
}

#[unsafe(no_mangle)]
extern "C" fn unexpected_exception() -> ! {
    say(b"bench: unexpected exception\r\n");
    stop()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    say(b"bench: panic\r\n");
    stop()
}
