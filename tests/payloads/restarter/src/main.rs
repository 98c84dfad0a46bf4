//! A rich partition that says once that it is there and resets itself (PSCI SYSTEM_RESET), over and over. Each start
//! takes the next of the states in which its two cores can be when the monitor recalls them.
#![no_std]
#![no_main]

#[path = "../../console.rs"]
mod console;
mod power;

use core::arch::global_asm;
use core::sync::atomic::{AtomicU64, Ordering};

use power::System;

global_asm!(include_str!("start.S"));

unsafe extern "C" {
    /// Starts so far. Behind the image, so that a restart does not write it; RAM is zero at power-on.
    static __count: AtomicU64;
}

/// How far core 1 is. Not zero at first: it is part of the image, so each start begins with a fresh one.
static SECOND: AtomicU64 = AtomicU64::new(OFF);
const OFF: u64 = 1;
const RUNS: u64 = 2;

/// What the cores do when the reset comes.
#[derive(Clone, Copy)]
enum Case {
    /// Core 1 was never started.
    Alone,
    /// Core 1 was started a moment ago, and may not have run yet.
    Starting,
    /// Core 1 runs with interrupts masked.
    Running,
    /// Core 1 has turned itself off, or does just now.
    TurningOff,
    /// Core 1 resets, while core 0 runs with interrupts masked.
    BySecond,
    /// Core 1 resets, while core 0 waits for an interrupt.
    BySecondFirstWaits,
}

impl Case {
    fn of(start: u64) -> Self {
        match start % 6 {
            0 => Self::Alone,
            1 => Self::Starting,
            2 => Self::Running,
            3 => Self::TurningOff,
            4 => Self::BySecond,
            _ => Self::BySecondFirstWaits,
        }
    }
}

fn count() -> &'static AtomicU64 {
    // SAFETY: the linker script reserves eight aligned bytes for it.
    unsafe { &__count }
}

/// Core 0.
#[unsafe(no_mangle)]
extern "C" fn restarter_first() -> ! {
    // Only core 0 writes it, so load and store do for an addition: with the MMU off there is no exclusive access.
    let start = count().load(Ordering::Relaxed) + 1;
    count().store(start, Ordering::Relaxed);
    let case = Case::of(start);
    if SECOND.load(Ordering::Relaxed) != OFF {
        console::line(format_args!("restarter: WRONG, the image was not put back"));
        power::off()
    }
    console::line(format_args!("restarter: start {start}"));
    if !matches!(case, Case::Alone) && !power::start_second() {
        console::line(format_args!("restarter: WRONG, core 1 was not off"));
        power::off()
    }
    match case {
        Case::Alone | Case::Starting => power::reset(),
        Case::Running | Case::TurningOff => {
            while SECOND.load(Ordering::Relaxed) != RUNS {
                power::give_way();
            }
            power::reset()
        }
        Case::BySecond => loop {
            power::give_way();
        },
        Case::BySecondFirstWaits => loop {
            power::wait();
        },
    }
}

/// Core 1.
#[unsafe(no_mangle)]
extern "C" fn restarter_second() -> ! {
    SECOND.store(RUNS, Ordering::Relaxed);
    match Case::of(count().load(Ordering::Relaxed)) {
        Case::TurningOff => power::call_off(),
        Case::BySecond | Case::BySecondFirstWaits => power::reset(),
        Case::Alone | Case::Starting | Case::Running => loop {
            power::give_way();
        },
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    console::line(format_args!("restarter: WRONG, {info}"));
    power::call(System::Off, [0; 3]);
    loop {
        power::give_way();
    }
}
