//! The task that answers on the channel `net0`, by `kernel/network.c` and VirtualNet's library for C.

use core::ffi::c_void;
use core::ptr::{null, null_mut, with_exposed_provenance_mut};

use cofferdam_channel_c::{Accept, Channel, Monitor};
use cofferdam_partition::monitor;

use crate::hardware::{CHANNEL, net0};
use crate::kernel::{self, Running};

/// What a turn takes at most.
const FRAMES: u32 = 4;
/// Ticks from turn to turn.
const TURN: u64 = 2;
/// Of `kernel/network.c`.
const LONGEST: u32 = 1500;
const _: () = assert!(net0::MTU <= LONGEST, "FRAME_MAX in kernel/network.c");

unsafe extern "C" {
    fn freertos_network_open(channel: *const Channel, rules: *const Accept) -> i32;
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

/// Of the description, but for its ports: nothing here answers on any.
const RULES: Accept = Accept {
    mac: net0::MAC,
    address: net0::ADDRESS,
    arp: !net0::STATIC_NEIGHBOUR as u8,
    echo: net0::ACCEPT_ECHO as u8,
    tcp: null(),
    tcp_count: 0,
    udp: null(),
    udp_count: 0,
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
        monitor: Monitor {
            context: null_mut(),
            begin: Some(begin),
            ring: Some(ring),
            acknowledge: Some(acknowledge),
        },
    };
    let rules = RULES;
    // SAFETY: start-up mapped the channel's memory for good, and only this end uses it. Both are copied.
    let opened = unsafe { freertos_network_open(&raw const channel, &raw const rules) };
    assert!(opened == 0, "the description's channel");
    loop {
        // SAFETY: opened, and used by this task alone.
        unsafe { freertos_network_poll(FRAMES, u32::MAX) }
        kernel::delay(running, TURN);
    }
}
