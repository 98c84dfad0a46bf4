//! The receive filter against frames made by hand, every change of one byte of them, and random bytes.
use cofferdam_channel::accept::{Accept, Refusal, Traffic};
use proptest::prelude::*;

const ME: [u8; 6] = [2, 0, 0, 0, 0, 2];
const LINUX: [u8; 6] = [2, 0, 0, 0, 0, 1];
const BROADCAST: [u8; 6] = [0xff; 6];

const ACCEPT: Accept = Accept {
    mac: ME,
    address: [10, 7, 0, 2],
    arp: true,
    echo: true,
    tcp: &[80],
    udp: &[5000, 123],
};

fn ethernet(destination: [u8; 6], kind: u16, packet: &[u8]) -> Vec<u8> {
    [&destination[..], &LINUX, &kind.to_be_bytes(), packet].concat()
}

fn arp(operation: u8, target: [u8; 4]) -> Vec<u8> {
    let fixed = [0, 1, 8, 0, 6, 4, 0, operation];
    [&fixed[..], &LINUX, &[10, 7, 0, 1], &[0; 6], &target].concat()
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = 20 + u16::try_from(payload.len()).expect("short");
    let [high, low] = total.to_be_bytes();
    let header = [
        0x45, 0, high, low, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0, 10, 7, 0, 1, 10, 7, 0, 2,
    ];
    ethernet(ME, 0x0800, &[&header[..], payload].concat())
}

fn tcp(port: u16) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    let mut segment = [0; 20];
    segment[2..4].copy_from_slice(&[high, low]);
    (segment[12], segment[13]) = (0x50, 2);
    ipv4(6, &segment)
}

fn udp(port: u16, data: &[u8]) -> Vec<u8> {
    let length = 8 + u16::try_from(data.len()).expect("short");
    let header = [4000, port, length, 0].map(u16::to_be_bytes);
    ipv4(17, &[header.as_flattened(), data].concat())
}

fn echo() -> Vec<u8> {
    ipv4(1, &[8, 0, 0, 0, 0, 1, 0, 1, 0xaa, 0xbb])
}

/// A frame with the byte at `at` replaced.
fn with(mut frame: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    frame[at] = byte;
    frame
}

#[test]
fn what_is_named_is_accepted() {
    let request = arp(1, [10, 7, 0, 2]);
    let good = [
        (ethernet(BROADCAST, 0x0806, &request), Traffic::Arp),
        (ethernet(ME, 0x0806, &request), Traffic::Arp),
        (ethernet(ME, 0x0806, &arp(2, [10, 7, 0, 2])), Traffic::Arp),
        (echo(), Traffic::Echo),
        (tcp(80), Traffic::Tcp(80)),
        (udp(5000, b"hello"), Traffic::Udp(5000)),
        (udp(123, b""), Traffic::Udp(123)),
        ([tcp(80), vec![0; 6]].concat(), Traffic::Tcp(80)),
        (with(tcp(80), 14 + 6, 0), Traffic::Tcp(80)),
    ];
    for (frame, traffic) in good {
        assert_eq!(ACCEPT.check(&frame), Ok(traffic), "{frame:02x?}");
    }
}

#[test]
fn everything_else_is_refused() {
    let request = arp(1, [10, 7, 0, 2]);
    let request = ethernet(BROADCAST, 0x0806, &request);
    let (ip, transport) = (14, 34);
    let bad = [
        // Ethernet
        (tcp(80)[..13].to_vec(), Refusal::Short),
        (with(tcp(80), 5, 3), Refusal::Mac),
        (with(tcp(80), 0, 3), Refusal::Mac),
        (with(tcp(80), 6, 3), Refusal::Mac),
        (with(tcp(80), 11, 2), Refusal::Mac),
        (ethernet(BROADCAST, 0x0800, &echo()[14..]), Refusal::Mac),
        (
            ethernet(BROADCAST, 0x0806, &arp(2, [10, 7, 0, 2])),
            Refusal::Mac,
        ),
        (ethernet(ME, 0x8100, &[0; 60]), Refusal::EtherType),
        (ethernet(ME, 0x86dd, &[0; 60]), Refusal::EtherType),
        // ARP: for another, of another kind, from somebody else than it says, from our own address
        (with(request.clone(), 41, 9), Refusal::Arp),
        (with(request.clone(), 21, 3), Refusal::Arp),
        (with(request.clone(), 19, 2), Refusal::Arp),
        (with(request.clone(), 15, 2), Refusal::Arp),
        (with(request.clone(), 27, 9), Refusal::Arp),
        (with(request.clone(), 31, 2), Refusal::Arp),
        (with(request.clone(), 28, 224), Refusal::Arp),
        (request[..41].to_vec(), Refusal::Short),
        // IPv4: IPv6's version, options, too long, too short, fragments, addresses
        (with(tcp(80), ip, 0x65), Refusal::Header),
        (with(tcp(80), ip, 0x46), Refusal::Header),
        (with(tcp(80), ip, 0x44), Refusal::Header),
        (with(tcp(80), ip + 3, 41), Refusal::Short),
        (with(tcp(80), ip + 3, 19), Refusal::Short),
        (with(tcp(80), ip + 2, 0xff), Refusal::Short),
        (with(tcp(80), ip + 6, 0x20), Refusal::Fragment),
        (with(tcp(80), ip + 6, 0x80), Refusal::Fragment),
        (with(tcp(80), ip + 6, 0x01), Refusal::Fragment),
        (with(tcp(80), ip + 7, 0x01), Refusal::Fragment),
        (with(tcp(80), ip + 19, 255), Refusal::Address),
        (with(tcp(80), ip + 15, 2), Refusal::Address),
        (with(tcp(80), ip + 12, 0), Refusal::Address),
        (with(tcp(80), ip + 12, 127), Refusal::Address),
        (with(tcp(80), ip + 12, 224), Refusal::Address),
        (with(tcp(80), ip + 12, 255), Refusal::Address),
        // Protocols: IGMP, an ICMP redirect, an echo reply, half a header
        (ipv4(2, &[0; 20]), Refusal::Protocol),
        (with(echo(), transport, 5), Refusal::Protocol),
        (with(echo(), transport, 0), Refusal::Protocol),
        (with(echo(), transport + 1, 1), Refusal::Protocol),
        (ipv4(1, &[8, 0, 0, 0]), Refusal::Short),
        // TCP and UDP: ports, lengths
        (tcp(81), Refusal::Port),
        (tcp(5000), Refusal::Port),
        (with(tcp(80), transport + 12, 0x40), Refusal::Short),
        (with(tcp(80), transport + 12, 0x60), Refusal::Short),
        (ipv4(6, &[0; 12]), Refusal::Short),
        (udp(80, b""), Refusal::Port),
        (with(udp(5000, b"x"), transport + 5, 7), Refusal::Short),
        (with(udp(5000, b"x"), transport + 5, 10), Refusal::Short),
        (ipv4(17, &[0; 5]), Refusal::Short),
    ];
    for (frame, refusal) in bad {
        assert_eq!(ACCEPT.check(&frame), Err(refusal), "{frame:02x?}");
    }
}

#[test]
fn what_is_not_named_is_refused() {
    let nothing = Accept {
        arp: false,
        echo: false,
        tcp: &[],
        udp: &[],
        ..ACCEPT
    };
    let request = ethernet(BROADCAST, 0x0806, &arp(1, [10, 7, 0, 2]));
    assert_eq!(nothing.check(&request), Err(Refusal::EtherType));
    for frame in [echo(), tcp(80), udp(5000, b"")] {
        assert_eq!(nothing.check(&frame), Err(Refusal::Protocol));
    }
}

#[test]
fn a_frame_cut_anywhere_is_refused() {
    let request = ethernet(BROADCAST, 0x0806, &arp(1, [10, 7, 0, 2]));
    for frame in [request, echo(), tcp(80), udp(5000, b"hello")] {
        for length in 0..frame.len() {
            assert_eq!(ACCEPT.check(&frame[..length]), Err(Refusal::Short));
        }
    }
}

/// What an accepted frame must be, said again in other words.
fn is_as_promised(frame: &[u8], traffic: Traffic) -> bool {
    let to = &frame[..6];
    let port = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
    let ip = |protocol| {
        to == ME
            && frame[12..15] == [8, 0, 0x45]
            && frame[20] & 0xbf == 0
            && frame[21] == 0
            && frame[23] == protocol
            && frame[30..34] == [10, 7, 0, 2]
    };
    match traffic {
        Traffic::Arp => {
            (to == ME || (to == BROADCAST && port(20) == 1)) && frame[38..42] == [10, 7, 0, 2]
        }
        Traffic::Echo => ip(1) && frame[34..36] == [8, 0],
        Traffic::Tcp(to) => ip(6) && to == 80 && port(36) == 80,
        Traffic::Udp(to) => ip(17) && [5000, 123].contains(&to) && port(36) == to,
    }
}

proptest! {
    #[test]
    fn random_bytes_do_no_harm(frame in prop::collection::vec(any::<u8>(), 0..100)) {
        if let Ok(traffic) = ACCEPT.check(&frame) {
            prop_assert!(is_as_promised(&frame, traffic));
        }
    }

    #[test]
    fn changed_frames_are_what_is_said_of_them(
        which in 0..4usize,
        changes in prop::collection::vec((0..64usize, any::<u8>()), 1..4),
    ) {
        let request = ethernet(BROADCAST, 0x0806, &arp(1, [10, 7, 0, 2]));
        let frames = [request, echo(), tcp(80), udp(5000, b"hello")];
        let mut frame = frames[which].clone();
        for (at, byte) in changes {
            let at = at % frame.len();
            frame[at] = byte;
        }
        if let Ok(traffic) = ACCEPT.check(&frame) {
            prop_assert!(is_as_promised(&frame, traffic));
        }
    }
}
