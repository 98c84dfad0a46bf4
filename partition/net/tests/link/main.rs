//! Two stacks of smoltcp over the ring: one in the place of Linux, one behind the device as in a critical partition.
#![deny(unsafe_code)]

#[path = "../../../../channel/tests/common/mod.rs"]
mod common;
mod ends;
mod hostile;

use cofferdam_abi::virtualnet::Side;
use cofferdam_channel::accept::Refusal;
use cofferdam_channel::endpoint::Violation;
use cofferdam_net::Neighbour;
use common::Ram;
use ends::*;
use proptest::prelude::*;
use smoltcp::iface::{Interface, SocketHandle, SocketSet};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::socket::{icmp, tcp};
use smoltcp::time::Instant;
use smoltcp::wire::{Icmpv4Packet, Icmpv4Repr, IpAddress};
use std::cell::RefCell;

/// Both ends, their stacks and the monitor.
struct Link<'a> {
    ram: &'a Ram,
    epochs: &'a RefCell<Epochs>,
    critical: Critical<'a>,
    critical_interface: Interface,
    critical_sockets: SocketSet<'static>,
    rich: Rich<'a>,
    rich_interface: Interface,
    rich_sockets: SocketSet<'static>,
    millisecond: i64,
}

impl<'a> Link<'a> {
    fn new(ram: &'a Ram, epochs: &'a RefCell<Epochs>, neighbour: Option<Neighbour>) -> Self {
        let mut critical = device(port(ram, Side::Second, epochs), neighbour);
        let mut rich = Rich {
            port: port(ram, Side::First, epochs),
            told: None,
        };
        Self {
            ram,
            epochs,
            critical_interface: interface(CRITICAL, &mut critical),
            critical_sockets: sockets(),
            critical,
            rich_interface: interface(RICH, &mut rich),
            rich_sockets: sockets(),
            rich,
            millisecond: 0,
        }
    }

    /// A millisecond of both.
    fn step(&mut self) {
        self.millisecond += 1;
        let now = Instant::from_millis(self.millisecond);
        self.rich.port.poll();
        self.rich_interface
            .poll(now, &mut self.rich, &mut self.rich_sockets);
        let turns = poll(
            &mut self.critical,
            &mut self.critical_interface,
            &mut self.critical_sockets,
            self.millisecond,
        );
        assert!(turns <= FRAMES + 1, "a poll takes no more than it may");
    }

    /// The driver of one end begins anew, as at a reload; its stack does not notice.
    fn restart(&mut self, side: Side) {
        let port = port(self.ram, side, self.epochs);
        match side {
            Side::First => self.rich.port = port,
            Side::Second => self.critical = device(port, None),
        }
    }
}

fn buffer() -> tcp::SocketBuffer<'static> {
    tcp::SocketBuffer::new(vec![0u8; 4096].leak() as &mut [u8])
}

fn tcp_socket(sockets: &mut SocketSet<'static>) -> SocketHandle {
    sockets.add(tcp::Socket::new(buffer(), buffer()))
}

/// Byte `n` of what is sent.
fn byte(n: usize) -> u8 {
    (n * 7 + n / 251) as u8
}

/// Sends what is left of `length` bytes from one socket, and takes what came at the other.
fn pump(
    from: &mut tcp::Socket<'_>,
    to: &mut tcp::Socket<'_>,
    passed: &mut (usize, usize),
    length: usize,
) {
    let (sent, taken) = passed;
    while from.can_send() && *sent < length {
        let piece: Vec<u8> = (*sent..length.min(*sent + 500)).map(byte).collect();
        *sent += from.send_slice(&piece).expect("open");
    }
    while to.can_recv() {
        let mut piece = [0; 500];
        let more = to.recv_slice(&mut piece).expect("open");
        for (n, it) in piece[..more].iter().enumerate() {
            assert_eq!(*it, byte(*taken + n), "byte {}", *taken + n);
        }
        *taken += more;
    }
}

/// Both ends pass `length` bytes to the other by TCP while drivers restart.
fn bulk(length: usize, restarts: &[(i64, Side)]) {
    let (ram, epochs) = (Ram::new(geometry()), RefCell::new(Epochs::default()));
    let mut link = Link::new(&ram, &epochs, None);
    let sink = tcp_socket(&mut link.critical_sockets);
    let source = tcp_socket(&mut link.critical_sockets);
    let up = tcp_socket(&mut link.rich_sockets);
    let down = tcp_socket(&mut link.rich_sockets);
    for (socket, port) in [(sink, SINK), (source, SOURCE)] {
        let socket = link.critical_sockets.get_mut::<tcp::Socket<'_>>(socket);
        socket.listen(port).expect("a port");
    }
    for (socket, port) in [(up, SINK), (down, SOURCE)] {
        let socket = link.rich_sockets.get_mut::<tcp::Socket<'_>>(socket);
        let context = link.rich_interface.context();
        let to = (IpAddress::v4(10, 7, 0, 2), port);
        socket.connect(context, to, 40_000 + port).expect("a port");
    }
    let (mut rising, mut falling) = ((0, 0), (0, 0));
    while (rising.1, falling.1) != (length, length) {
        assert!(link.millisecond < 120_000, "{rising:?} {falling:?}");
        let now = link.millisecond;
        for (_, side) in restarts.iter().filter(|(at, _)| *at == now) {
            link.restart(*side);
        }
        link.step();
        let critical = &mut link.critical_sockets;
        let rich = &mut link.rich_sockets;
        pump(
            rich.get_mut(up),
            critical.get_mut(sink),
            &mut rising,
            length,
        );
        pump(
            critical.get_mut(source),
            rich.get_mut(down),
            &mut falling,
            length,
        );
    }
    if restarts.is_empty() {
        let slots = u64::from(geometry().slots());
        assert_sum(link.critical.counters(), link.rich.port.counters(), slots);
        assert_sum(link.rich.port.counters(), link.critical.counters(), slots);
    }
    assert_eq!(
        link.critical.counters().violations,
        [0; Violation::ALL.len()]
    );
    assert_eq!(
        link.rich.port.counters().violations,
        [0; Violation::ALL.len()]
    );
}

/// An ARP reply that says where the critical end is: what `ip neighbour add` does.
fn static_neighbour() -> Vec<u8> {
    let arp = [
        &[0u8, 1, 8, 0, 6, 4, 0, 2][..],
        &CRITICAL.mac,
        &CRITICAL.address,
    ]
    .concat();
    let ethernet = [&RICH.mac[..], &CRITICAL.mac, &[8, 6]].concat();
    [ethernet, arp, RICH.mac.to_vec(), RICH.address.to_vec()].concat()
}

/// Sends an echo request every `pause` milliseconds; how many of them were answered.
fn ping(link: &mut Link<'_>, count: u16, pause: i64) -> u16 {
    // Both ends have begun before the first asks by ARP: a lost request is repeated after a second only.
    link.step();
    link.step();
    let packets = || {
        let metadata = vec![icmp::PacketMetadata::EMPTY; 4].leak();
        icmp::PacketBuffer::new(&mut metadata[..], vec![0u8; 2048].leak() as &mut [u8])
    };
    let mut socket = icmp::Socket::new(packets(), packets());
    socket
        .bind(icmp::Endpoint::Ident(7))
        .expect("an identifier");
    let socket = link.rich_sockets.add(socket);
    let mut answers = 0;
    for seq_no in 0..count {
        let request = Icmpv4Repr::EchoRequest {
            ident: 7,
            seq_no,
            data: &[0x5a; 400],
        };
        let to = IpAddress::v4(10, 7, 0, 2);
        let pinger = link.rich_sockets.get_mut::<icmp::Socket<'_>>(socket);
        let room = pinger.send(request.buffer_len(), to).expect("room");
        request.emit(
            &mut Icmpv4Packet::new_unchecked(room),
            &ChecksumCapabilities::default(),
        );
        for _ in 0..pause {
            link.step();
        }
        let pinger = link.rich_sockets.get_mut::<icmp::Socket<'_>>(socket);
        while pinger.can_recv() {
            let (answer, _) = pinger.recv().expect("an answer");
            assert_eq!(answer[8..], [0x5a; 400]);
            answers += 1;
        }
    }
    answers
}

#[test]
fn every_ping_is_answered() {
    let (ram, epochs) = (Ram::new(geometry()), RefCell::new(Epochs::default()));
    let mut link = Link::new(&ram, &epochs, None);
    assert_eq!(ping(&mut link, 50, 3), 50);
    assert_sum(link.rich.port.counters(), link.critical.counters(), 0);
    assert_sum(link.critical.counters(), link.rich.port.counters(), 0);
}

/// With pauses in which a stack forgets what it learned from ARP.
#[test]
fn a_static_neighbour_needs_no_arp() {
    let (ram, epochs) = (Ram::new(geometry()), RefCell::new(Epochs::default()));
    let mut link = Link::new(&ram, &epochs, Some(RICH));
    for _ in 0..3 {
        link.rich.told = Some(static_neighbour());
        assert_eq!(ping(&mut link, 2, 3), 2);
        for _ in 0..70_000 {
            link.step();
        }
    }
    // Without being told, the other stack asks by ARP, which the filter refuses.
    assert_eq!(ping(&mut link, 2, 3), 0);
    assert!(link.critical.dropped()[Refusal::EtherType as usize] > 0);
    assert_eq!(link.rich.port.counters().received, 6, "answers, and no ARP");
}

/// A datagram for the critical end, its checksum right.
fn datagram() -> Vec<u8> {
    let text = b"odd length!";
    let ports_and_length = [0x13, 0x88, 0x13, 0x88, 0, 8 + text.len() as u8];
    let addresses = [RICH.address, CRITICAL.address].concat();
    let pseudo = [&addresses[..], &[0, 17, 0, 8 + text.len() as u8]].concat();
    let segment = [&ports_and_length[..], &[0, 0], text].concat();
    let checksum = !sum(&[pseudo, segment].concat());
    let ip = [0x45, 0, 0, 28 + text.len() as u8, 0, 0, 0, 0, 64, 17];
    let header = !sum(&[&ip[..], &addresses].concat());
    [
        &CRITICAL.mac[..],
        &RICH.mac,
        &[8, 0],
        &ip,
        &header.to_be_bytes(),
        &addresses,
        &ports_and_length,
        &checksum.to_be_bytes(),
        text,
    ]
    .concat()
}

#[test]
fn what_is_damaged_does_not_reach_the_stack() {
    let (ram, epochs) = (Ram::new(geometry()), RefCell::new(Epochs::default()));
    let mut link = Link::new(&ram, &epochs, None);
    (0..2).for_each(|_| link.step());
    let good = datagram();
    link.rich.port.send(&good).expect("room");
    link.step();
    assert!(link.critical.counters().received > 0);
    assert_eq!(link.critical.dropped(), &[0; 10]);
    for at in [40, good.len() - 1] {
        let mut damaged = good.clone();
        damaged[at] ^= 1;
        link.rich.port.send(&damaged).expect("room");
        link.step();
    }
    let mut refused = [0; 10];
    refused[cofferdam_net::DAMAGED] = 2;
    assert_eq!(link.critical.dropped(), &refused);
}

#[test]
fn bytes_pass_both_ways_whole_and_in_order() {
    bulk(200_000, &[]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn restarts_of_drivers_lose_no_byte_of_a_stream(
        restarts in prop::collection::vec((1..400i64, prop_oneof![Just(Side::First), Just(Side::Second)]), 1..8),
    ) {
        bulk(40_000, &restarts);
    }
}
