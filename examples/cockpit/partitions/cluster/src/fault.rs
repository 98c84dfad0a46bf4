//! Faults on purpose, by a byte received on the console: tests provoke with them what the system
//! description says of a crash and of a hang, and see that the run-time's protection holds.

use core::arch::asm;

use cofferdam_abi::call::{Call, Error, check};
use cofferdam_partition::{image, interrupts, time};

use crate::task::RATE;

/// Does what the byte asks for, if it is a command. Only what asks amiss, the overrun and the end of no call come back, if all
/// is well.
pub fn obey(byte: u8) {
    match byte {
        b'a' => ask_amiss(),
        b'c' => crash(),
        b'd' => end_no_call(),
        b'h' => hang(),
        #[cfg(all(channel, feature = "intruder"))]
        b'i' => crate::intruder::strike(),
        #[cfg(all(channel, feature = "intruder"))]
        b'l' => crate::intruder::lie(),
        b'o' => overrun(),
        b'n' => read_nothing(),
        #[cfg(all(channel, feature = "intruder"))]
        b'r' => crate::intruder::ring_on(),
        b'p' => panic!("on purpose"),
        b's' => overflow_stack(0),
        b'w' => write_code(),
        b'x' => execute_data(),
        _ => {}
    }
}

/// Calls services as this partition may not: one that is Linux's, its own in the other convention, and with what is out of
/// range: refused, or the partition ends.
fn ask_amiss() {
    // As `services.lock` has them.
    const ODOMETER_READ: u32 = 0xc200_0000;
    const ODOMETER_ADVANCE: u32 = 0xc200_0001;
    const CLIMATE: u32 = 0xc300_0000;
    const WIDE: u32 = 1 << 30;
    for (id, argument, wanted) in [
        (CLIMATE, 0, Error::Denied),
        (ODOMETER_READ & !WIDE, 0, Error::NotSupported),
        (ODOMETER_ADVANCE, 0, Error::InvalidParameter),
        (ODOMETER_ADVANCE, 1_001, Error::InvalidParameter),
        (ODOMETER_ADVANCE, 1 << 32 | 1, Error::InvalidParameter),
    ] {
        let mut arguments = [0; 17];
        arguments[0] = argument;
        let [status, ..] = smccc::smc64(id, arguments);
        assert_eq!(check(status), Err(wanted), "{id:#x} with {argument:#x}");
    }
}

fn crash() {
    // SAFETY: raises the exception of an undefined instruction, which ends the partition.
    unsafe { asm!("udf #0", options(nomem, nostack)) }
}

/// Says that a cross call is done, and there is none: refused, or the partition ends.
fn end_no_call() {
    let status: i64;
    // SAFETY: the monitor keeps all but x0 to x17 (Arm DEN0028, register use).
    unsafe {
        asm!(
            "smc #0",
            inout("x0") u64::from(Call::HandlerDone.function_id()) => status,
            clobber_abi("C"),
            options(nostack),
        );
    }
    assert_eq!(status, Error::NotSupported as i64);
}

fn hang() {
    interrupts::mask();
    loop {
        core::hint::spin_loop();
    }
}

/// Holds the job for two and a half periods: three deadlines are missed.
fn overrun() {
    let end = time::now() + 5 * time::frequency() / (2 * RATE);
    while time::now() < end {
        core::hint::spin_loop();
    }
}

/// Reads address 8, which is not mapped.
fn read_nothing() {
    // SAFETY: faults, which ends the partition; were it mapped, the value goes nowhere.
    unsafe { asm!("ldr {0}, [{0}]", inout(reg) 8_u64 => _, options(nostack, readonly)) }
}

/// Goes down the stack to the guard page below it.
#[expect(unconditional_recursion, reason = "the guard page ends it")]
fn overflow_stack(depth: u64) {
    let frame = core::hint::black_box([depth; 64]);
    overflow_stack(depth.wrapping_add(1));
    core::hint::black_box(frame);
}

/// Writes the first word of the image, which is code and read-only.
fn write_code() {
    let code = image::read_only().as_ptr();
    // SAFETY: faults, which ends the partition; were it writable, start-up code is not run again.
    unsafe { asm!("str wzr, [{}]", in(reg) code, options(nostack)) }
}

/// Jumps to the stack, which is writable and not executable.
fn execute_data() {
    let ret = 0xD65F_03C0_u32;
    // SAFETY: faults, which ends the partition; were it executable, the word there returns.
    unsafe { asm!("blr {}", in(reg) &raw const ret, clobber_abi("C")) }
}
