//! The controller from U-mode: whatever the kernel's tables give a user, and nothing else, though the monitor has the right to all of it.

use core::arch::{asm, naked_asm};
use core::sync::atomic::Ordering::Relaxed;

use crate::Uart;
use crate::controller::{FOREIGN, OWN, PLIC};
use crate::tables::{
    CHANGED, DATA, MONITOR, READ_ONLY, USER, WINDOW, entry, forget, map, of_user, translated,
};
use crate::tally::Tally;

/// sstatus: where a trap came from is S-mode.
const SPP: u64 = 1 << 8;
const CALL: u64 = 8;

/// How a user's program ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By its call, with this in a0.
    Done(u64),
    AccessFault,
    PageFault,
    /// As it should not, or as if it were the kernel.
    Otherwise,
}

/// # Safety
/// For U-mode alone.
#[unsafe(naked)]
unsafe extern "C" fn load() -> ! {
    naked_asm!("lw a0, 0(a0)", "ecall")
}

/// # Safety
/// For U-mode alone.
#[unsafe(naked)]
unsafe extern "C" fn store() -> ! {
    naked_asm!("sw a1, 0(a0)", "ecall")
}

type Program = unsafe extern "C" fn() -> !;

/// Runs one of them in U-mode, for the priority of a source by the page that the window shows.
fn run(program: Program, source: u64) -> End {
    forget();
    let address = WINDOW + 4 * source;
    let (value, cause, status): (u64, u64, u64);
    // SAFETY: the program uses a0 and a1 only, and any trap of it comes to label 2; interrupts are off in sie.
    unsafe {
        asm!(
            "la {cause}, 2f",
            "csrrw {before}, stvec, {cause}",
            "csrw sepc, {program}",
            "csrc sstatus, {status}",
            "sret",
            ".balign 4",
            "2: csrw stvec, {before}",
            "csrr {cause}, scause",
            "csrr {status}, sstatus",
            program = in(reg) of_user(program as *const () as u64),
            before = out(reg) _,
            cause = out(reg) cause,
            status = inout(reg) SPP => status,
            inout("a0") address => value,
            in("a1") 7,
        );
    }
    match cause {
        _ if status & SPP != 0 => End::Otherwise,
        CALL => End::Done(value),
        5 | 7 => End::AccessFault,
        13 | 15 => End::PageFault,
        _ => End::Otherwise,
    }
}

fn through(leaf: u64, program: Program, source: u64) -> End {
    map(leaf);
    run(program, source)
}

pub(crate) fn attack(tally: &mut Tally<Uart>) {
    let controller = entry(PLIC, DATA | USER);
    let seen = translated(|| {
        [
            through(controller, load, OWN),
            through(controller, load, FOREIGN),
            through(entry(PLIC, DATA), load, OWN),
            through(entry(PLIC, DATA), store, OWN),
            through(entry(PLIC, READ_ONLY | USER), load, OWN),
            through(entry(PLIC, READ_ONLY | USER), store, OWN),
            through(entry(MONITOR, DATA | USER), load, OWN),
            through(entry(MONITOR, DATA | USER), store, OWN),
        ]
    });
    let expected = [
        ("user's page does not work for a user", End::Done(1)),
        ("another's by a user", End::Done(0)),
        ("kernel's page by a user", End::PageFault),
        ("kernel's page, written by a user", End::PageFault),
        ("user's read-only page is not read", End::Done(1)),
        ("user's read-only page, written", End::PageFault),
        ("monitor's page by a user", End::AccessFault),
        ("monitor's page, written by a user", End::AccessFault),
    ];
    for ((what, expected), seen) in expected.into_iter().zip(seen) {
        tally.enter(what, seen == expected);
    }
}

/// The second hart, while the first changes whose page it is: for the processor, a user's of the monitor's, so that the access comes to the monitor;
/// then, for that, one of the controller that is the kernel's or not to be written. It is never done.
pub(crate) fn race(tally: &mut Tally<Uart>) {
    let of_monitor = entry(MONITOR, DATA | USER);
    let leaves = [
        of_monitor,
        entry(PLIC, DATA),
        of_monitor,
        entry(PLIC, READ_ONLY),
    ];
    for (place, leaf) in CHANGED.iter().zip(leaves) {
        place.store(leaf, Relaxed);
    }
    let programs: [Program; 2] = [load, store];
    let (mut done, mut found) = (false, [false; 2]);
    translated(|| {
        for program in programs.into_iter().cycle().take(5_000) {
            let seen = run(program, OWN);
            done |= matches!(seen, End::Done(_) | End::Otherwise);
            for (found, kind) in found.iter_mut().zip([End::AccessFault, End::PageFault]) {
                *found |= seen == kind;
            }
        }
    });
    tally.enter("kernel's page of a user meanwhile", !done);
    tally.enter("user's page did not change", found == [true; 2]);
}
