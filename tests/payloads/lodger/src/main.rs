//! A rich partition on a hart that it shares. It leaves marks in the registers and an external interrupt pending while the
//! critical partition runs; its second hart floods the first with interrupts and fences. Then it resets, over and over.
#![no_std]
#![no_main]

#[cfg(not(feature = "stock"))]
mod doorbell;
#[path = "../../registers.rs"]
mod registers;
#[path = "../../uart.rs"]
mod uart;

use core::arch::naked_asm;
use core::fmt::Write;
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::stats::Page;
use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::{monitor, sbi};
use uart::Uart;

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::partition::LINUX as SELF;

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

const IPI: u64 = 0x0073_5049;
const RFENCE: u64 = 0x5246_4e43;
const HSM: u64 = 0x0048_534d;

/// Its first hart, in the gateway.
const HART: u64 = 0;
/// Starts after which it stays.
const STARTS: u64 = 20;
/// Looks at its registers in each start.
const LOOKS: u32 = 10_000;
/// In the floating-point registers.
const MARK: u64 = 0x10d6_10d6_10d6_10d6;

/// Priority of the UART's source, enables of S-mode's context on hart 0.
const PRIORITY: *mut u32 = 0x0c00_0028 as *mut u32;
const ENABLES: *mut u32 = 0x0c00_2080 as *mut u32;

/// Calls that the second hart made.
static CALLS: AtomicU64 = AtomicU64::new(0);
#[unsafe(no_mangle)]
static mut LODGER_STACK: [u64; 512] = [0; 512];

fn run(_argument: u64) -> ! {
    let starts =
        monitor::stats(SELF, HART, Page::Time).map_or(0, |[_, _, _, _, starts, ..]| starts);
    let began_clean = registers::hold(0);
    #[cfg(feature = "stock")]
    let began_clean = began_clean && registers::hold_guest(0) && stock::timer_fires();
    #[cfg(not(feature = "stock"))]
    if starts == 1 {
        let verdict = if doorbell::stays() { "kept" } else { "LOST" };
        let _never = writeln!(Uart, "lodger: doorbell {verdict}");
    }
    registers::fill(MARK);
    #[cfg(feature = "stock")]
    stock::fill();
    leave_an_interrupt_pending();
    let entry = flood as *const () as u64;
    let (error, _) = sbi(HSM, 0, [1, entry, 0, 0, 0, 0]);
    let mut kept = began_clean;
    let mut looks = 0;
    while looks < LOOKS || CALLS.load(Ordering::Relaxed) < 100 {
        kept &= registers::hold(MARK);
        #[cfg(feature = "stock")]
        {
            kept &= registers::hold_guest(MARK) && registers::timer() == MARK;
        }
        looks += 1;
        if looks > LOOKS {
            // An emulator goes on to the other hart.
            let _sent = sbi(IPI, 0, [1, 1, 0, 0, 0, 0]);
        }
    }
    let verdict = if kept { "kept" } else { "LOST" };
    let flooded = CALLS.load(Ordering::Relaxed) >= 100 && error == 0;
    let _never = writeln!(
        Uart,
        "lodger: start {starts} registers {verdict} flooded {flooded}"
    );
    if starts < STARTS {
        let _refused = sbi(0x5352_5354, 0, [1, 0, 0, 0, 0, 0]);
    }
    let _never = writeln!(Uart, "lodger: stays");
    loop {
        core::hint::spin_loop();
    }
}

/// What a processor with H and Sstc has besides.
#[cfg(feature = "stock")]
mod stock {
    use super::{MARK, registers};
    use cofferdam_partition::time::now;
    use core::arch::asm;

    /// Of sip.
    const TIMER: u64 = 1 << 5;

    /// Sets the timer without a call, and waits for it.
    pub fn timer_fires() -> bool {
        set_timer(now() + 1000);
        let began = is_pending();
        while !is_pending() {}
        !began
    }

    /// Its marks, the timer's among them: that time never comes.
    pub fn fill() {
        registers::fill_guest(MARK);
        set_timer(MARK);
    }

    fn set_timer(at: u64) {
        // SAFETY: its interrupt is off in sie.
        unsafe { asm!("csrw 0x14d, {}", in(reg) at, options(nostack)) };
    }

    fn is_pending() -> bool {
        let pending: u64;
        // SAFETY: reads it. Not `nomem`: it changes by itself.
        unsafe { asm!("csrr {}, sip", out(reg) pending, options(nostack)) };
        pending & TIMER != 0
    }
}

/// The UART's "transmitter empty", which nobody takes.
fn leave_an_interrupt_pending() {
    // SAFETY: registers of this partition's devices; interrupts are off in sie.
    unsafe { uart::REGISTERS.wrapping_add(1).write_volatile(2) };
    // SAFETY: as above.
    unsafe { PRIORITY.write_volatile(1) };
    // SAFETY: as above.
    unsafe { ENABLES.write_volatile(1 << 10) };
}

/// The second hart: interrupts and fences for the first, for ever.
///
/// # Safety
/// For the monitor alone.
#[unsafe(naked)]
unsafe extern "C" fn flood() -> ! {
    naked_asm!(
        "la sp, LODGER_STACK + 4096",
        "tail {go_on}",
        go_on = sym go_on_flooding,
    )
}

extern "C" fn go_on_flooding() -> ! {
    loop {
        let (sent, _) = sbi(IPI, 0, [1, HART, 0, 0, 0, 0]);
        let (fenced, _) = sbi(RFENCE, 0, [1, HART, 0, 0, 0, 0]);
        if sent == 0 && fenced == 0 {
            CALLS.fetch_add(1, Ordering::Relaxed);
        }
    }
}
