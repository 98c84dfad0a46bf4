//! Services, well and badly called. An attack is one protection away from a call that is served: those that `as_it_may` makes.

use cofferdam_abi::call::{Error, SBI_EXTENSION, check};
use cofferdam_partition::{call_service, sbi};

use crate::memory::OWN;
use crate::{Tally, Text};

mod client {
    //! The services of `system.yaml` that the pulse may call.

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// Identifiers, as `services.lock` has them.
const ODOMETER_READ: u32 = 0xc200_0000;
const ODOMETER_ADVANCE: u32 = 0xc200_0001;
const VEHICLE_NUMBER: u32 = 0xc200_0002;
const TRIP_LABEL: u32 = 0xc200_0003;
const WARNING_SPEED: u32 = 0xc200_0004;
/// The convention's bit, and the range's.
const WIDE: u32 = 1 << 30;
const OEM: u32 = 1 << 24;

/// The monitor's variables: only read here.
const MONITOR: u64 = 0x8000_0000;
const LINUX: u64 = OWN.end;

/// Calls at once that the limit lets through.
const BURST: usize = 4;

#[repr(align(8))]
struct Buffer([u8; 24]);

pub(crate) fn attack(tally: &mut Tally<Text>) {
    tally.enter("services are not served", as_it_may().is_ok());
    callers_and_numbers(tally);
    let invalid = Error::InvalidParameter;
    for (what, metres) in [
        ("argument below its range", 0),
        ("argument above its range", 1_001),
        ("argument above 32 bits", 1 << 32 | 14),
    ] {
        refused(tally, what, invalid, ODOMETER_ADVANCE, [metres, 0]);
    }
    let buffer = [0_u64; 4];
    let own = buffer.as_ptr().expose_provenance() as u64;
    for (what, start, len) in [
        ("empty region", own, 0),
        ("region that is too long", own, 33),
        ("region without alignment", own + 4, 8),
        ("region of the monitor", MONITOR, 32),
        ("region of Linux", LINUX, 32),
        ("region that wraps", u64::MAX - 15, 32),
        ("region that wraps to its own", u64::MAX - 15, own + 48),
        ("region over the start of its memory", OWN.start - 16, 32),
        ("region over the end of its memory", OWN.end - 16, 32),
    ] {
        refused(tally, what, invalid, TRIP_LABEL, [start, len]);
    }
    for (what, start) in [
        ("written region of Linux", LINUX),
        ("written region over the end of its memory", OWN.end - 16),
    ] {
        refused(tally, what, invalid, VEHICLE_NUMBER, [start, 0]);
    }
    let served = (0..=2 * BURST).take_while(|_| call(TRIP_LABEL, [own, 8]).is_ok());
    let held =
        (1..=BURST).contains(&served.count()) && call(TRIP_LABEL, [own, 8]) == Err(Error::Busy);
    tally.enter("flood of calls", held);
}

/// By the generated functions.
fn as_it_may() -> Result<(), Error> {
    let before = client::odometer_read()?;
    let mut number = Buffer([0xff; 24]);
    client::vehicle_number(&mut number.0)?;
    let named = number.0.starts_with(b"WCF0000") && number.0.ends_with(&[0; 7]);
    let told = client::trip_label(&number.0)? == 24;
    let driven = client::odometer_advance(1_000)? == before + 1_000;
    let [uid, ..] = call_service(0x8200_ff01, [0; 6]);
    let [major, minor, ..] = call_service(0x8200_ff03, [0; 6]);
    let known = uid == u64::from(cofferdam_abi::service::UID[0]) && (major, minor) == (1, 0);
    if named && told && driven && known {
        Ok(())
    } else {
        Err(Error::NotSupported)
    }
}

fn callers_and_numbers(tally: &mut Tally<Text>) {
    let unknown = Error::NotSupported;
    refused(
        tally,
        "call of another's service",
        Error::Denied,
        WARNING_SPEED,
        [100, 0],
    );
    refused(
        tally,
        "call by 32 bits",
        unknown,
        ODOMETER_READ & !WIDE,
        [0; 2],
    );
    refused(
        tally,
        "service of the other range",
        unknown,
        ODOMETER_READ | OEM,
        [0; 2],
    );
    refused(tally, "number of no service", unknown, 0xc200_00ff, [0; 2]);
    refused(tally, "number of no range", unknown, 0xc400_0000, [0; 2]);
    refused(
        tally,
        "number beyond the table",
        unknown,
        0xc200_ffff,
        [0; 2],
    );
    // With another extension's number it is none of the services.
    let (error, _) = sbi(
        SBI_EXTENSION + 1,
        u64::MAX << 32 | u64::from(ODOMETER_READ),
        [0; 6],
    );
    tally.enter("service of another extension", error == -2);
}

/// One call that must be refused, and for this reason.
fn refused(tally: &mut Tally<Text>, what: &'static str, why: Error, id: u32, arguments: [u64; 2]) {
    tally.enter(what, call(id, arguments) == Err(why));
}

fn call(id: u32, [first, second]: [u64; 2]) -> Result<(), Error> {
    let [status, ..] = call_service(id, [first, second, 0, 0, 0, 0]);
    check(status)
}
