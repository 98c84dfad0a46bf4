//! The header and the library agree, by a C compiler's word.
#![expect(unsafe_code, reason = "calls C")]

mod monitor;

use cofferdam_channel_c::*;
use std::mem::{align_of, offset_of, size_of};

unsafe extern "C" {
    static cofferdam_layout: [usize; 64];
    static cofferdam_layout_count: usize;
    fn cofferdam_c_passes(from: *const Channel, to: *const Channel) -> i32;
}

#[test]
fn every_offset_is_the_same_in_c() {
    let rust = [
        size_of::<Port>(),
        align_of::<Port>(),
        size_of::<Monitor>(),
        offset_of!(Monitor, begin),
        offset_of!(Monitor, ring),
        offset_of!(Monitor, acknowledge),
        size_of::<Channel>(),
        offset_of!(Channel, bytes),
        offset_of!(Channel, slots),
        offset_of!(Channel, mtu),
        offset_of!(Channel, side),
        offset_of!(Channel, crc),
        offset_of!(Channel, siphash),
        offset_of!(Channel, monitor),
        size_of::<Budget>(),
        offset_of!(Budget, bytes),
        size_of::<Counters>(),
        offset_of!(Counters, received),
        offset_of!(Counters, full),
        offset_of!(Counters, down),
        offset_of!(Counters, abandoned),
        offset_of!(Counters, doorbells),
        offset_of!(Counters, violations),
        size_of::<Accept>(),
        offset_of!(Accept, address),
        offset_of!(Accept, arp),
        offset_of!(Accept, echo),
        offset_of!(Accept, tcp),
        offset_of!(Accept, tcp_count),
        offset_of!(Accept, udp),
        offset_of!(Accept, udp_count),
    ];
    // SAFETY: a constant of `agree.c`.
    let count = unsafe { cofferdam_layout_count };
    // SAFETY: there are `count` of them.
    let c =
        unsafe { std::slice::from_raw_parts((&raw const cofferdam_layout).cast::<usize>(), count) };
    assert_eq!(c, rust);
}

#[test]
fn a_frame_passes_between_two_ends_in_c() {
    let [first, second] = monitor::channels(4, 100);
    // SAFETY: both are as the header says, and the memory outlives the call.
    assert_eq!(unsafe { cofferdam_c_passes(&first, &second) }, 5);
    for spoilt in [
        Channel { slots: 3, ..first },
        Channel { side: 2, ..first },
        Channel { crc: 3, ..first },
        Channel {
            bytes: first.bytes - 1,
            ..first
        },
        Channel {
            memory: std::ptr::null_mut(),
            ..first
        },
    ] {
        // SAFETY: what is wrong is found before any access.
        assert_eq!(unsafe { cofferdam_c_passes(&spoilt, &second) }, -1);
    }
}

/// With tags by one key it passes; by another it is dropped.
#[test]
fn a_frame_passes_by_its_key() {
    for (keys, passes) in [([[1; 16], [2; 16]], 5), ([[1; 16], [3; 16]], 0)] {
        let [first, second] = monitor::channels(4, 100);
        let siphash = &[[1; 16], [2; 16]];
        let first = Channel { siphash, ..first };
        let siphash = &keys;
        let second = Channel { siphash, ..second };
        // SAFETY: both are as the header says, and the memory outlives the call.
        assert_eq!(unsafe { cofferdam_c_passes(&first, &second) }, passes);
    }
}

/// Every function looks for null before all else.
#[test]
fn null_is_refused() {
    use std::ptr::{null, null_mut};
    let mut port = Port::EMPTY;
    let port = &raw mut port;
    let asked: [fn(*mut Port) -> i32; 8] = [
        // SAFETY: null is promised to be found first, here and below.
        |_| unsafe { cofferdam_port_poll(null_mut()) },
        // SAFETY: as above.
        |port| unsafe { cofferdam_port_open(port, null()) },
        // SAFETY: as above.
        |_| unsafe { cofferdam_port_send(null_mut(), b"x".as_ptr(), 1) },
        // SAFETY: as above.
        |_| unsafe { cofferdam_port_can_send(null_mut()) },
        // SAFETY: as above.
        |_| unsafe { cofferdam_port_arm(null_mut()) },
        // SAFETY: as above.
        |_| unsafe { cofferdam_port_counters(null(), null_mut()) },
        // SAFETY: as above.
        |_| unsafe { cofferdam_port_receive(null_mut(), null_mut(), null_mut(), 0) },
        // SAFETY: as above.
        |_| unsafe { cofferdam_accepts(null(), null(), 0) },
    ];
    for ask in asked {
        assert_eq!(ask(port), -1);
    }
}
