//! The other end writes what it likes: into its section, and frames that are well-formed and are not.

use super::*;
use cofferdam_abi::virtualnet::section;
use cofferdam_channel::memory::Memory;
use smoltcp::wire::*;

/// What a hostile end does in a millisecond.
#[derive(Clone, Debug)]
enum Act {
    /// Writes a word of its section.
    Write(usize, u32),
    /// Sends bytes.
    Bytes(Vec<u8>),
    /// Sends a TCP segment with right checksums, to either port.
    Segment(bool, TcpControl, u32, Option<u32>, u16, usize),
    /// Sends any IPv4 packet to the station, with a right header checksum.
    Packet(u8, Vec<u8>),
    /// Asks for another epoch.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let hot = prop_oneof![
        Just(section::EPOCH),
        Just(section::PROD),
        Just(section::CONS),
        (0..geometry().section() / 4).prop_map(|n| n * 4),
    ];
    let word = prop_oneof![0..20u32, any::<u32>()];
    let control = prop_oneof![
        Just(TcpControl::None),
        Just(TcpControl::Psh),
        Just(TcpControl::Syn),
        Just(TcpControl::Fin),
        Just(TcpControl::Rst),
    ];
    let number = prop_oneof![0..3000u32, any::<u32>()];
    let bytes = |most| prop::collection::vec(any::<u8>(), 0..most);
    prop_oneof![
        1 => (hot, word).prop_map(|(at, word)| Act::Write(at, word)),
        2 => bytes(614usize).prop_map(Act::Bytes),
        8 => (any::<bool>(), control, number.clone(), prop::option::of(number), any::<u16>(), 0..500usize)
            .prop_map(|(sink, control, seq, ack, window, length)| Act::Segment(sink, control, seq, ack, window, length)),
        4 => (any::<u8>(), bytes(90)).prop_map(|(protocol, bytes)| Act::Packet(protocol % 20, bytes)),
        1 => Just(Act::Restart),
    ]
}

/// An Ethernet and IPv4 header for `payload` bytes, which `emit` writes.
fn packet(protocol: IpProtocol, payload: usize, emit: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let [from, to] = [RICH, CRITICAL].map(|it| Ipv4Address::from(it.address));
    let header = Ipv4Repr {
        src_addr: from,
        dst_addr: to,
        next_header: protocol,
        payload_len: payload,
        hop_limit: 64,
    };
    let mut frame = vec![0; 14 + header.buffer_len() + payload];
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame);
    ethernet.set_dst_addr(EthernetAddress(CRITICAL.mac));
    ethernet.set_src_addr(EthernetAddress(RICH.mac));
    ethernet.set_ethertype(EthernetProtocol::Ipv4);
    let mut ip = Ipv4Packet::new_unchecked(ethernet.payload_mut());
    header.emit(&mut ip, &ChecksumCapabilities::default());
    emit(ip.payload_mut());
    frame
}

fn segment(
    sink: bool,
    control: TcpControl,
    seq: u32,
    ack: Option<u32>,
    window: u16,
    length: usize,
) -> Vec<u8> {
    let payload = vec![0x33; length];
    let repr = TcpRepr {
        src_port: 40_000,
        dst_port: if sink { SINK } else { SOURCE },
        control,
        seq_number: TcpSeqNumber(seq.cast_signed()),
        ack_number: ack.map(|ack| TcpSeqNumber(ack.cast_signed())),
        window_len: window,
        window_scale: window.is_multiple_of(3).then_some((window % 15) as u8),
        max_seg_size: window.is_multiple_of(2).then_some(window),
        sack_permitted: window.is_multiple_of(5),
        sack_ranges: [None; 3],
        timestamp: None,
        payload: &payload,
    };
    let [from, to] = [RICH, CRITICAL].map(|it| Ipv4Address::from(it.address).into());
    packet(IpProtocol::Tcp, repr.buffer_len(), |bytes| {
        let mut tcp = TcpPacket::new_unchecked(bytes);
        repr.emit(&mut tcp, &from, &to, &ChecksumCapabilities::default());
    })
}

fn play(link: &mut Link<'_>, act: &Act) {
    let frame = match act {
        Act::Write(at, word) => {
            let start = geometry().start(Side::First);
            link.ram.shared().store(start + at, *word);
            return;
        }
        Act::Restart => {
            link.restart(Side::First);
            return;
        }
        Act::Bytes(bytes) => bytes.clone(),
        Act::Segment(sink, control, seq, ack, window, length) => {
            segment(*sink, *control, *seq, *ack, *window, *length)
        }
        Act::Packet(protocol, bytes) => packet((*protocol).into(), bytes.len(), |to| {
            to.copy_from_slice(bytes);
        }),
    };
    let _refused = link.rich.port.send(&frame);
}

/// Listens again where the attacker left a socket.
fn serve(link: &mut Link<'_>, sockets: [(SocketHandle, u16); 2]) {
    for (socket, port) in sockets {
        let socket = link.critical_sockets.get_mut::<tcp::Socket<'_>>(socket);
        if !socket.is_open() {
            socket.listen(port).expect("a port");
        }
        if socket.can_recv() {
            socket.recv(|bytes| (bytes.len(), ())).expect("open");
        }
        if socket.can_send() {
            socket.send_slice(&[1; 99]).expect("open");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// No panic, no more work than a poll may cost (asserted in `poll`), and honest traffic afterwards.
    #[test]
    fn whatever_the_other_end_sends(acts in prop::collection::vec(act(), 1..200), neighbour: bool) {
        let (ram, epochs) = (Ram::new(geometry()), RefCell::new(Epochs::default()));
        let mut link = Link::new(&ram, &epochs, neighbour.then_some(RICH));
        let sockets = [SINK, SOURCE].map(|port| (tcp_socket(&mut link.critical_sockets), port));
        for act in &acts {
            // The honest driver's part is only to keep the ring going.
            link.rich.port.poll();
            play(&mut link, act);
            link.millisecond += 1;
            let turns = poll(
                &mut link.critical,
                &mut link.critical_interface,
                &mut link.critical_sockets,
                link.millisecond,
            );
            prop_assert!(turns <= FRAMES + 1);
            serve(&mut link, sockets);
        }
        link.restart(Side::First);
        // Longer than a stack is silent after a question that nobody answered.
        for _ in 0..1_100 {
            link.step();
        }
        link.rich.told = Some(static_neighbour());
        // The first may be lost to a stack that asks for its neighbour only now.
        prop_assert!(ping(&mut link, 4, 4) >= 3);
    }
}
