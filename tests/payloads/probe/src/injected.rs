//! Where the firmware has the feature `inject-faults`: asks the monitor for what its own rules forbid it. A stack's overflow is the
//! monitor's end.

use cofferdam_abi::call::SBI_EXTENSION;
use cofferdam_abi::stats::Page;
use cofferdam_partition::{monitor, sbi};

use crate::generated::partition::PULSE as SELF;
use crate::{Tally, Text};

const FUNCTION: u64 = 0xff00;
/// What its rules deny, by the call's numbers.
const ACCESSES: [&str; 4] = [
    "store of the monitor to its text",
    "load of the monitor from the guard of its handlers",
    "store of the monitor to the guard of its threads",
    "execution of the monitor's variables",
];
const HANDLERS: u64 = 4;
const THREADS: u64 = 5;

/// Answers at once on any other firmware.
pub(crate) fn attack(tally: &mut Tally<Text>) {
    let [_, _, _, _, starts, ..] = monitor::stats(SELF, 0, Page::Time).unwrap_or_default();
    if ask(HANDLERS + 2).is_none() {
        return;
    }
    if starts > 1 {
        tally.enter("overflow of a thread", false);
        return;
    }
    for (number, what) in (0..).zip(ACCESSES) {
        tally.enter(what, ask(number) == Some(0));
    }
    if cfg!(not(feature = "thread")) {
        tally.enter("overflow of a handler", ask(HANDLERS) == Some(0));
    }
    let _asked = ask(THREADS);
    monitor::reset()
}

fn ask(what: u64) -> Option<u64> {
    let (error, done) = sbi(SBI_EXTENSION, FUNCTION, [what, 0, 0, 0, 0, 0]);
    (error == 0).then_some(done)
}
