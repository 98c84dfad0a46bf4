//! A hostile rich partition: takes Linux's place at Non-secure EL2 or EL1 and attacks the monitor and the
//! critical partition.
//!
//! One binary holds all attacks. On its console it takes a line of names, or beginnings of names
//! (`gic memory-read`, `all`), runs what fits, and says of each `attack NAME: held` or
//! `attack NAME: SUCCEEDED, why`, then `attacks: N held, M succeeded`.
//!
//! Core 0, which the critical partition shares, is the hand that does what an attack needs there. Core 1
//! directs: it asks the monitor's own count of the critical partition's jobs before and after, so that an
//! attack that only starves or delays is seen too, even one after which core 0 never answers again.
#![no_std]
#![no_main]

mod attack;
mod call;
mod console;
mod direct;
mod gic;
mod journal;
mod monitor;
mod probe;
mod register;
mod shared;
mod time;
mod trap;

use core::arch::global_asm;

global_asm!(include_str!("start.S"));

/// Core 0, after a start or a restart of the partition.
#[unsafe(no_mangle)]
extern "C" fn attacker_main() -> ! {
    if direct::start().is_err() {
        console::line(format_args!("attacker: no second core"));
    }
    shared::serve()
}

/// Core 1.
#[unsafe(no_mangle)]
extern "C" fn attacker_controller() -> ! {
    direct::run()
}

/// Core 0, when it comes back from having been off.
#[unsafe(no_mangle)]
extern "C" fn attacker_hand() -> ! {
    shared::returned()
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    console::line(format_args!("attacker: {info}"));
    loop {
        core::hint::spin_loop();
    }
}
