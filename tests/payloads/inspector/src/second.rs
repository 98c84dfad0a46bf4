//! The second hart: how it begins, what for, and how it ends.

use core::arch::naked_asm;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use crate::calls::{HSM, SECOND, call, comes};
use crate::{fences, harts, interrupts, races, restarts};

/// What it does. The upper bits of what it is started with are a number of that start.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Role {
    /// Stops at once.
    Return,
    /// Runs until it is to stop.
    Linger,
    /// Answers interrupts.
    Answer,
    /// Looks by its page tables.
    Look,
    /// Sleeps, and loses its registers.
    Sleep,
    /// Comes out of that.
    Wake,
    /// Sleeps, over and over, as an interrupt comes.
    Doze,
    /// Comes out of one of those.
    Rouse,
    /// Sends interrupts and fences, over and over.
    Call,
    /// Resets, once it is to stop.
    Reset,
}

const ROLES: [Role; 10] = [
    Role::Return,
    Role::Linger,
    Role::Answer,
    Role::Look,
    Role::Sleep,
    Role::Wake,
    Role::Doze,
    Role::Rouse,
    Role::Call,
    Role::Reset,
];

pub(crate) const STARTED: (i64, u64) = (0, 0);
pub(crate) const STOPPED: (i64, u64) = (0, 1);
pub(crate) const SUSPENDED: (i64, u64) = (0, 4);

/// How it began last: a0, a1, satp, sstatus, sip.
static BEGAN: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];
static BEGINNINGS: AtomicU64 = AtomicU64::new(0);
static IS_TO_STOP: AtomicBool = AtomicBool::new(false);

#[unsafe(no_mangle)]
static mut INSPECTOR_STACK: [u64; 512] = [0; 512];

/// What it is started with.
pub(crate) const fn opaque(role: Role, number: u64) -> u64 {
    number << 8 | role as u64
}

pub(crate) fn entry() -> u64 {
    begin as *const () as u64
}

/// Its answer to hart_start.
pub(crate) fn ask_to_start(opaque: u64) -> i64 {
    call((HSM, 0), &[SECOND, entry(), opaque]).0
}

pub(crate) fn start(role: Role) -> bool {
    IS_TO_STOP.store(false, SeqCst);
    ask_to_start(opaque(role, 0)) == 0
}

pub(crate) fn state() -> (i64, u64) {
    call((HSM, 2), &[SECOND])
}

/// How often it began.
pub(crate) fn beginnings() -> u64 {
    BEGINNINGS.load(SeqCst)
}

pub(crate) fn began() -> [u64; 5] {
    BEGAN.each_ref().map(|register| register.load(SeqCst))
}

pub(crate) fn is_to_stop() -> bool {
    IS_TO_STOP.load(SeqCst)
}

pub(crate) fn tell_to_stop() {
    IS_TO_STOP.store(true, SeqCst);
}

/// Has it stop; answers whether it does.
pub(crate) fn stops() -> bool {
    tell_to_stop();
    comes(|| state() == STOPPED)
}

/// # Safety
/// For the monitor alone.
#[unsafe(naked)]
unsafe extern "C" fn begin() -> ! {
    naked_asm!(
        // A fault would be one for ever, in no instruction, by which an emulator counts.
        "la t0, 2f",
        "csrw stvec, t0",
        "csrr a2, satp",
        "csrr a3, sstatus",
        "csrr a4, sip",
        "la sp, INSPECTOR_STACK + 4096",
        "tail {go_on}",
        ".balign 4",
        "2: wfi",
        "j 2b",
        go_on = sym go_on,
    )
}

extern "C" fn go_on(hart: u64, opaque: u64, satp: u64, sstatus: u64, sip: u64) -> ! {
    for (place, register) in BEGAN.iter().zip([hart, opaque, satp, sstatus, sip]) {
        place.store(register, SeqCst);
    }
    BEGINNINGS.fetch_add(1, SeqCst);
    let role = usize::try_from(opaque & 0xff).unwrap_or_default();
    match ROLES.get(role) {
        Some(Role::Linger) => {
            while !is_to_stop() {
                core::hint::spin_loop();
            }
        }
        Some(Role::Answer) => interrupts::answer(),
        Some(Role::Look) => fences::look(),
        Some(Role::Sleep) => harts::sleep(),
        Some(Role::Wake) => harts::wake(),
        Some(Role::Doze | Role::Rouse) => races::doze(),
        Some(Role::Call) => races::call_the_first(),
        Some(Role::Reset) => restarts::reset_when_told(),
        Some(Role::Return) | None => {}
    }
    loop {
        let _never = call((HSM, 1), &[]);
    }
}
