//! Calls that must be refused. Each is one protection away from a call that is served, which `as_it_may` made.

use crate::{CLIMATE_LEFT, console, give_way, services, signing};
use cofferdam_abi::call::{Error, check};

/// Identifiers, as `services.lock` has them.
const ODOMETER_READ: u32 = 0xc200_0000;
const ODOMETER_ADVANCE: u32 = 0xc200_0001;
const VEHICLE_NUMBER: u32 = 0xc200_0002;
const TRIP_LABEL: u32 = 0xc200_0003;
pub const WARNING_SPEED: u32 = 0x8200_0004;
const CLIMATE: u32 = 0xc300_0000;
/// What its number was in the other range.
const CLIMATE_BEFORE: u32 = 0xc200_0007;
/// SiP's range and OEM's differ by this bit.
const OEM: u32 = 1 << 24;
/// The convention's bit.
pub const WIDE: u32 = 1 << 30;

/// The monitor's variables.
pub const MONITOR: u64 = 0x0e00_0000;
/// The end of the critical partition's memory, where it keeps nothing.
pub const CRITICAL: u64 = 0x0e5f_f000;
/// The first byte of this partition's memory.
const START: u64 = 0x4000_0000;
/// The first byte behind it: that of the channel, which it may use and a service may not.
pub const END: u64 = 0x8000_0000;

/// One call that must be refused, and for this reason.
pub fn attack<const N: usize>(name: &str, wanted: Error, id: u32, arguments: [u64; N]) {
    judge(name, wanted, || call(id, &arguments));
}

/// Says whether what must be refused was.
pub fn judge(name: &str, wanted: Error, attempt: impl FnOnce() -> Result<(), Error>) {
    let verdict = match attempt() {
        Ok(()) => "SUCCEEDED",
        Err(error) if error == wanted => "held",
        Err(_) => "WRONG, refused for another reason",
    };
    console::line(format_args!("caller: {name}: {verdict}"));
}

/// A call of whatever it is.
pub fn call(id: u32, arguments: &[u64]) -> Result<(), Error> {
    let mut all = [0; 17];
    for (register, argument) in all.iter_mut().zip(arguments) {
        *register = *argument;
    }
    let [status, ..] = smccc::smc64(id, all);
    check(status)
}

/// All of them; the last ones would end a monitor without its protection.
pub fn all() {
    let buffer = [0_u64; 4];
    let own = buffer.as_ptr().expose_provenance() as u64;
    attack("wrong-caller", Error::Denied, ODOMETER_ADVANCE, [1, 0]);
    attack(
        "wrong-convention",
        Error::NotSupported,
        ODOMETER_READ & !WIDE,
        [0, 0],
    );
    attack(
        "wrong-convention-too",
        Error::NotSupported,
        WARNING_SPEED | WIDE,
        [100, 0],
    );
    attack(
        "wrong-range",
        Error::NotSupported,
        VEHICLE_NUMBER | OEM,
        [own, 0],
    );
    attack(
        "former-range",
        Error::NotSupported,
        CLIMATE_BEFORE,
        [0, 1, 10],
    );
    for (name, kmh) in [("below-range", 9), ("above-range", 251)] {
        attack(name, Error::InvalidParameter, WARNING_SPEED, [kmh, 0]);
    }
    climate();
    let invalid = Error::InvalidParameter;
    for (name, start, len) in [
        ("region-empty", own, 0),
        ("region-too-long", own, 33),
        ("region-unaligned", own + 4, 8),
        ("region-of-monitor", MONITOR, 32),
        ("region-of-critical", CRITICAL, 32),
        ("region-wraps", u64::MAX - 15, 32),
        ("region-wraps-to-own", u64::MAX - 15, own + 48),
    ] {
        attack(name, invalid, TRIP_LABEL, [start, len]);
    }
    attack("write-to-critical", invalid, VEHICLE_NUMBER, [CRITICAL, 0]);
    signing::attacks();
    flood(own);
    attack("write-straddles", invalid, VEHICLE_NUMBER, [END - 16, 0]);
    for (name, start) in [
        ("read-straddles", END - 16),
        ("read-straddles-start", START - 16),
        ("region-of-channel", END),
    ] {
        attack(name, invalid, TRIP_LABEL, [start, 32]);
    }
    console::line(format_args!("caller: attacks done"));
}

/// Arguments of each type, one of them out of its range; then one more call as it may be, which tells what the last one set.
fn climate() {
    let below = (-201_i64).cast_unsigned();
    for (name, tenths, recirculate, minutes) in [
        ("i64-below-range", below, 1, 10),
        ("i64-above-range", 301, 1, 10),
        ("i64-least", 1 << 63, 1, 10),
        (
            "i64-as-unsigned",
            u64::from((-1_i32).cast_unsigned()),
            1,
            10,
        ),
        ("bool-two", 0, 2, 10),
        ("bool-above-32-bits", 0, 1 << 32, 10),
        ("bool-all-ones", 0, u64::MAX, 10),
        ("u32-below-range", 0, 1, 0),
        ("u32-above-range", 0, 1, 601),
        ("u32-above-32-bits", 0, 1, 1 << 32 | 10),
    ] {
        let arguments = [tenths, recirculate, minutes];
        attack(name, Error::InvalidParameter, CLIMATE, arguments);
    }
    let changed = services::climate(0, true, 10) != Ok(CLIMATE_LEFT);
    let verdict = if changed { "SUCCEEDED" } else { "held" };
    console::line(format_args!("caller: climate-by-refused-calls: {verdict}"));
}

/// More calls at once than the bucket has.
fn flood(own: u64) {
    for _ in 0..4 {
        smccc::smc64(TRIP_LABEL, arguments(own));
    }
    attack("flood", Error::Busy, TRIP_LABEL, [own, 8]);
    // It is a limit, not an end.
    while call(TRIP_LABEL, &[own, 8]) == Err(Error::Busy) {
        give_way();
    }
    console::line(format_args!("caller: served again after the flood"));
}

const fn arguments(own: u64) -> [u64; 17] {
    let mut all = [0; 17];
    all[0] = own;
    all[1] = 8;
    all
}
