//! The receive filter: what it accepts, the IP stack behind it reads in the same way.

use cofferdam_channel::accept::{Accept, Traffic};
use smoltcp::wire::{
    ArpPacket, EthernetFrame, EthernetProtocol, Icmpv4Message, Icmpv4Packet, IpProtocol,
    Ipv4Packet, TcpPacket, UdpPacket,
};

const MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
const ADDRESS: [u8; 4] = [10, 7, 0, 2];

/// Judges a frame by rules that its first byte chooses. Answers whether it is accepted.
pub fn accept(bytes: &[u8]) -> bool {
    let Some((rules, frame)) = bytes.split_first() else {
        return false;
    };
    let rule = |bit: u8| rules & (1 << bit) != 0;
    let ports = |bit| if rule(bit) { &[80, 5000][..] } else { &[] };
    let accept = Accept {
        mac: MAC,
        address: ADDRESS,
        arp: rule(0),
        echo: rule(1),
        tcp: ports(2),
        udp: ports(3),
    };
    let Ok(traffic) = accept.check(frame) else {
        return false;
    };
    let read = read(frame).expect("what is accepted can be read");
    assert_eq!(traffic, read);
    match traffic {
        Traffic::Arp => assert!(accept.arp),
        Traffic::Echo => assert!(accept.echo),
        Traffic::Tcp(port) => assert!(accept.tcp.contains(&port)),
        Traffic::Udp(port) => assert!(accept.udp.contains(&port)),
    }
    true
}

/// What a frame is to smoltcp, if it is for us.
fn read(frame: &[u8]) -> Option<Traffic> {
    let frame = EthernetFrame::new_checked(frame).ok()?;
    let to_me = frame.dst_addr().0 == MAC;
    match frame.ethertype() {
        EthernetProtocol::Arp if to_me || frame.dst_addr().is_broadcast() => {
            let packet = ArpPacket::new_checked(frame.payload()).ok()?;
            (packet.target_protocol_addr() == ADDRESS).then_some(Traffic::Arp)
        }
        EthernetProtocol::Ipv4 if to_me => read_ipv4(frame.payload()),
        _ => None,
    }
}

fn read_ipv4(packet: &[u8]) -> Option<Traffic> {
    let packet = Ipv4Packet::new_checked(packet).ok()?;
    let whole = !packet.more_frags() && packet.frag_offset() == 0;
    if !whole || packet.version() != 4 || packet.dst_addr().octets() != ADDRESS {
        return None;
    }
    match packet.next_header() {
        IpProtocol::Icmp => {
            let message = Icmpv4Packet::new_checked(packet.payload()).ok()?;
            (message.msg_type() == Icmpv4Message::EchoRequest).then_some(Traffic::Echo)
        }
        IpProtocol::Tcp => {
            let segment = TcpPacket::new_checked(packet.payload()).ok()?;
            Some(Traffic::Tcp(segment.dst_port()))
        }
        IpProtocol::Udp => {
            let datagram = UdpPacket::new_checked(packet.payload()).ok()?;
            Some(Traffic::Udp(datagram.dst_port()))
        }
        _ => None,
    }
}
