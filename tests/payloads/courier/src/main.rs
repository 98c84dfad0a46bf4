//! A rich partition where interrupts are messages: with one of its own, and a doorbell, it goes for another's by its harts' files, by the
//! words of the domain that all share, and by the pages that nobody has. Each of its starts ends there, with what can be left on, and the next one looks for that.
#![no_std]
#![no_main]

#[path = "../../faults.rs"]
#[expect(dead_code, reason = "other payloads make other accesses")]
mod faults;
#[path = "../../tally.rs"]
mod tally;
#[path = "../../uart.rs"]
mod uart;

mod domain;
mod file;

use cofferdam_partition::hardware::{Hardware, InterruptController, Region};
use cofferdam_partition::monitor;
use cofferdam_partition::sbi;
use cofferdam_partition::time::{frequency, now};

use domain::{Domain, OWN};
use faults::{load_word, store_word};
use tally::Tally;
use uart::Uart;

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

const HARDWARE: Hardware = Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE);

cofferdam_partition::entry!(run, HARDWARE);

/// Files of M-mode; of S-mode, of which all but the first are its own harts'.
const MACHINE_FILES: u64 = 0x2400_0000;
const FILES: u64 = 0x2800_0000;
const PAGE: u64 = 0x1000;
const HARTS: u64 = 3;
/// The source that is the clock's, which is another's and the number of its interrupt there; and the doorbell's.
const FOREIGN: u64 = 11;
const DOORBELL: u64 = 88;
const FOREIGN_HART: u64 = 0;
/// The hart that this runs on, and its other one.
const HERE: u64 = 1;
const OTHER: u64 = 2;
/// The call that resets (SRST), and how.
const RESET: u64 = 0x5352_5354;
const COLD: u64 = 1;
/// An interrupt that no source has.
const FREE: u64 = 200;

const ROOT: Domain = Domain(0x0c00_0000);
const SHARED: Domain = Domain(0x0d00_0000);

/// It has its "transmitter empty" interrupt, which stays.
fn interrupt(is_on: bool) {
    // SAFETY: interrupt enables of this partition's UART.
    unsafe {
        uart::REGISTERS
            .wrapping_add(1)
            .write_volatile(u8::from(is_on) << 1)
    };
}

fn run(_argument: u64) -> ! {
    let mut tally = Tally::new(Uart);
    let quiet = file::is_clear();
    faults::survive(|| {
        let quiet = quiet && SHARED.is_quiet(OWN) && SHARED.is_quiet(DOORBELL);
        tally.enter("what an earlier start left", quiet);
        file::begin();
        own(&mut tally);
        pages(&mut tally);
        words(&mut tally);
        sources(&mut tally);
        tally.enter("clock's file by the domain", !sends(FOREIGN_HART, FOREIGN));
        tally.enter("domain turned off", !is_turned_off());
        tally.enter("source of another's disabled", !is_disabled());
    });
    tally.end();
    leave()
}

/// Ends with all that can be left on: the source, what is pending here and on the other hart, the doorbell.
fn leave() -> ! {
    SHARED.begin(DOORBELL, domain::RISING, HERE, DOORBELL);
    interrupt(true);
    let _sent = faults::survive(|| store_word(FILES + PAGE * HERE, FREE));
    let _never = sbi(RESET, 0, [COLD, 0, 0, 0, 0, 0]);
    monitor::power_off()
}

/// What is its own works: or nothing would say that the rest is held.
fn own(tally: &mut Tally<Uart>) {
    SHARED.begin(OWN, domain::HIGH, HERE, OWN);
    interrupt(true);
    let came = file::takes(OWN) && !file::is_pending();
    // The line is as it was.
    let again = SHARED.ring(OWN) && file::takes(OWN);
    interrupt(false);
    let over = SHARED.ring(OWN) && !file::is_pending();
    tally.enter("own interrupt does not come", came && again);
    tally.enter("interrupt that is over comes", over);
    file::enable(FREE);
    let sent = store_word(FILES + PAGE * HERE, FREE) && file::takes(FREE);
    let other = store_word(FILES + PAGE * OTHER, FREE) && !file::is_pending();
    tally.enter("own message does not come", sent && other);
    SHARED.begin(DOORBELL, domain::RISING, HERE, DOORBELL);
    let due = now() + frequency() / 20;
    while !file::is_pending() && now() < due {}
    tally.enter("own doorbell does not come", file::takes(DOORBELL));
    store_word(SHARED.mode(DOORBELL), 0);
}

fn pages(tally: &mut Tally<Uart>) {
    let sent = store_word(FILES + PAGE * FOREIGN_HART, FOREIGN);
    tally.enter("file of another's hart", !sent);
    let sent = (0..HARTS).any(|hart| store_word(MACHINE_FILES + PAGE * hart, 1));
    tally.enter("files of M-mode", !sent);
    let seen = load_word(ROOT.mode(OWN)).is_some();
    tally.enter("root domain", !seen && !store_word(ROOT.mode(OWN), 0));
}

/// Accesses of a word of its own that are not of one word, and what is no register.
fn words(tally: &mut Tally<Uart>) {
    let at = SHARED.mode(OWN);
    let loads = [faults::load_byte, faults::load_half, faults::load];
    let none = loads.iter().all(|load| load(at).is_none());
    let over = load_word(at + 2).is_none() && !store_word(at + 2, 0);
    tally.enter("other accesses of a word", none && over);
    let behind = load_word(SHARED.0 + 0x8000).is_none();
    tally.enter("what is behind the domain", behind);
    let addresses = [0x1bc0, 0x1bc4, 0x1bc8, 0x1bcc, 0x2004, 0x4000, 0x4008];
    let zero = addresses.iter().all(|offset| SHARED.keeps(*offset, 1, 0));
    tally.enter("addresses of messages", zero);
}

fn sources(tally: &mut Tally<Uart>) {
    let reads_zero = |at| load_word(at) == Some(0);
    tally.enter("mode of another's", reads_zero(SHARED.mode(FOREIGN)));
    let enabled = load_word(SHARED.enabled());
    tally.enter("enables of another's", enabled == Some(1 << OWN));
    let own = domain::target(HERE, OWN);
    let goes = |target| {
        !store_word(SHARED.target(OWN), target) || load_word(SHARED.target(OWN)) != Some(own)
    };
    let foreign = goes(domain::target(FOREIGN_HART, FOREIGN));
    // Where it was stored.
    store_word(SHARED.target(OWN), own);
    tally.enter("target at a foreign hart", !foreign);
    let guest = goes(domain::target(HERE, OWN) | 1 << 12);
    store_word(SHARED.target(OWN), own);
    tally.enter("target at a guest", !guest);
    store_word(SHARED.target(FOREIGN), own);
    tally.enter("target of another's", reads_zero(SHARED.target(FOREIGN)));
    store_word(
        SHARED.target(FOREIGN),
        domain::target(FOREIGN_HART, FOREIGN),
    );
    let delegated = store_word(SHARED.mode(OWN), 1 << 10) && !reads_zero(SHARED.mode(OWN));
    tally.enter("source delegated", !delegated);
}

/// Whether a message that the domain is told to send is on its way.
fn sends(hart: u64, number: u64) -> bool {
    !SHARED.keeps(0x3000, domain::target(hart, number), 0)
}

fn is_turned_off() -> bool {
    const ON: u64 = 0x8000_0104;
    let is_off = !SHARED.keeps(0, 0, ON);
    store_word(SHARED.0, ON);
    is_off
}

/// By all that there is for it. What is seen of another's is nothing in any case: that goes on, which its owner says.
fn is_disabled() -> bool {
    let before = load_word(SHARED.enabled());
    let numbers = [0x1ddc, 0x1fdc];
    let all = numbers.iter().all(|at| store_word(SHARED.0 + at, FOREIGN));
    let words =
        store_word(SHARED.0 + 0x1f00, 1 << FOREIGN) && store_word(SHARED.0 + 0x1d00, 1 << FOREIGN);
    !all || !words || before != load_word(SHARED.enabled())
}
