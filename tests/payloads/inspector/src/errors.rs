//! Arguments that cannot be: each call has one error for them, and nothing is done.

use crate::Checks;
use crate::calls::{
    ALL, BASE, DBCN, FIRST, FOREIGN, Function, HSM, IPI, RFENCE, SECOND, SOFTWARE, SRST, TIME,
    call, pending,
};

const NOT_SUPPORTED: i64 = -2;
const INVALID_PARAM: i64 = -3;
const INVALID_ADDRESS: i64 = -5;
const ALREADY_AVAILABLE: i64 = -6;

/// This partition's memory, in the gateway, and what is around it.
const RAM: u64 = 0x8020_0000;
const END: u64 = RAM + (512 << 20);
const MONITOR: u64 = 0x8000_0000;
/// Its device, where no instruction can be.
const UART: u64 = 0x1000_0000;

/// All of the partition's harts and one more.
const TOO_MANY: u64 = 0b111;
/// hart_suspend with and without registers.
const NON_RETENTIVE: u64 = 0x8000_0000;

const START: Function = (HSM, 0);
const STATUS: Function = (HSM, 2);
const SUSPEND: Function = (HSM, 3);
const RESET: Function = (SRST, 0);
const WRITE: Function = (DBCN, 0);
const READ: Function = (DBCN, 1);
const FENCE_I: Function = (RFENCE, 0);
const SFENCE: Function = (RFENCE, 1);
const SFENCE_ASID: Function = (RFENCE, 2);
const SEND: Function = (IPI, 0);

/// What it is, the call, arguments that are not 0.
type Case = (&'static str, Function, &'static [u64]);

const FUNCTIONS_BEYOND: &[Case] = &[
    ("function beyond Base", (BASE, 7), &[]),
    ("function beyond TIME", (TIME, 1), &[]),
    ("function beyond IPI", (IPI, 1), &[1, FIRST]),
    ("HFENCE.GVMA by VMID", (RFENCE, 3), &[1, FIRST]),
    ("HFENCE.GVMA", (RFENCE, 4), &[1, FIRST]),
    ("HFENCE.VVMA by ASID", (RFENCE, 5), &[1, FIRST]),
    ("HFENCE.VVMA", (RFENCE, 6), &[1, FIRST]),
    ("function beyond RFENCE", (RFENCE, 7), &[1, FIRST]),
    ("function beyond HSM", (HSM, 4), &[]),
    ("function beyond SRST", (SRST, 1), &[]),
    ("function beyond DBCN", (DBCN, 3), &[]),
    ("last function", (DBCN, ALL), &[]),
    ("last extension", (ALL, 0), &[]),
    ("extension above 32 bits", (1 << 32 | BASE, 0), &[]),
];

const HARTS: &[Case] = &[
    ("interrupt of a foreign hart", SEND, &[1 << FOREIGN]),
    ("interrupt of too many", SEND, &[TOO_MANY]),
    ("interrupt beyond the last hart", SEND, &[1, 3]),
    ("interrupt beyond all numbers", SEND, &[0b11, ALL - 1]),
    ("fence.i of a foreign hart", FENCE_I, &[1, FOREIGN]),
    ("fence.i of too many", FENCE_I, &[TOO_MANY]),
    ("sfence of a foreign hart", SFENCE, &[1, FOREIGN, 0, ALL]),
    ("sfence of too many", SFENCE, &[TOO_MANY, 0, 0, ALL]),
    (
        "sfence by ASID of too many",
        SFENCE_ASID,
        &[TOO_MANY, 0, 0, ALL],
    ),
    ("start of a foreign hart", START, &[FOREIGN, RAM]),
    ("start of no hart", START, &[3, RAM]),
    ("start of the last number", START, &[ALL, RAM]),
    ("state of a foreign hart", STATUS, &[FOREIGN]),
    ("state of no hart", STATUS, &[ALL]),
];

/// An interrupt is pending and enabled meanwhile: a sleep that is not refused ends at once.
const RESERVED: &[Case] = &[
    ("sleep 1", SUSPEND, &[1]),
    ("last reserved retentive sleep", SUSPEND, &[0x0fff_ffff]),
    (
        "first retentive sleep of a platform",
        SUSPEND,
        &[0x1000_0000],
    ),
    (
        "last retentive sleep of a platform",
        SUSPEND,
        &[0x7fff_ffff],
    ),
    ("first reserved sleep", SUSPEND, &[0x8000_0001, RAM]),
    ("last reserved sleep", SUSPEND, &[0x8fff_ffff, RAM]),
    ("first sleep of a platform", SUSPEND, &[0x9000_0000, RAM]),
    ("last sleep", SUSPEND, &[0xffff_ffff, RAM]),
    ("reset 3", RESET, &[3]),
    ("last reserved reset", RESET, &[0xefff_ffff]),
    ("reset of a platform", RESET, &[0xf000_0000]),
    ("last reset", RESET, &[0xffff_ffff]),
    ("reset for reason 2", RESET, &[1, 2]),
    (
        "reset for the last reserved reason",
        RESET,
        &[1, 0xdfff_ffff],
    ),
    ("reset for a reason of ours", RESET, &[1, 0xe000_0000]),
    ("reset for a reason of a platform", RESET, &[1, 0xf000_0000]),
];

const TEXTS: &[Case] = &[
    ("text before its memory", WRITE, &[1, RAM - 1]),
    ("text behind its memory", WRITE, &[1, END]),
    ("text over its end", WRITE, &[2, END - 1]),
    ("text of a device", WRITE, &[1, UART]),
    ("text of all addresses", WRITE, &[ALL, 0]),
    ("text that wraps", WRITE, &[ALL, RAM]),
    ("text above 64 bits", WRITE, &[1, RAM, 1]),
    ("input before its memory", READ, &[1, RAM - 1]),
    ("input over its end", READ, &[2, END - 1]),
    ("input above 64 bits", READ, &[1, RAM, 1]),
];

const ADDRESSES: &[Case] = &[
    ("start at 0", START, &[SECOND, 0]),
    ("start before its memory", START, &[SECOND, RAM - 2]),
    ("start behind its memory", START, &[SECOND, END]),
    ("start in the monitor", START, &[SECOND, MONITOR]),
    ("start in a device", START, &[SECOND, UART]),
    ("start at an odd address", START, &[SECOND, RAM + 1]),
    ("start at the last address", START, &[SECOND, ALL]),
    (
        "sleep that ends in the monitor",
        SUSPEND,
        &[NON_RETENTIVE, MONITOR],
    ),
    (
        "sleep that ends in a device",
        SUSPEND,
        &[NON_RETENTIVE, UART],
    ),
    (
        "sleep that ends at an odd address",
        SUSPEND,
        &[NON_RETENTIVE, RAM + 1],
    ),
    (
        "sfence beyond the last address",
        SFENCE,
        &[1, FIRST, ALL, 2],
    ),
    (
        "sfence by ASID beyond it",
        SFENCE_ASID,
        &[1, FIRST, ALL - 1, 3],
    ),
];

const RUNNING: &[Case] = &[("start of the hart that runs", START, &[FIRST, RAM])];

const ALL_OF_THEM: [(i64, &[Case]); 6] = [
    (NOT_SUPPORTED, FUNCTIONS_BEYOND),
    (INVALID_PARAM, HARTS),
    (INVALID_PARAM, RESERVED),
    (INVALID_PARAM, TEXTS),
    (INVALID_ADDRESS, ADDRESSES),
    (ALREADY_AVAILABLE, RUNNING),
];

pub(crate) fn check(checks: &mut Checks) {
    for (error, cases) in ALL_OF_THEM {
        // Not meanwhile where it would be seen whether one was sent.
        crate::timer::come_now();
        for (what, function, arguments) in cases {
            checks.expect(what, call(*function, arguments).0 == error);
        }
        crate::timer::go();
    }
    checks.expect(
        "refused calls do nothing",
        pending() & SOFTWARE == 0 && call(STATUS, &[SECOND]) == (0, 1),
    );
}
