//! Resets of each kind, with the second hart on its way, running, asleep or stopping, and interrupts left behind; some by that one, while
//! the first starts it.

use core::fmt::Write;

use cofferdam_partition::time::now;

use crate::Uart;
use crate::calls::{FIRST, SRST, call, comes, pending, send, set_timer};
use crate::second::{self, Role, STOPPED};

/// Starts after which it powers off.
const STARTS: u64 = 1_000;

/// In one start of so many the second hart resets, and the first one starts it so many ticks later: the monitor is at it then.
const ONE_IN: u64 = 7;
const SOONEST: u64 = 40;
const RANGE: u64 = 64;
const FAILED: i64 = -1;

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
    if start.is_multiple_of(ONE_IN) {
        start_as_it_ends(start);
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

/// The second hart resets, and this one starts it in the middle of that, each time a bit later: an emulator goes on with the second hart
/// when a timer is set, and with this one when it is due. If the answer says that it ends, there is time to say so before this hart is stopped.
fn start_as_it_ends(start: u64) {
    let began = second::start(Role::Reset) && comes(|| second::beginnings() > 0);
    second::tell_to_stop();
    let due = now() + SOONEST + start / ONE_IN % RANGE;
    let _set = set_timer(due);
    while now() < due {}
    if began && second::ask_to_start(second::opaque(Role::Return, 0)) == FAILED {
        say(format_args!("FAILED as it ends, start {start}"));
    }
    let _never = comes(|| false);
}

/// The second hart.
pub(crate) fn reset_when_told() {
    while !second::is_to_stop() {}
    let _never = call((SRST, 0), &[1]);
}

fn modulo(number: u64, of: u64) -> usize {
    usize::try_from(number % of).unwrap_or_default()
}

fn say(line: core::fmt::Arguments<'_>) {
    // This writer does not fail.
    let _written = writeln!(Uart, "inspector: {line}");
}
