//! The rich partition of the benchmarks on riscv64; without the monitor, under the firmware that the machine comes with.
//!
//! It does what a partition can do by itself, and then walks through the monitor's other paths, the longest among them: text
//! to the console as much as a call takes, fences, refused calls, a restart.
#![no_std]
#![no_main]

#[path = "../../measured.rs"]
mod measured;

use cofferdam_abi::stats::Page;
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::{monitor, sbi};

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

unsafe extern "C" {
    fn spin(turns: u64);
}

const BASE: u64 = 0x10;
const IMPLEMENTATION: u64 = 1;
const PROBE: u64 = 3;
const RFENCE: u64 = 0x5246_4e43;
const HSM: u64 = 0x0048_534d;
const SRST: u64 = 0x5352_5354;
const DBCN: u64 = 0x4442_434e;
const COLD_REBOOT: u64 = 1;

/// "FDM": this monitor.
const COFFERDAM: u64 = 0x46_444d;
/// This partition and its hart, in `benches/systems/hart.yaml`.
const SELF: u64 = 1;
const HART: u64 = 0;
/// Turns of a loop, in which the critical partition comes many times.
const A_WHILE: u64 = 200_000;
/// More than the console takes at once.
const LINE: usize = 512;

const UART: *mut u8 = 0x1000_0000 as *mut u8;

fn run(_argument: u64) -> ! {
    let (_, implementation) = sbi(BASE, IMPLEMENTATION, [0; 6]);
    let bare = implementation != COFFERDAM;
    // Under the monitor they are this partition's own, and cost it nothing.
    measured::all(bare);
    if bare {
        end("bench: measured without the monitor\r\n");
    }
    let starts = monitor::stats(SELF, HART, Page::Time).map_or(0, |page| page[4]);
    walk();
    // SAFETY: counts.
    unsafe { spin(A_WHILE) };
    if starts > 1 {
        end("bench: stopped\r\n");
    }
    let _refused = sbi(SRST, 0, [COLD_REBOOT, 0, 0, 0, 0, 0]);
    end("bench: refused to restart\r\n")
}

/// Through all calls that come back, well and badly used.
fn walk() {
    let line = [b'.'; LINE];
    let at = line.as_ptr().expose_provenance() as u64;
    let calls = [
        (BASE, PROBE, [HSM, 0]),
        (BASE, 99, [0; 2]),
        (RFENCE, 0, [1, HART]),
        (RFENCE, 1, [u64::MAX, u64::MAX]),
        (HSM, 0, [HART, 0]),
        (HSM, 0, [99, 0]),
        (HSM, 2, [HART, 0]),
        (DBCN, 0, [LINE as u64, at]),
        (DBCN, 0, [LINE as u64, 0]),
        (DBCN, 2, [0; 2]),
        (SRST, 0, [99, 0]),
        (99, 0, [0; 2]),
    ];
    for (extension, function, [a0, a1]) in calls {
        let _answer = sbi(extension, function, [a0, a1, 0, 0, 0, 0]);
    }
}

fn say(text: &str) {
    for byte in text.bytes() {
        // SAFETY: this partition's UART, of an emulator that is always ready.
        unsafe { UART.write_volatile(byte) };
    }
}

fn end(text: &str) -> ! {
    say(text);
    loop {
        core::hint::spin_loop();
    }
}
