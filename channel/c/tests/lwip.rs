//! lwIP over the C library at one end, smoltcp over the Rust device at the other.
#![cfg(lwip)]
#![expect(unsafe_code, reason = "calls C")]

mod monitor;

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::accept::Accept;
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{Checksum, Configuration};
use cofferdam_channel::port::Port;
use cofferdam_channel::shared::Shared;
use cofferdam_channel_c::Channel;
use cofferdam_net::{Allowance, Buffers, Device};
use smoltcp::iface::{Config, Interface, SocketSet, SocketStorage};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::ptr::NonNull;
use std::time::Duration;

unsafe extern "C" {
    fn cofferdam_lwip_start(channel: *const Channel) -> i32;
    fn cofferdam_lwip_poll();
    fn cofferdam_lwip_refused() -> u32;
}

const FRAME: usize = 1514;

fn device(channel: &Channel) -> Device<'static, Shared, cofferdam_channel_c::Monitor> {
    let base = NonNull::new(channel.memory.cast()).expect("memory");
    // SAFETY: `channels` never frees it, and the other user is the other end.
    let memory = unsafe { Shared::new(base, channel.bytes) }.expect("aligned");
    let configuration = Configuration {
        geometry: Geometry::new(channel.slots, channel.mtu).expect("a ring"),
        side: Side::Second,
        checksum: Checksum::Crc32c(Engine::Table),
    };
    let accept = Accept {
        mac: [2, 0, 0, 0, 0, 2],
        address: [10, 7, 0, 1],
        arp: true,
        echo: false,
        tcp: &[4000, 4001],
        udp: &[],
    };
    let buffers = Buffers {
        received: vec![0; FRAME].leak(),
        sent: vec![0; FRAME].leak(),
    };
    let port = Port::new(memory, configuration, channel.monitor).expect("it fits");
    let allowance = Allowance::new((8, u32::MAX), 1514, 1_000);
    Device::new(port, accept, None, allowance, buffers).expect("buffers")
}

/// A connection to port `to`.
fn connect(interface: &mut Interface, (from, to): (u16, u16)) -> tcp::Socket<'static> {
    let buffer = || tcp::SocketBuffer::new(vec![0u8; 8192].leak() as &mut [u8]);
    let mut socket = tcp::Socket::new(buffer(), buffer());
    let to = (IpAddress::v4(10, 7, 0, 2), to);
    socket
        .connect(interface.context(), to, from)
        .expect("a port");
    socket
}

#[test]
fn lwip_echoes_what_smoltcp_sends() {
    let [of_lwip, of_smoltcp] = monitor::channels(16, 1500);
    // SAFETY: the channel lives for good.
    assert_eq!(unsafe { cofferdam_lwip_start(&of_lwip) }, 0);
    let mut device = device(&of_smoltcp);
    let config = Config::new(EthernetAddress([2, 0, 0, 0, 0, 2]).into());
    let mut interface = Interface::new(config, &mut device, Instant::ZERO);
    interface.update_ip_addrs(|addresses| {
        let own = IpCidr::new(IpAddress::v4(10, 7, 0, 1), 24);
        addresses.push(own).expect("room");
    });
    let mut storage = [SocketStorage::EMPTY, SocketStorage::EMPTY];
    let mut sockets = SocketSet::new(&mut storage[..]);
    let listed = sockets.add(connect(&mut interface, (4000, 7)));
    let refused = sockets.add(connect(&mut interface, (4001, 9)));
    let sent: Vec<u8> = (0..50_000u32).map(|n| (n * 7 + n / 251) as u8).collect();
    let (mut given, mut back) = (0, Vec::new());
    // lwIP's thread counts real time; without it, this takes a few hundred turns.
    for turn in 0..20_000i64 {
        let now = Instant::from_millis(turn);
        device.poll(turn.unsigned_abs());
        while device.more() {
            interface.poll_ingress_single(now, &mut device, &mut sockets);
        }
        interface.poll_egress(now, &mut device, &mut sockets);
        // SAFETY: it was started, and this is the one thread that polls.
        unsafe { cofferdam_lwip_poll() }
        let socket = sockets.get_mut::<tcp::Socket<'_>>(listed);
        if socket.can_send() {
            given += socket.send_slice(&sent[given..]).expect("open");
        }
        if socket.can_recv() {
            let more = socket.recv(|bytes| (bytes.len(), bytes.to_vec()));
            back.extend(more.expect("open"));
        }
        if back.len() == sent.len() {
            break;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    assert!(back == sent, "{} of {}", back.len(), sent.len());
    let never = sockets.get_mut::<tcp::Socket<'_>>(refused);
    assert_eq!(
        never.state(),
        tcp::State::SynSent,
        "a port that is not listed"
    );
    // SAFETY: reads a counter of the thread that polled.
    assert!(unsafe { cofferdam_lwip_refused() } > 0);
}
