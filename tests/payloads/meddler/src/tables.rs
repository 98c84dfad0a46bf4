//! Page tables and satp: pages of others and of users, tables in others' memory, and both changed under the monitor while it walks.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Uart;
use crate::controller::{OWN, PLIC};
use crate::faults::{load_word, store_word};
use crate::tally::Tally;

/// V, R, W, A, D; without W; with X; with X alone; U.
pub(crate) const DATA: u64 = 0xc7;
pub(crate) const READ_ONLY: u64 = 0xc3;
const ALL: u64 = 0xcf;
const EXECUTE_ONLY: u64 = 0xc9;
pub(crate) const USER: u64 = 1 << 4;
const POINTER: u64 = 1;
const SV39: u64 = 8 << 60;

/// Where the alarm has an entry of a table for the interrupt controller, and what else there is.
const BAIT: u64 = 0x801f_f000;
pub(crate) const MONITOR: u64 = 0x8000_0000;
/// What is mapped by the tables below: entry 4 of the root, the first of all others.
pub(crate) const WINDOW: u64 = 4 << 30;
/// Memory, and where all of it is a user's, by entry 5.
const MEMORY: u64 = 2 << 30;
const OF_USER: u64 = 5 << 30;
/// sstatus: the kernel uses pages of users; loads what it may execute.
const SUM: u64 = 1 << 18;
const MXR: u64 = 1 << 19;

#[repr(C, align(4096))]
struct Table([AtomicU64; 512]);

impl Table {
    const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; 512])
    }

    fn at(&'static self) -> u64 {
        core::ptr::from_ref(self).addr() as u64
    }

    fn set(&self, n: usize, entry: u64) {
        if let Some(place) = self.0.get(n) {
            place.store(entry, Relaxed);
        }
    }
}

static ROOT: Table = Table::new();
static MIDDLE: Table = Table::new();
static LEAF: Table = Table::new();
/// A page of its own, each word of which is this.
static PAGE: Table = Table::new();
const MARK: u64 = 0x600d_600d;
/// What the first hart has the first entry of [`LEAF`] be, in turn, while the second looks.
pub(crate) static CHANGED: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

pub(crate) fn entry(address: u64, bits: u64) -> u64 {
    address >> 12 << 10 | bits
}

/// The controller, its own page, another's, nothing.
fn leaves() -> [u64; 4] {
    [
        entry(PLIC, DATA),
        entry(PAGE.at(), DATA),
        entry(BAIT, DATA),
        0,
    ]
}

/// What that of [`MIDDLE`] may be: its own table, another's, the monitor's.
fn tables() -> [u64; 3] {
    [LEAF.at(), BAIT, MONITOR].map(|at| entry(at, POINTER))
}

/// Where a user finds what is at this address.
pub(crate) const fn of_user(address: u64) -> u64 {
    address - MEMORY + OF_USER
}

/// With everything mapped to itself, and the window.
pub(crate) fn translated<T>(run: impl FnOnce() -> T) -> T {
    for n in 0..4 {
        ROOT.set(n, entry((n as u64) << 30, ALL));
    }
    ROOT.set(4, entry(MIDDLE.at(), POINTER));
    ROOT.set(5, entry(MEMORY, ALL | USER));
    for n in 0..512 {
        PAGE.set(n, MARK << 32 | MARK);
    }
    let satp = SV39 | ROOT.at() >> 12;
    // SAFETY: this program is mapped to where it is.
    unsafe { asm!("sfence.vma", "csrw satp, {}", "sfence.vma", in(reg) satp) };
    let result = run();
    // SAFETY: as before.
    unsafe { asm!("csrw satp, zero", "sfence.vma") };
    result
}

/// Has the window show a page by its own table.
pub(crate) fn map(leaf: u64) {
    let [own_table, ..] = tables();
    map_by(own_table, leaf);
}

fn map_by(table: u64, leaf: u64) {
    MIDDLE.set(0, table);
    LEAF.set(0, leaf);
}

/// Before an access of the window.
pub(crate) fn forget() {
    // SAFETY: what is translated is for these attacks alone.
    unsafe { asm!("sfence.vma") };
}

/// The word of the window that is the priority of its own source, if the window is the controller.
fn look() -> Option<u64> {
    forget();
    load_word(WINDOW + 4 * OWN)
}

fn through(table: u64, leaf: u64) -> Option<u64> {
    map_by(table, leaf);
    look()
}

/// By its own table, with bits of sstatus.
fn with(status: u64, leaf: u64) -> Option<u64> {
    let [own_table, ..] = tables();
    // SAFETY: nothing is a user's, or to be executed alone, but what the window shows.
    unsafe { asm!("csrs sstatus, {}", in(reg) status) };
    let seen = through(own_table, leaf);
    // SAFETY: as before.
    unsafe { asm!("csrc sstatus, {}", in(reg) status) };
    seen
}

pub(crate) fn attack(tally: &mut Tally<Uart>) {
    let [own_table, foreign_table, of_monitor] = tables();
    let [controller, page, foreign_page, nothing] = leaves();
    let seen = translated(|| {
        [
            through(own_table, controller),
            through(own_table, page),
            through(own_table, foreign_page),
            through(own_table, entry(MONITOR, DATA)),
            through(own_table, nothing),
            // Read-only: a load may be, and a store may not.
            through(own_table, entry(PLIC, READ_ONLY)),
            store_word(WINDOW + 4 * OWN, 3).then_some(0),
            // A user's page, and SUM is 0.
            through(own_table, entry(PLIC, DATA | USER)),
            with(SUM, entry(PLIC, DATA | USER)),
            through(own_table, entry(PLIC, EXECUTE_ONLY)),
            with(MXR, entry(PLIC, EXECUTE_ONLY)),
            through(foreign_table, nothing),
            through(of_monitor, nothing),
        ]
    });
    let expected = [
        ("own tables do not work", Some(1)),
        ("own page does not work", Some(MARK)),
        ("page of another's", None),
        ("page of the monitor's", None),
        ("page that is not there", None),
        ("read-only page is not read", Some(1)),
        ("read-only page, written", None),
        ("user's page", None),
        ("user's page does not work with SUM", Some(1)),
        ("page to execute, read", None),
        ("page to execute is not read with MXR", Some(1)),
        ("table in another's memory", None),
        ("table in the monitor's memory", None),
    ];
    for ((what, expected), seen) in expected.into_iter().zip(seen) {
        tally.enter(what, seen == expected);
    }
}

/// On the first hart.
pub(crate) fn change(round: usize) {
    for table in tables().into_iter().cycle().skip(round % 3).take(1) {
        MIDDLE.set(0, table);
    }
    for leaf in CHANGED.iter().cycle().skip(round % 4).take(1) {
        LEAF.set(0, leaf.load(Relaxed));
    }
}

/// The second hart, while the first changes the entries: whatever the monitor finds is one of what they could be.
pub(crate) fn race(tally: &mut Tally<Uart>) {
    for (place, leaf) in CHANGED.iter().zip(leaves()) {
        place.store(leaf, Relaxed);
    }
    let (mut possible, mut found) = (true, [false; 3]);
    translated(|| {
        for _ in 0..5_000 {
            let seen = look();
            let kinds = [None, Some(1), Some(MARK)];
            possible &= kinds.contains(&seen);
            for (found, kind) in found.iter_mut().zip(kinds) {
                *found |= seen == kind;
            }
        }
    });
    tally.enter("tables changed meanwhile", possible);
    tally.enter("tables did not change", found == [true; 3]);
}
