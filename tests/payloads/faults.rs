//! Accesses that may fault: each says whether it did, and what it found if not.

use core::arch::{asm, naked_asm};

/// Runs what makes such accesses, with a vector that survives them.
pub fn survive<T>(attacks: impl FnOnce() -> T) -> T {
    let before: u64;
    let vector = skip as *const () as u64;
    // SAFETY: only the accesses below trap meanwhile, for interrupts are off in sie or sstatus.
    unsafe { asm!("csrrw {}, stvec, {}", out(reg) before, in(reg) vector) };
    let result = attacks();
    // SAFETY: what was there.
    unsafe { asm!("csrw stvec, {}", in(reg) before) };
    result
}

/// Behind an access that faulted: says so in t0, and goes on with the next instruction, four bytes on, or, where an
/// instruction could not be fetched, at ra.
///
/// # Safety
/// For the hardware alone.
#[unsafe(naked)]
unsafe extern "C" fn skip() -> ! {
    naked_asm!(
        ".balign 4",
        "csrr t0, scause",
        // Instruction access and page faults.
        "addi t1, t0, -1",
        "beqz t1, 2f",
        "addi t1, t0, -12",
        "beqz t1, 2f",
        "csrr t0, sepc",
        "addi t0, t0, 4",
        "j 3f",
        "2: mv t0, ra",
        "3: csrw sepc, t0",
        "li t0, 1",
        "sret",
    )
}

/// An access by one instruction of four bytes, of which `$value` is the operand.
macro_rules! access {
    ($instruction:literal, $address:expr, $value:expr) => {{
        let (fault, value): (u64, u64);
        // SAFETY: of what is not this program's, or is made for this; a fault goes to `skip`.
        unsafe {
            asm!(
                ".option push", ".option norvc",
                "li t0, 0",
                concat!($instruction, " {value}, 0({address})"),
                ".option pop",
                value = inlateout(reg) $value => value,
                address = in(reg) $address,
                out("t0") fault, out("t1") _,
            );
        }
        (fault == 0).then_some(value)
    }};
}

/// Loads a word; its upper half is its sign.
pub fn load_word(address: u64) -> Option<u64> {
    access!("lw", address, 0_u64)
}

/// Loads a doubleword.
pub fn load(address: u64) -> Option<u64> {
    access!("ld", address, 0_u64)
}

/// Loads a byte.
pub fn load_byte(address: u64) -> Option<u64> {
    access!("lbu", address, 0_u64)
}

/// Loads a half.
pub fn load_half(address: u64) -> Option<u64> {
    access!("lhu", address, 0_u64)
}

/// Whether what is there returns, and can be fetched.
pub fn is_executed(address: u64) -> bool {
    let fault: u64;
    // SAFETY: what is there is a return, if anything; a fault goes to `skip`, and returns.
    unsafe {
        asm!(
            "fence.i", "li t0, 0", "jalr {address}",
            address = in(reg) address,
            out("t0") fault, out("t1") _, out("ra") _,
        );
    }
    fault == 0
}

/// Stores a half.
pub fn store_half(address: u64, value: u64) -> bool {
    access!("sh", address, value).is_some()
}

/// Stores a word; answers whether that was possible.
pub fn store_word(address: u64, value: u64) -> bool {
    access!("sw", address, value).is_some()
}

/// Loads a word and reserves it.
pub fn reserve(address: u64) -> Option<u64> {
    access!("lr.w", address, 0_u64)
}

/// Exchanges a word in one step.
pub fn swap(address: u64) -> Option<u64> {
    access!("amoswap.w {value},", address, 0_u64)
}

/// Stores a doubleword.
pub fn store(address: u64, value: u64) -> bool {
    access!("sd", address, value).is_some()
}

/// Stores a byte.
pub fn store_byte(address: u64, value: u64) -> bool {
    access!("sb", address, value).is_some()
}
