//! A rich partition that visits the cluster over VirtualNet, at Non-secure EL2 with the MMU off: it pings, reads the
//! status page, sends datagrams, then floods the ring with frames of all kinds, and visits again. Each line on its console
//! says what was seen.
#![no_std]
#![no_main]

#[path = "../../console.rs"]
mod console;
mod device;
mod visit;

use core::arch::{asm, global_asm};

global_asm!(
    ".section .text.start, \"ax\"",
    ".global visitor_start",
    "visitor_start:",
    "ldr x1, =__stack",
    "mov sp, x1",
    "b visitor_main",
    ".ltorg",
);

#[unsafe(no_mangle)]
extern "C" fn visitor_main() -> ! {
    let mut buffers = visit::Buffers::new();
    let mut storage = visit::storage();
    let mut visit = visit::Visit::new(&mut buffers, &mut storage);
    visit.wait_for_link();
    console::line(format_args!("visitor: the link is up"));
    visit.ping(10);
    visit.page();
    visit.datagrams();
    let sent = visit.flood();
    console::line(format_args!("visitor: flooded with {sent} frames"));
    visit.ping(10);
    visit.page();
    console::line(format_args!("visitor: done"));
    loop {
        // SAFETY: only waits.
        unsafe { asm!("wfi", options(nomem, nostack)) }
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    console::line(format_args!("visitor: WRONG, {info}"));
    loop {
        // SAFETY: only waits.
        unsafe { asm!("wfi", options(nomem, nostack)) }
    }
}
