//! Core 1: takes orders from the console, runs attacks, says what came of each.

use crate::attack::{ATTACKS, Attack};
use crate::journal::Journal;
use crate::monitor::{Look, Outcome, succeeded};
use crate::{call, console, gic, monitor, probe, shared};

/// Memory of this partition that nothing else uses, for probes.
pub const SCRATCH: u64 = 0x5800_0000;

/// On core 0: starts the director.
pub fn start() -> Result<(), ()> {
    console::open();
    match shared::start_director() {
        0 => Ok(()),
        _ => Err(()),
    }
}

/// The director.
pub fn run() -> ! {
    gic::open();
    if !probe::works(SCRATCH) {
        console::line(format_args!("attacker: the probes do not work"));
    }
    let mut journal = Journal::open();
    loop {
        if journal.left == 0 {
            order(&mut journal);
        }
        while journal.left != 0 {
            one(&mut journal);
        }
        let Journal {
            held, succeeded, ..
        } = journal;
        console::line(format_args!("attacks: {held} held, {succeeded} succeeded"));
    }
}

fn order(journal: &mut Journal) {
    let (level, starts) = (call::level(), monitor::starts());
    console::line(format_args!("attacker: ready at {level}, start {starts}"));
    match monitor::failed_loads() {
        0 => {}
        failed => console::line(format_args!(
            "attacker: {failed} partitions were not loaded"
        )),
    }
    let mut buffer = [0; 256];
    let line = console::read_line(&mut buffer);
    *journal = Journal::NEW;
    for (index, attack) in ATTACKS.iter().enumerate() {
        let mut words = line.split_ascii_whitespace();
        let all = |word| word == "all" && attack.everywhere;
        if words.any(|word| all(word) || attack.name.starts_with(word)) {
            journal.left |= 1 << index;
        }
    }
    journal.save();
}

/// Runs the first attack that is left. One that restarts the partition comes by here again after it.
fn one(journal: &mut Journal) {
    let index = journal.left.trailing_zeros() as usize;
    let Some(attack) = ATTACKS.get(index) else {
        journal.left = 0;
        return;
    };
    if journal.restarts == 0 {
        let Look { jobs, missed, at } = Look::now();
        journal.look = [jobs, missed, at];
        journal.save();
    }
    let outcome = carry_out(index, attack, journal);
    match outcome {
        Ok(()) => {
            journal.held += 1;
            console::line(format_args!("attack {}: held", attack.name));
        }
        Err(success) => {
            let (what, number) = (success.what, success.number);
            journal.succeeded += 1;
            console::line(format_args!(
                "attack {}: SUCCEEDED, {what} ({number:#x})",
                attack.name
            ));
        }
    }
    journal.left &= !(1 << index);
    journal.restarts = 0;
    journal.save();
}

fn carry_out(index: usize, attack: &Attack, journal: &mut Journal) -> Outcome {
    if journal.restarts == 0 {
        shared::begin(index);
    }
    let outcome = (attack.run)(journal);
    let answers = shared::end();
    gic::quiet();
    outcome?;
    journal.before().verdict()?;
    if answers {
        Ok(())
    } else {
        succeeded(
            "the shared core does not come back to the rich partition",
            0,
        )
    }
}
