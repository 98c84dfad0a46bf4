//! Monitor calls by SMC.

use core::arch::asm;

use cofferdam_abi::call::Call;
use smccc::{Call as _, Smc};

/// The handler of cross calls. It does not keep the procedure call standard: see
/// [`register_handler`](crate::monitor::register_handler).
pub type CrossCallHandler = unsafe extern "C" fn() -> !;

/// Makes a call with x1..x3 and answers x0..x7.
pub fn call(function: u32, [x1, x2, x3]: [u64; 3]) -> [u64; 8] {
    let mut arguments = [0; 17];
    let [first, second, third, ..] = &mut arguments;
    (*first, *second, *third) = (x1, x2, x3);
    let [x0, x1, x2, x3, x4, x5, x6, x7, ..] = call_with_all(function, arguments);
    [x0, x1, x2, x3, x4, x5, x6, x7]
}

/// Makes a call with x1..x17 and answers x0..x17.
pub fn call_with_all(function: u32, arguments: [u64; 17]) -> [u64; 18] {
    Smc::call64(function, arguments)
}

/// Reports a crash. Uses no stack: a stack overflow may be what is reported.
pub fn crash(cause: u64, address: u64, fault_address: u64) -> ! {
    // SAFETY: the call does not return; if a monitor refused it, the loop leaves the core to others
    // and runs nothing of this partition any more.
    unsafe {
        asm!(
            "msr daifset, #0xf",
            "smc #0",
            "0: wfi",
            "b 0b",
            in("x0") u64::from(Call::Crash.function_id()),
            in("x1") cause,
            in("x2") address,
            in("x3") fault_address,
            options(noreturn, nostack),
        )
    }
}
