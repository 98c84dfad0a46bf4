//! The task that answers on the channel `net0`, by `kernel/network.c`: lwIP over VirtualNet's library for C.

use core::ffi::c_void;
use core::fmt::{self, Write};
use core::ptr::{null, null_mut, with_exposed_provenance_mut};

use cofferdam_channel_c::{Accept, Channel, Monitor};
use cofferdam_partition::monitor;

use crate::hardware::{CHANNEL, net0};
use crate::kernel::{self, Running};
use crate::tasks::{T1, T5, T20};

/// What a turn takes at most.
const FRAMES: u32 = 4;
/// Ticks from turn to turn.
const TURN: u64 = 2;
/// Of `kernel/network.c`.
const LONGEST: u32 = 1500;
const _: () = assert!(net0::MTU <= LONGEST, "FRAME_MAX in kernel/network.c");

/// `struct freertos_link` of `kernel/network.h`.
#[repr(C)]
struct Link {
    mask: [u8; 4],
    peer: [u8; 4],
    peer_mac: [u8; 6],
}

unsafe extern "C" {
    fn freertos_network_open(
        channel: *const Channel,
        rules: *const Accept,
        link: *const Link,
    ) -> i32;
    fn freertos_network_poll(frames: u32, bytes: u32);
}

extern "C" fn begin(_: *mut c_void) -> u32 {
    monitor::channel_begin(net0::NUMBER).unwrap_or(0)
}

extern "C" fn ring(_: *mut c_void) {
    // Refused after a flood: the other end polls, or finds the frame with the next ring.
    let _refused = monitor::channel_ring(net0::NUMBER);
}

extern "C" fn acknowledge(_: *mut c_void) -> u32 {
    let answer = monitor::channel_acknowledge(net0::NUMBER);
    answer.map_or(0, |[_, epoch, ..]| u32::try_from(epoch).unwrap_or(0))
}

/// Of the description.
const RULES: Accept = Accept {
    mac: net0::MAC,
    address: net0::ADDRESS,
    arp: !net0::STATIC_NEIGHBOUR as u8,
    echo: net0::ACCEPT_ECHO as u8,
    tcp: net0::ACCEPT_TCP.as_ptr(),
    tcp_count: net0::ACCEPT_TCP.len(),
    udp: net0::ACCEPT_UDP.as_ptr(),
    udp_count: net0::ACCEPT_UDP.len(),
};
const LINK: Link = Link {
    mask: (u32::MAX << (32 - net0::PREFIX)).to_be_bytes(),
    peer: net0::PEER_ADDRESS,
    peer_mac: net0::PEER_MAC,
};

/// The task.
pub fn run(running: &Running) -> ! {
    let channel = Channel {
        memory: with_exposed_provenance_mut(CHANNEL.start),
        bytes: CHANNEL.size,
        slots: net0::SLOTS,
        mtu: net0::MTU,
        side: net0::SIDE,
        crc: net0::CRC.into(),
        siphash: if net0::SIPHASH { &net0::KEY } else { null() },
        monitor: Monitor {
            context: null_mut(),
            begin: Some(begin),
            ring: Some(ring),
            acknowledge: Some(acknowledge),
        },
    };
    let (rules, link) = (RULES, LINK);
    // SAFETY: start-up mapped the channel's memory for good, and only this end uses it. All three are copied, and the ports that
    // the rules point at are constants.
    let opened =
        unsafe { freertos_network_open(&raw const channel, &raw const rules, &raw const link) };
    assert!(opened == 0, "the description's channel");
    loop {
        // SAFETY: opened, and used by this task alone.
        unsafe { freertos_network_poll(FRAMES, u32::MAX) }
        kernel::delay(running, TURN);
    }
}

/// What is written as far as there is room.
struct Page<'a> {
    to: &'a mut [u8],
    bytes: u16,
}

impl Write for Page<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self
            .to
            .get_mut(usize::from(self.bytes)..)
            .unwrap_or_default();
        for (to, byte) in room.iter_mut().zip(text.bytes()) {
            *to = byte;
            self.bytes += 1;
        }
        Ok(())
    }
}

/// The page: what the tasks have done so far, as an HTTP response.
#[unsafe(no_mangle)]
extern "C" fn freertos_page(to: *mut u8, size: u16) -> u16 {
    // SAFETY: `kernel/network.c` passes a buffer of that size, which it does not touch meanwhile.
    let to = unsafe { core::slice::from_raw_parts_mut(to, usize::from(size)) };
    let mut page = Page { to, bytes: 0 };
    // It is not refused: what does not fit is left out.
    let _fits = page.write_str("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    for task in [&T1, &T5, &T20] {
        let account = task.account();
        let (name, met, missed) = (account.name, account.met, account.missed);
        let _fits = writeln!(page, "{name}: met={met} missed={missed}");
    }
    page.bytes
}
