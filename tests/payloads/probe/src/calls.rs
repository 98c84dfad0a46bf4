//! SBI calls with hostile arguments: each has one error, by the specification (SBI 2.0).

use cofferdam_partition::sbi;

use crate::{Tally, Text};

const BASE: u64 = 0x10;
const TIME: u64 = 0x5449_4d45;
const IPI: u64 = 0x0073_5049;
const RFENCE: u64 = 0x5246_4e43;
const HSM: u64 = 0x0048_534d;
const SRST: u64 = 0x5352_5354;
const DBCN: u64 = 0x4442_434e;

const NOT_SUPPORTED: i64 = -2;
const INVALID_PARAM: i64 = -3;
const INVALID_ADDRESS: i64 = -5;
const ALREADY_AVAILABLE: i64 = -6;

/// Of the monitor, and of Linux.
const MONITOR: u64 = 0x8000_0000;
const LINUX: u64 = 0x8020_0000;
/// The only hart that is this partition's.
const OWN: u64 = 0;
const ALL: u64 = u64::MAX;

/// What it is, extension and function, arguments that are not 0.
type Attempt = (&'static str, (u64, u64), &'static [u64]);

/// By the error that each must have.
const ATTEMPTS: [(i64, &[Attempt]); 4] = [
    (
        NOT_SUPPORTED,
        &[
            ("legacy console", (1, 0), &[0x41]),
            ("unknown extension", (ALL, 0), &[]),
            ("unknown function of Base", (BASE, 7), &[]),
            ("unknown function of TIME", (TIME, 1), &[]),
            ("fence of a hypervisor", (RFENCE, 3), &[1, OWN]),
        ],
    ),
    (
        INVALID_PARAM,
        &[
            ("interrupt of a foreign hart", (IPI, 0), &[0b10]),
            (
                "interrupt of its own and a foreign hart",
                (IPI, 0),
                &[0b111],
            ),
            ("interrupt of a hart that is not there", (IPI, 0), &[1, 3]),
            (
                "interrupt of harts beyond the last number",
                (IPI, 0),
                &[0b11, ALL - 1],
            ),
            ("text of the monitor", (DBCN, 0), &[64, MONITOR]),
            ("text of Linux", (DBCN, 0), &[64, LINUX]),
            ("text that wraps", (DBCN, 0), &[ALL, OWN_RAM]),
            ("text above 64 bits", (DBCN, 0), &[1, OWN_RAM, 1]),
            ("input over the monitor", (DBCN, 1), &[64, MONITOR]),
            ("instruction fence of a foreign hart", (RFENCE, 0), &[0b10]),
            (
                "translation fence of a foreign hart",
                (RFENCE, 1),
                &[0b10, 0, 0, ALL],
            ),
            ("start of a foreign hart", (HSM, 0), &[1, LINUX]),
            ("start of a hart that is not there", (HSM, 0), &[9, LINUX]),
            ("state of a foreign hart", (HSM, 2), &[1]),
            ("sleep of a reserved kind", (HSM, 3), &[1]),
            ("sleep of a platform's kind", (HSM, 3), &[0x1000_0000]),
            ("reset of a reserved kind", (SRST, 0), &[3]),
            ("reset for a reserved reason", (SRST, 0), &[0, 2]),
        ],
    ),
    (
        INVALID_ADDRESS,
        &[
            (
                "translation fence beyond the last address",
                (RFENCE, 1),
                &[1, OWN, ALL, 2],
            ),
            ("start in the monitor", (HSM, 0), &[OWN, MONITOR]),
            ("start in Linux", (HSM, 0), &[OWN, LINUX]),
            ("start at an odd address", (HSM, 0), &[OWN, OWN_RAM + 1]),
            (
                "sleep that ends in the monitor",
                (HSM, 3),
                &[0x8000_0000, MONITOR],
            ),
        ],
    ),
    (
        ALREADY_AVAILABLE,
        &[("start of the hart that runs", (HSM, 0), &[OWN, OWN_RAM])],
    ),
];

/// Where this partition's memory starts: where it is linked to.
const OWN_RAM: u64 = crate::memory::OWN.start;

pub(crate) fn attack(tally: &mut Tally<Text>) {
    for (expected, attempts) in ATTEMPTS {
        for (what, (extension, function), given) in attempts {
            let mut arguments = [0; 6];
            for (argument, given) in arguments.iter_mut().zip(*given) {
                *argument = *given;
            }
            let (error, _) = sbi(*extension, *function, arguments);
            tally.enter(what, error == expected);
        }
    }
}
