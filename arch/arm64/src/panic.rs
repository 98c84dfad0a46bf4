//! The end of the monitor: outputs into the safe state, one record of what happened, and nothing more on any core.

use crate::context::Context;
use crate::gic::Controller as _;
use crate::monitor::Monitor;
use crate::platform::Platform;
use arm_sysregs::el1::accessors as el1;
use arm_sysregs::el3::accessors as el3;
use cofferdam_core::health::{Failure, Fault};
use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, Ordering};

/// A line on the console, piece by piece. Numbers are hexadecimal: `core::fmt` would be a fifth of the
/// monitor's size.
struct Line<P>(PhantomData<fn() -> P>);

impl<P: Platform> Line<P> {
    fn begin(text: &str) -> Self {
        say::<P>(text.as_bytes());
        Self(PhantomData)
    }

    fn text(self, text: &str) -> Self {
        say::<P>(text.as_bytes());
        self
    }

    fn number(self, number: u64) -> Self {
        let mut digits = *b"0x0000000000000000";
        for (n, digit) in digits.iter_mut().skip(2).enumerate() {
            let nibble = (number >> (60 - 4 * n) & 0xf) as u8;
            *digit = if nibble < 10 {
                b'0' + nibble
            } else {
                b'a' + nibble - 10
            };
        }
        // Leading zeros say nothing.
        let zeros = (number.leading_zeros() / 4).min(15) as usize;
        say::<P>(b"0x");
        say::<P>(digits.get(2 + zeros..).unwrap_or_default());
        self
    }

    fn end(self) {
        say::<P>(b"\r\n");
    }
}

fn say<P: Platform>(bytes: &[u8]) {
    if let Some(device) = P::LOG.device {
        P::console(device, bytes);
    }
}

/// A monitor thread took an exception that is not a call.
pub fn thread_fault<P: Platform>(monitor: &Monitor<P>, context: &Context) -> ! {
    report(
        monitor,
        "exception in a monitor thread",
        &context.gpr,
        context.elr,
    )
}

/// EL3 itself took an exception. `registers`: x0 to x30.
pub fn fatal<P: Platform>(monitor: &Monitor<P>, registers: &[u64; 31], vector: u64) -> ! {
    let what = match vector {
        0 => "synchronous exception in the monitor",
        1 => "IRQ in the monitor",
        2 => "FIQ in the monitor",
        _ => "SError in the monitor",
    };
    let elr: u64;
    // SAFETY: reads a register.
    unsafe { core::arch::asm!("mrs {}, elr_el3", out(reg) elr, options(nomem, nostack)) };
    report(monitor, what, registers, elr)
}

fn report<P: Platform>(monitor: &Monitor<P>, what: &str, registers: &[u64; 31], elr: u64) -> ! {
    begin_end(monitor);
    Line::<P>::begin("\r\ncofferdam: PANIC: ").text(what).end();
    let far: u64;
    // SAFETY: reads a register.
    unsafe { core::arch::asm!("mrs {}, far_el3", out(reg) far, options(nomem, nostack)) };
    let esr = el3::read_esr_el3().bits();
    Line::<P>::begin(" ESR ")
        .number(esr)
        .text(" ELR ")
        .number(elr)
        .text(" FAR ")
        .number(far)
        .end();
    for (n, value) in (0..).zip(registers) {
        Line::<P>::begin(" x")
            .number(n)
            .text(" ")
            .number(*value)
            .end();
    }
    last_events(monitor);
    end::<P>()
}

/// The outputs first; then nothing is to run on another core that could write them again.
fn begin_end<P: Platform>(monitor: &Monitor<P>) {
    P::safe_state();
    stop_others(monitor);
}

/// Once more, now that the others have stopped: one of them may have written the outputs until then.
fn end<P: Platform>() -> ! {
    P::safe_state();
    halt()
}

/// A check of the monitor's own failed.
pub fn panicked<P: Platform>(monitor: &Monitor<P>, info: &core::panic::PanicInfo) -> ! {
    begin_end(monitor);
    let message = info.message().as_str().unwrap_or("a check");
    let mut line = Line::<P>::begin("\r\ncofferdam: PANIC: ").text(message);
    if let Some(location) = info.location() {
        line = line
            .text(" at ")
            .text(location.file())
            .text(" line ")
            .number(location.line().into());
    }
    line.end();
    last_events(monitor);
    end::<P>()
}

/// The last 16 records, oldest first: time, what and core, partition, data, as `cofferdam_core::record` has them.
fn last_events<P: Platform>(monitor: &Monitor<P>) {
    let reported = monitor.last_records(|records| {
        let (oldest, next) = records.range();
        for number in next.saturating_sub(16).max(oldest)..next {
            if let Some([time, what, partition, data]) = records.get(number) {
                Line::<P>::begin(" event ")
                    .number(number)
                    .text(" at ")
                    .number(time)
                    .text(" what ")
                    .number(what & 0xff)
                    .text(" core ")
                    .number(what >> 8)
                    .text(" partition ")
                    .number(partition)
                    .text(" data ")
                    .number(data)
                    .end();
            }
        }
    });
    if reported.is_none() {
        Line::<P>::begin(" the records were being written").end();
    }
}

/// A self-test at boot failed.
pub fn self_test_failed<P: Platform>(what: &str) -> ! {
    let line = give_up::<P>(P::CHECKS.on_failure, "self-test failed");
    line.text(": ").text(what).end();
    halt()
}

/// A periodic self-test failed, or the health monitor found what it cannot or is not to repair. The record is the last one.
pub fn unhealthy<P: Platform>(monitor: &Monitor<P>, fault: Fault, failure: Failure) -> ! {
    stop_others(monitor);
    let what = if fault.kind.is_self_test() {
        "self-test failed"
    } else {
        "health fault"
    };
    let line = give_up::<P>(failure, what);
    line.text(" ").number(fault.code()).end();
    last_events(monitor);
    halt()
}

fn give_up<P: Platform>(failure: Failure, what: &str) -> Line<P> {
    let how = match failure {
        Failure::SafeState => {
            P::safe_state();
            "safe state, "
        }
        Failure::Stop => "stopped, ",
    };
    Line::<P>::begin("\r\ncofferdam: ").text(how).text(what)
}

/// The monitor has ended: a core that is called stops.
static ENDED: AtomicBool = AtomicBool::new(false);

/// Affinity fields (Arm ARM, MPIDR_EL1).
const AFFINITY: u64 = 0xff_00ff_ffff;

/// Ends the monitor on all other cores, by calling them; on this one the caller goes on to its end.
pub fn stop_others<P: Platform>(monitor: &Monitor<P>) {
    ENDED.store(true, Ordering::Release);
    let this = el1::read_mpidr_el1().bits();
    for core in monitor.system().cores {
        if this & AFFINITY != core.hardware_id {
            monitor.gic().call(core.hardware_id);
        }
    }
}

/// Stops this core if the monitor has ended.
pub fn stop_if_ended() {
    if ENDED.load(Ordering::Acquire) {
        halt()
    }
}

/// This core does nothing any more.
pub fn halt() -> ! {
    loop {
        // SAFETY: waits; all exceptions are masked.
        unsafe { core::arch::asm!("wfi", options(nomem, nostack)) };
    }
}
