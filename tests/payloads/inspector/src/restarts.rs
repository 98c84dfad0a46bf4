//! Resets of each kind, with the second hart on its way, running, asleep or stopping, and interrupts left behind.

use core::fmt::Write;

use cofferdam_partition::time::now;

use crate::Uart;
use crate::calls::{FIRST, SRST, call, comes, pending, send, set_timer};
use crate::second::{self, Role, STOPPED};

/// Starts after which it powers off.
const STARTS: u64 = 1_000;

/// How the second hart is left.
const ROLES: [Role; 4] = [Role::Linger, Role::Sleep, Role::Return, Role::Answer];

/// Cold and warm reboots, and a failure, for which this system restarts it, too: type and reason.
const RESETS: [[u64; 2]; 3] = [[1, 0], [2, 0], [0, 1]];

/// Looks what is left of the last start, and makes the next one.
pub(crate) fn go_on(start: u64) -> ! {
    if start > 1 && (second::state() != STOPPED || pending() != 0) {
        say(format_args!("start {start} finds something: WRONG"));
    }
    if start >= STARTS {
        say(format_args!("start {start}"));
        let _never = call((SRST, 0), &[]);
    }
    for role in ROLES.into_iter().cycle().skip(modulo(start, 4)).take(1) {
        let started = second::start(role);
        // In three starts of eight it is not even there.
        let begun = start % 8 < 3 || comes(|| second::beginnings() > 0);
        if !started || !begun {
            say(format_args!("start {start} has no second hart: WRONG"));
        }
    }
    let _sent = send(1, FIRST);
    let _set = set_timer(now() + 100);
    for reset in RESETS.iter().cycle().skip(modulo(start, 3)).take(1) {
        let _never = call((SRST, 0), reset);
    }
    say(format_args!("start {start} does not end: WRONG"));
    loop {
        core::hint::spin_loop();
    }
}

fn modulo(number: u64, of: u64) -> usize {
    usize::try_from(number % of).unwrap_or_default()
}

fn say(line: core::fmt::Arguments<'_>) {
    // This writer does not fail.
    let _written = writeln!(Uart, "inspector: {line}");
}
