//! Loads, stores and instruction fetches outside of the partition's memory: each must be an access fault.

use core::arch::asm;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::faults::{
    is_executed, load, load_byte, load_half, store, store_byte, store_half, store_word,
};
use crate::{Tally, Text};

/// The partition's memory: what the validator places is the lowest that is free, behind the monitor's.
pub(crate) const OWN: Range<u64> = 0x8010_0000..0x8020_0000;

const LOADS: [(&str, u64); 10] = [
    ("monitor's variables", 0x8000_0000),
    ("monitor's last byte", OWN.start - 1),
    ("Linux's first byte", OWN.end),
    ("Linux's kernel", 0x8040_0000),
    ("image table", 0x2010_0000),
    ("UART", 0x1000_0000),
    ("PLIC", 0x0c00_0000),
    ("CLINT", 0x0200_0000),
    ("test device, which would end the machine", 0x10_0000),
    ("fw_cfg, which would write anywhere", 0x1010_0000),
];

const STRADDLES: [(&str, u64); 2] = [
    ("word over the start of its memory", OWN.start - 4),
    ("word over the end of its memory", OWN.end - 4),
];

pub(crate) fn attack(tally: &mut Tally<Text>) {
    for (what, address) in LOADS.into_iter().chain(STRADDLES) {
        tally.enter(what, load(address).is_none());
    }
    tally.enter("store to the monitor's text", !store(0x2000_0000, 0));
    tally.enter("store to the monitor's variables", !store(0x8003_f000, 0));
    by_pages(tally);
    at_edges(tally);
}

/// Bytes, halves and instructions at both edges of its memory. Whose memory could be written, that has an instruction to fetch.
fn at_edges(tally: &mut Tally<Text>) {
    let (before, behind) = (OWN.start - 2, OWN.end);
    tally.enter("byte before its memory", load_byte(OWN.start - 1).is_none());
    tally.enter("byte behind its memory", load_byte(behind).is_none());
    tally.enter("store of a byte before it", !store_byte(OWN.start - 1, 0));
    tally.enter("half over its start", load_half(OWN.start - 1).is_none());
    tally.enter("half over its end", load_half(behind - 1).is_none());
    tally.enter("store over its end", !store_half(behind - 1, 0));
    let inside = load_byte(OWN.start).is_some() && load_byte(behind - 1).is_some();
    tally.enter("its own edges are not reached", inside);
    let _held = store_half(behind - 2, RETURN & 0xffff) && store_half(behind, RETURN >> 16);
    tally.enter("instruction over its end", !is_executed(behind - 2));
    let _held = store_word(behind, RETURN);
    tally.enter("instruction behind its end", !is_executed(behind));
    let _held = store_half(before, SHORT_RETURN);
    tally.enter("instruction before its start", !is_executed(before));
}

/// `ret`, of four bytes and of two.
const RETURN: u64 = 0x0000_8067;
const SHORT_RETURN: u64 = 0x8082;

#[repr(C, align(4096))]
struct Table([AtomicU64; 512]);

static ROOT: Table = Table([const { AtomicU64::new(0) }; 512]);
/// The first GiB of memory, seen by entry 4.
const DRAM: u64 = 0x8000_0000;
const WINDOW: u64 = 4 << 30;
const SV39: u64 = 8 << 60;
/// V, R, W, X, A, D.
const ALL: u64 = 0xcf;

/// Page tables may name any page: what it is decides.
fn by_pages(tally: &mut Tally<Text>) {
    let pages = [0, 1 << 30, 2 << 30, 3 << 30, DRAM];
    for (place, page) in ROOT.0.iter().zip(pages) {
        place.store(page >> 12 << 10 | ALL, Relaxed);
    }
    let satp = SV39 | (&raw const ROOT).addr() as u64 >> 12;
    // SAFETY: this program is mapped to where it is.
    unsafe { asm!("sfence.vma", "csrw satp, {}", "sfence.vma", in(reg) satp) };
    let seen = [OWN.start, DRAM, OWN.end].map(|at| load(WINDOW + at - DRAM).is_some());
    let written = store(WINDOW + 0x3_f000, 0);
    // SAFETY: as before.
    unsafe { asm!("csrw satp, zero", "sfence.vma") };
    let [own, monitor, linux] = seen;
    tally.enter("its own memory is not seen by pages", own);
    tally.enter("monitor's variables by pages", !monitor);
    tally.enter("Linux's memory by pages", !linux);
    tally.enter("store to the monitor's variables by pages", !written);
}
