//! A rich partition that flips single bits of what the health monitor looks at, by a call that only a test's monitor
//! has, and waits for the record which says that each was found.
//!
//! `r` on its console: all faults that can be repaired in time, one after the other. A letter of [`OTHERS`]: that one.
#![no_std]
#![no_main]

mod call;
#[path = "../../console.rs"]
mod console;
mod input;

use core::arch::global_asm;
use core::ops::Range;

use call::Record;
use cofferdam_core::health::{Fault, Kind};
use cofferdam_core::record::What;

global_asm!(include_str!("start.S"));

/// As in the systems that it runs in.
const PERIOD_MILLISECONDS: u64 = 150;

/// Of a thousand jobs of the critical partition, one a millisecond: after its look at its image, and more than a period before the next.
const REST: Range<u64> = 100..800;

/// Says what to flip where one fault has several bits: see `Event::inject`.
type Bit = u64;

/// What is repaired, the bit of it, and the record that is to come.
const REPAIRED: [(&str, Fault, Option<Bit>, What); 18] = [
    ("SCTLR_EL3", Kind::Register.fault(), None, What::Repaired),
    ("TCR_EL3", Kind::Register.number(1), None, What::Repaired),
    ("MAIR_EL3", Kind::Register.number(2), None, What::Repaired),
    ("TTBR0_EL3", Kind::Register.number(3), None, What::Repaired),
    ("MDCR_EL3", Kind::Register.number(4), None, What::Repaired),
    ("CNTFRQ_EL0", Kind::Register.number(5), None, What::Repaired),
    (
        "ICC_CTLR_EL3",
        Kind::Register.number(7),
        None,
        What::Repaired,
    ),
    (
        "SCR_EL3, critical",
        Kind::Context.fault(),
        None,
        What::Repaired,
    ),
    (
        "CPTR_EL3, rich",
        Kind::Context.number(1),
        None,
        What::Repaired,
    ),
    (
        "private priority",
        Kind::Private.fault(),
        None,
        What::Repaired,
    ),
    (
        "shared group",
        Kind::Shared.number(1),
        Some(0x105),
        What::Repaired,
    ),
    (
        "shared modifier",
        Kind::Shared.number(1),
        Some(0x205),
        What::Repaired,
    ),
    (
        "shared priority",
        Kind::Shared.number(1),
        Some(0x305),
        What::Repaired,
    ),
    (
        "shared access",
        Kind::Shared.number(1),
        Some(0x405),
        What::Repaired,
    ),
    ("route", Kind::Routing.number(1), None, What::Repaired),
    ("image", Kind::Image.fault(), None, What::Faulty),
    (
        "SCTLR_EL3, again",
        Kind::Register.fault(),
        None,
        What::Repaired,
    ),
    ("image, again", Kind::Image.fault(), None, What::Faulty),
];

/// What is not among those, by the letter that asks for it: deadlines are missed for it, or it cannot be repaired.
const OTHERS: [(u8, Fault); 6] = [
    (b'g', Kind::Distributor.fault()),
    (b'c', Kind::Constants.fault()),
    (b'd', Kind::Digests.fault()),
    (b'k', Kind::Canary.number(1)),
    (b't', Kind::Timer.fault()),
    (b's', Kind::Silent.fault()),
];

/// ICC_IGRPEN0_EL1: a core without it hears no call.
const DEAF: u64 = Kind::Register.number(8).code();

#[unsafe(no_mangle)]
extern "C" fn injector_first() -> ! {
    console::line(format_args!("injector: ready"));
    loop {
        let byte = input::byte();
        if byte == b'r' {
            repaired();
        }
        for (_, fault) in OTHERS.iter().filter(|(letter, _)| *letter == byte) {
            let bit = if fault.kind == Kind::Silent {
                DEAF
            } else {
                fault.code()
            };
            // Whether the call is there at all: else nothing would end, and the test would pass for the wrong reason.
            let known = call::inject(bit) == 0;
            console::line(format_args!("injector: {fault:?}, injected: {known}"));
        }
    }
}

fn repaired() {
    let mut missed = 0;
    for (name, fault, bit, what) in REPAIRED {
        if fault.kind == Kind::Image {
            wait_for_rest();
        }
        let next = Record::next_number();
        let at = call::counter();
        let known = call::inject(bit.unwrap_or(fault.code())) == 0;
        match wait_for(next, at, what, fault) {
            Some(found) => {
                let microseconds = (found - at) * 1_000_000 / call::counter_hz();
                console::line(format_args!("fault {name}: found after {microseconds} us"));
            }
            None => {
                missed += 1;
                console::line(format_args!(
                    "fault {name}: NOT FOUND in a period (injected: {known})"
                ));
            }
        }
    }
    console::line(format_args!(
        "injector: {} faults, {missed} missed",
        REPAIRED.len()
    ));
}

/// Waits until the critical partition has looked at its image itself, which it does after every thousandth job, and will not again while a
/// fault is in it: it would find that too, and say so for good.
fn wait_for_rest() {
    while !REST.contains(&(call::jobs() % 1000)) {
        call::give_way();
    }
}

/// When the fault was recorded, if that was within a period.
fn wait_for(first: u64, at: u64, what: What, fault: Fault) -> Option<u64> {
    let period = call::counter_hz() * PERIOD_MILLISECONDS / 1000;
    let mut number = first;
    loop {
        // Before the look: this core may be away for longer than the rest of the period, when a partition is loaded anew.
        let over = call::counter() > at + period;
        let Some(record) = Record::get(number) else {
            if over {
                return None;
            }
            call::give_way();
            continue;
        };
        number += 1;
        if record.what == what as u64 && record.data == fault.code() {
            return (record.time <= at + period).then_some(record.time);
        }
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    console::line(format_args!("injector: PANICKED, {info}"));
    loop {
        call::give_way();
    }
}
