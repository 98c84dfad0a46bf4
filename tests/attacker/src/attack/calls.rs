//! Calls to the monitor: every number, hostile arguments, floods.

use crate::call::{self, psci};
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::{shared, time};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Addresses that a partition must not be able to start at: the monitor's flash and RAM, the critical
/// partition, devices, outside of everything, wrapping, unaligned.
const HOSTILE: [u64; 14] = [
    0,
    4,
    0x10_0000,
    0x0e00_0000,
    0x0e10_0000,
    0x0eff_fffc,
    0x0904_0000,
    0x3fff_fffc,
    0x8000_0000,
    0x4000_0002,
    0x7fff_fffe,
    u64::MAX,
    u64::MAX - 3,
    1 << 63,
];

/// Whether core 0 came back from every call.
static ALL_MADE: AtomicU64 = AtomicU64::new(0);

/// Whether a call does not come back when it is served.
pub fn ends_the_caller(id: u64) -> bool {
    let id = id & 0xffff_ffff;
    [
        psci::CPU_SUSPEND,
        psci::CPU_OFF,
        psci::SYSTEM_OFF,
        psci::SYSTEM_RESET,
        psci::SYSTEM_RESET2,
    ]
    .iter()
    .any(|ender| id & !0x4000_0000 == ender & !0x4000_0000)
}

/// Core 0 is off and is to be started at every hostile address.
pub fn start_elsewhere(_: &mut Journal) -> Outcome {
    if !time::wait_until(50, || call::is_off(0)) {
        return succeeded("core 0 cannot be turned off, so that nothing is shown", 0);
    }
    let mut outcome = Ok(());
    for entry in HOSTILE {
        if call::cpu_on(0, entry, 0) == 0 {
            outcome = succeeded("a core was started at a foreign address", entry);
            break;
        }
        // CPU_SUSPEND into a power-down, which does not return if it is accepted.
        call::status(psci::CPU_SUSPEND, [0x1_0000, entry, 0, 0]);
    }
    for core in [2, 3, 0x100, 0xff_00ff_ffff, u64::MAX, 1 << 31, 0x8000_0001] {
        if call::cpu_on(core, shared::entry(), 0) == 0 {
            outcome = succeeded("a core was started that is not the partition's", core);
        }
    }
    if outcome.is_ok() && !shared::revive() {
        return succeeded("core 0 cannot be started again", 0);
    }
    outcome
}

/// Core 0: all function numbers of the ranges that the monitor has, with hostile arguments. What
/// counts is that each comes back.
pub fn every_number() {
    let ranges = [
        0x8000_0000,
        0xc000_0000,
        0x8400_0000,
        0xc400_0000,
        0x8700_0000,
        0xc700_0000,
        0xb200_0000,
        0xf200_0000,
    ];
    ALL_MADE.store(0, SeqCst);
    for id in ranges
        .iter()
        .flat_map(|base| (0..0x100).map(move |n| base + n))
    {
        for argument in HOSTILE {
            if !ends_the_caller(id) {
                call::call(id, [argument, argument, argument, argument]);
                call::call(id, [0, argument, u64::MAX, 0]);
                call::call(id, [1, 0, argument, 0]);
                call::call(id, [1, argument, 0, 0]);
            }
        }
    }
    ALL_MADE.store(1, SeqCst);
    shared::rest();
}

/// Core 1 meanwhile.
pub fn all_made(_: &mut Journal) -> Outcome {
    if time::wait_until(1_000, || ALL_MADE.load(SeqCst) != 0) {
        Ok(())
    } else {
        succeeded("core 0 does not come back from a call", 0)
    }
}

/// A million calls from a generator of random numbers (xorshift64*, Vigna), always the same ones.
pub fn random(_: &mut Journal) -> Outcome {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    };
    for _ in 0..1_000_000 {
        let shape = next();
        // Most of them near a number that exists, each argument small half of the time.
        let id = match shape & 3 {
            0 => next(),
            1 => 0xc700_0000 | next() & 0xf,
            2 => 0x8400_0000 | next() & 0x4000_001f,
            _ => 0x8000_0000 | next() & 0x4000_ffff,
        };
        let arguments = [4, 8, 16, 32].map(|bit| {
            let mask = if shape & bit == 0 { u64::MAX } else { 3 };
            next() & mask
        });
        let starts_core_0 = id & 0xbfff_ffff == 0x8400_0003;
        if !ends_the_caller(id) && !starts_core_0 {
            call::call(id, arguments);
        }
    }
    Ok(())
}

/// Core 0: calls of the kinds that take locks and scan tables, as fast as it can.
pub fn flood() {
    while shared::wanted() {
        some_calls();
    }
}

/// Core 1 meanwhile: the same.
pub fn flood_for_a_while(_: &mut Journal) -> Outcome {
    let end = time::now() + time::milliseconds(50);
    while time::now() < end {
        some_calls();
    }
    Ok(())
}

fn some_calls() {
    call::call(0xc700_0003, [0, 0, 0, 0]);
    call::call(0xc700_0003, [0, 0, 1, 0]);
    call::call(psci::AFFINITY_INFO, [1, 0, 0, 0]);
    call::call(psci::CPU_ON, [1, shared::entry(), 0, 0]);
    call::call(0x8400_0000, [0; 4]);
    call::call(u64::MAX, [u64::MAX; 4]);
    call::call(0xf200_0000, [u64::MAX; 4]);
}
