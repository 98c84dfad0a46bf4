//! Calls to the monitor by ECALL (SBI, chapter 3).

use core::arch::asm;

use cofferdam_abi::call::SBI_EXTENSION;

/// System reset, by number; the only call of the extension.
const SRST: u64 = 0x5352_5354;
const SHUT_DOWN: u64 = 0;
/// Reason of a reset: the caller failed.
const FAILURE: u64 = 1;

/// The handler of cross calls, which there are none of on riscv64.
pub type CrossCallHandler = unsafe extern "C" fn() -> !;

/// Makes a call with a0 to a5, and answers a0 and a1: an error or 0, and a value.
pub fn sbi(extension: u64, function: u64, arguments: [u64; 6]) -> (i64, u64) {
    let [a0, a1, a2, a3, a4, a5] = arguments;
    let (error, value);
    // SAFETY: the monitor changes a0 and a1, and of memory only what the partition has no reference to.
    unsafe {
        asm!(
            "ecall",
            inlateout("a0") a0 => error,
            inlateout("a1") a1 => value,
            in("a2") a2,
            in("a3") a3,
            in("a4") a4,
            in("a5") a5,
            in("a6") function,
            in("a7") extension,
            options(nostack),
        );
    }
    (error, value)
}

/// A call of the monitor's own, by its function identifier; answers a status and a1 to a7.
pub fn call(function: u32, [a0, a1, a2]: [u64; 3]) -> [u64; 8] {
    // The number within the extension.
    call_with_all(u64::from(function & 0xffff), [a0, a1, a2, 0, 0, 0])
}

/// A call of a service, by its function identifier, with a0 to a5; answers a status and a1 to a7. For what `sossl` generates.
pub fn call_service(function: u32, arguments: [u64; 6]) -> [u64; 8] {
    // A function's number has 32 bits, and their sign (SBI, chapter 3).
    let function = i64::from(function.cast_signed()).cast_unsigned();
    call_with_all(function, arguments)
}

fn call_with_all(function: u64, [a0, a1, a2, a3, a4, a5]: [u64; 6]) -> [u64; 8] {
    let mut answer = [0; 8];
    let [s0, s1, s2, s3, s4, s5, s6, s7] = &mut answer;
    // SAFETY: the monitor changes a0 to a7, and of memory only what the caller lends it.
    unsafe {
        asm!(
            "ecall",
            inlateout("a0") a0 => *s0,
            inlateout("a1") a1 => *s1,
            inlateout("a2") a2 => *s2,
            inlateout("a3") a3 => *s3,
            inlateout("a4") a4 => *s4,
            inlateout("a5") a5 => *s5,
            inlateout("a6") function => *s6,
            inlateout("a7") SBI_EXTENSION => *s7,
            options(nostack),
        );
    }
    answer
}

/// Reports a crash. Uses no stack: a stack overflow may be what is reported.
pub fn crash(cause: u64, address: u64, fault_address: u64) -> ! {
    // SAFETY: the call does not return; if a monitor refused it, the loop runs nothing of this partition any more.
    unsafe {
        asm!(
            "csrci sstatus, 2",
            "ecall",
            "2: wfi",
            "j 2b",
            in("a0") SHUT_DOWN,
            in("a1") FAILURE,
            // For who looks at the registers: SBI has no place for them.
            in("a2") cause,
            in("a3") address,
            in("a4") fault_address,
            in("a6") 0,
            in("a7") SRST,
            options(noreturn, nostack),
        )
    }
}
