//! A rich partition on two cores that take turns in turning themselves off and being turned on again, under a critical one that
//! moves between the same cores. In between they load the cores, with floating point, and call the critical one.
#![no_std]
#![no_main]

#[path = "../../console.rs"]
mod console;

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::call::Error;

global_asm!(include_str!("start.S"));

unsafe extern "C" {
    fn herder_core_start();
}

/// PSCI (Arm DEN0022).
const CORE_OFF: u64 = 0x8400_0002;
const CORE_ON: u64 = 0xc400_0003;
const AFFINITY_INFO: u64 = 0xc400_0004;
const OFF: i64 = 1;
/// A call for the critical partition's handler.
const CROSS_CALL: u64 = 0xf200_0000;

/// Turns of work between looks, and power cycles between two reports.
const WORK: u32 = 2_000;
const REPORT: u64 = 10;

/// Whose turn it is to go, plus one: not zero at first, for nothing clears memory here.
static TURN: AtomicU64 = AtomicU64::new(1);
static CYCLES: AtomicU64 = AtomicU64::new(u64::MAX);
/// Calls that were answered by the critical partition, and that found it elsewhere, of each core.
static ANSWERED: [AtomicU64; 2] = [const { AtomicU64::new(u64::MAX) }; 2];
static ELSEWHERE: [AtomicU64; 2] = [const { AtomicU64::new(u64::MAX) }; 2];

/// Each has one writer at a time, and with the MMU off there is no exclusive access.
fn add(counter: &AtomicU64) -> u64 {
    let next = counter.load(Ordering::Relaxed).wrapping_add(1);
    counter.store(next, Ordering::Relaxed);
    next
}

/// A core, as often as it is turned on.
#[unsafe(no_mangle)]
extern "C" fn herder_core(core: u64) -> ! {
    let other = 1 - core;
    loop {
        for _ in 0..8 {
            work(core + 1);
            ask(core);
        }
        if call(AFFINITY_INFO, [other, 0, 0]) == OFF {
            let entry = herder_core_start as *const () as u64;
            call(CORE_ON, [other, entry, other]);
        } else if TURN.load(Ordering::Relaxed) == core + 1 {
            TURN.store(other + 1, Ordering::Relaxed);
            report();
            call(CORE_OFF, [0; 3]);
            console::line(format_args!("herder: WRONG, core {core} did not go"));
        }
    }
}

fn report() {
    let cycles = add(&CYCLES);
    if !cycles.is_multiple_of(REPORT) {
        return;
    }
    let sum = |counters: &[AtomicU64; 2]| {
        let values = counters
            .iter()
            .map(|it| it.load(Ordering::Relaxed).wrapping_add(1));
        values.fold(0, u64::wrapping_add)
    };
    let (answered, elsewhere) = (sum(&ANSWERED), sum(&ELSEWHERE));
    console::line(format_args!(
        "herder: {cycles} power cycles, {answered} calls answered, {elsewhere} elsewhere"
    ));
}

/// Uses the core and its floating-point registers, which stay its own.
fn work(mark: u64) {
    for _ in 0..WORK {
        let found: u64;
        // SAFETY: code for the soft-float target keeps nothing in these registers.
        unsafe {
            asm!(
                ".arch_extension fp",
                "fmov d0, {mark}",
                "yield",
                "fmov {found}, d0",
                mark = in(reg) mark,
                found = out(reg) found,
                options(nomem, nostack),
            );
        }
        if found != mark {
            console::line(format_args!("herder: WRONG, a register has {found:#x}"));
        }
    }
}

/// Calls the critical partition, which answers on the core that it is on and cannot be moved meanwhile.
fn ask(core: u64) {
    let [answered, elsewhere] = [&ANSWERED, &ELSEWHERE].map(|it| it.get(usize::from(core != 0)));
    let counter = match call(CROSS_CALL, [1 - core, 0, 0]) {
        status if status == Error::Busy as i64 => answered,
        status if status == Error::NotSupported as i64 => elsewhere,
        status => {
            console::line(format_args!("herder: WRONG, a call answered {status}"));
            None
        }
    };
    if let Some(counter) = counter {
        add(counter);
    }
}

fn call(function: u64, [x1, x2, x3]: [u64; 3]) -> i64 {
    let status;
    // SAFETY: a call of the SMC Calling Convention, which changes no more than what is named here. What runs on
    // a core that it starts shares atomics with this one, and nothing else.
    unsafe {
        asm!(
            "smc #0",
            inout("x0") function => status,
            inout("x1") x1 => _, inout("x2") x2 => _, inout("x3") x3 => _,
            out("x4") _, out("x5") _, out("x6") _, out("x7") _,
            out("x8") _, out("x9") _, out("x10") _, out("x11") _, out("x12") _, out("x13") _,
            out("x14") _, out("x15") _, out("x16") _, out("x17") _,
            options(nostack)
        );
    }
    status
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    console::line(format_args!("herder: WRONG, {info}"));
    loop {
        core::hint::spin_loop();
    }
}
