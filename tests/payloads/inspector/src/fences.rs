//! RFENCE: behind a fence the second hart sees by its page tables what is in them now.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::Checks;
use crate::calls::{ALL, FIRST, RFENCE, SECOND, call, comes};
use crate::second::{self, Role};

/// V, R, W, X, A, D.
const LEAF: u64 = 0xcf;
const POINTER: u64 = 1;
const SV39: u64 = 8 << 60;
/// What entry 4 of the root maps, by entry 0 of the tables below.
const WINDOW: u64 = 4 << 30;

#[repr(C, align(4096))]
struct Page([AtomicU64; 512]);

impl Page {
    const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; 512])
    }

    fn at(&'static self) -> u64 {
        core::ptr::from_ref(self).addr() as u64
    }

    fn set(&self, n: usize, value: u64) {
        if let Some(word) = self.0.get(n) {
            word.store(value, SeqCst);
        }
    }
}

static ROOT: Page = Page::new();
static MIDDLE: Page = Page::new();
static LAST: Page = Page::new();
/// What the window shows, in turn; each has its number as its first word.
static SHOWN: [Page; 2] = [Page::new(), Page::new()];
/// Which fence is over.
static ROUND: AtomicU64 = AtomicU64::new(0);
/// Of which round the second hart looked last, in the upper half, and what it saw.
static SEEN: AtomicU64 = AtomicU64::new(ALL);

const fn entry(at: u64, bits: u64) -> u64 {
    at >> 12 << 10 | bits
}

/// The tables, before the second hart starts.
pub(crate) fn prepare() {
    for n in 0..4 {
        ROOT.set(n, entry((n as u64) << 30, LEAF));
    }
    ROOT.set(4, entry(MIDDLE.at(), POINTER));
    MIDDLE.set(0, entry(LAST.at(), POINTER));
    for (number, page) in (0..).zip(&SHOWN) {
        page.set(0, number);
    }
    show(0);
}

/// In the tables; whether the second hart knows it yet is another question.
fn show(number: u64) {
    let [first, second] = &SHOWN;
    let page = if number == 0 { first } else { second };
    LAST.set(0, entry(page.at(), LEAF));
}

/// By these tables, in which this program is where it is.
pub(crate) fn translate() {
    let satp = SV39 | ROOT.at() >> 12;
    // SAFETY: this program is mapped to where it is.
    unsafe { asm!("csrw satp, {}", "sfence.vma", in(reg) satp) };
}

/// The second hart: looks, over and over.
pub(crate) fn look() {
    translate();
    while !second::is_to_stop() {
        let round = ROUND.load(SeqCst);
        let number: u64;
        // SAFETY: what is mapped there is one of two pages of its own.
        unsafe { asm!("ld {}, 0({})", out(reg) number, in(reg) WINDOW, options(nostack)) };
        SEEN.store(round << 32 | number, SeqCst);
    }
}

/// Function, start and size.
const FORMS: [(&str, u64, u64, u64); 6] = [
    ("sfence of one page", 1, WINDOW, 4096),
    ("sfence of all, by 0", 1, 0, 0),
    ("sfence of all, by the size", 1, WINDOW, ALL),
    ("sfence by ASID", 2, WINDOW, 4096),
    ("sfence by ASID of all, by 0", 2, 0, 0),
    ("sfence by ASID of all, by the size", 2, 0, ALL),
];

pub(crate) fn check(checks: &mut Checks) {
    let started = second::start(Role::Look);
    let looks = comes(|| SEEN.load(SeqCst) == 0);
    checks.expect("hart that looks", started && looks);
    for (round, (what, function, start, size)) in (1..).zip(FORMS) {
        let number = round & 1;
        show(number);
        let fenced = call((RFENCE, function), &[1, SECOND, start, size]) == (0, 0);
        ROUND.store(round, SeqCst);
        let looked = comes(|| SEEN.load(SeqCst) >> 32 == round);
        let sees = SEEN.load(SeqCst) & 1 == number;
        checks.expect(what, fenced && looked && sees);
    }
    for (what, mask, base) in [
        ("fence.i of itself", 1, FIRST),
        ("fence.i of the other", 1, SECOND),
        ("fence.i of both", 0b11, FIRST),
        ("fence.i of nobody", 0, FIRST),
        ("fence.i of all there are", 0, ALL),
    ] {
        checks.expect(what, call((RFENCE, 0), &[mask, base]) == (0, 0));
    }
    checks.expect("hart that looked", second::stops());
    checks.expect(
        "fence of a hart that is stopped",
        call((RFENCE, 0), &[1, SECOND]) == (0, 0),
    );
}
