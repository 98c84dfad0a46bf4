//! All attacks.

use crate::journal::Journal;
use crate::monitor::Outcome;
use crate::shared;

pub mod calls;
pub mod counters;
pub mod cross;
pub mod debug;
pub mod dma;
pub mod floating_point;
pub mod hog;
pub mod injection;
pub mod interrupts;
pub mod memory;
pub mod registers;
pub mod restart;
pub mod standby;
pub mod timers;
pub mod watchdog;

/// An attack.
pub struct Attack {
    /// Its name, by which it is ordered.
    pub name: &'static str,
    /// Whether it can be tried on every system: `all` are these.
    pub everywhere: bool,
    /// What core 0 does, until [`shared::wanted`] says no.
    pub hand: fn(),
    /// What core 1 does. The critical partition's jobs are judged after it.
    pub run: fn(&mut Journal) -> Outcome,
}

const fn alone(name: &'static str, run: fn(&mut Journal) -> Outcome) -> Attack {
    both(name, shared::rest, run)
}

const fn both(name: &'static str, hand: fn(), run: fn(&mut Journal) -> Outcome) -> Attack {
    Attack {
        name,
        everywhere: true,
        hand,
        run,
    }
}

const fn by_name(name: &'static str, hand: fn(), run: fn(&mut Journal) -> Outcome) -> Attack {
    Attack {
        everywhere: false,
        ..both(name, hand, run)
    }
}

/// In the order in which they run.
pub const ATTACKS: &[Attack] = &[
    alone("memory-read", memory::read),
    alone("memory-write", memory::write),
    alone("memory-execute", memory::execute),
    alone("gic-disable", interrupts::disable),
    alone("gic-regroup", interrupts::regroup),
    alone("gic-pend", interrupts::pend),
    alone("gic-activate", interrupts::activate),
    alone("gic-reroute", interrupts::reroute),
    both("gic-own-bank", interrupts::own_bank, interrupts::wait),
    alone("gic-turn-off", interrupts::turn_off),
    alone("gic-interface", interrupts::interface),
    both("gic-mask", interrupts::mask, interrupts::wait),
    both(
        "gic-hold-pending",
        interrupts::hold_pending,
        interrupts::wait,
    ),
    both("gic-hold-active", interrupts::hold_active, interrupts::wait),
    alone("gic-send-always", interrupts::send_always),
    alone("gic-send-secure", interrupts::send_secure),
    alone("gic-lpi", interrupts::lpi),
    both("timer-storm", timers::storm, interrupts::wait),
    both("timer-assert", timers::assert_for_ever, interrupts::wait),
    both("timer-monitor", timers::monitor_storm, interrupts::wait),
    alone("timer-secure", timers::secure),
    both("call-numbers", calls::every_number, calls::all_made),
    alone("call-random", calls::random),
    both("call-flood", calls::flood, calls::flood_for_a_while),
    both(
        "call-start-elsewhere",
        shared::off_hand,
        calls::start_elsewhere,
    ),
    alone("call-undefined", injection::at_the_end),
    both("call-paths", cross::try_all, cross::agree),
    both("call-orphan", cross::be_orphaned, cross::leave_orphan),
    by_name("call-busy", cross::until_busy, cross::busy_in_between),
    both("call-watchdog", watchdog::ask, watchdog::answers),
    both("call-standby", standby::sleep, standby::wakes),
    both("registers-leak", registers::hold, registers::changed),
    both(
        "fp-leak",
        floating_point::fill_and_look,
        floating_point::was_foreign,
    ),
    by_name(
        "fp-foreign",
        floating_point::use_foreign,
        floating_point::was_refused,
    ),
    both("debug-watch", debug::watch, interrupts::wait),
    both("pmu-count", counters::count, counters::counted),
    both("hog-spin", hog::spin, interrupts::wait),
    both("hog-sleep", hog::sleep, hog::let_sleep),
    both("hog-standby", hog::stand_by, hog::let_sleep),
    both("hog-off", shared::off_hand, hog::switched_off),
    both("hog-race", shared::off_hand, hog::race),
    alone("dma-secure", dma::into_secure),
    both("restart-hold", restart::hold, restart::leave_behind),
    alone("restart-flood", restart::again_and_again),
    alone("restart-dma", restart::old_dma),
];
