//! What the visitor does, by a stack of its own.

use core::arch::asm;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::socket::{icmp, tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, Icmpv4Packet, Icmpv4Repr, IpAddress, IpCidr};

use crate::console;
use crate::console::generated::channel::net0;
use crate::device::{Device, LONGEST};

const IDENTIFIER: u16 = 7;
/// Milliseconds that an answer may take.
const PATIENCE: i64 = 3_000;
/// Milliseconds of flood.
const FLOOD: i64 = 300;

/// Memory of the sockets.
pub struct Buffers {
    tcp: [[u8; 4096]; 2],
    udp: [[u8; 2048]; 2],
    icmp: [[u8; 2048]; 2],
    udp_metadata: [[udp::PacketMetadata; 2]; 2],
    icmp_metadata: [[icmp::PacketMetadata; 2]; 2],
}

impl Buffers {
    /// Empty.
    pub const fn new() -> Self {
        Self {
            tcp: [[0; 4096]; 2],
            udp: [[0; 2048]; 2],
            icmp: [[0; 2048]; 2],
            udp_metadata: [[udp::PacketMetadata::EMPTY; 2]; 2],
            icmp_metadata: [[icmp::PacketMetadata::EMPTY; 2]; 2],
        }
    }
}

/// Room for the sockets.
pub fn storage<'a>() -> [SocketStorage<'a>; 3] {
    [SocketStorage::EMPTY; 3]
}

/// The visitor's stack.
pub struct Visit<'a> {
    device: Device,
    interface: Interface,
    sockets: SocketSet<'a>,
    page: SocketHandle,
    datagrams: SocketHandle,
    pings: SocketHandle,
    /// The next own port.
    port: u16,
}

fn cluster() -> IpAddress {
    let [a, b, c, d] = net0::PEER_ADDRESS;
    IpAddress::v4(a, b, c, d)
}

/// Milliseconds since power-on.
fn now() -> i64 {
    let (ticks, frequency): (u64, u64);
    // SAFETY: reads the counter (Arm ARM, CNTPCT_EL0) and its frequency.
    unsafe {
        asm!("isb", "mrs {}, cntpct_el0", "mrs {}, cntfrq_el0", out(reg) ticks, out(reg) frequency, options(nomem, nostack));
    }
    (ticks / (frequency / 1_000)) as i64
}

impl<'a> Visit<'a> {
    /// A stack that has sent nothing yet.
    pub fn new(buffers: &'a mut Buffers, storage: &'a mut [SocketStorage<'a>; 3]) -> Self {
        let mut device = Device::new();
        let address = EthernetAddress(net0::MAC);
        let mut interface = Interface::new(Config::new(address.into()), &mut device, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            let [a, b, c, d] = net0::ADDRESS;
            let own = IpCidr::new(IpAddress::v4(a, b, c, d), net0::PREFIX);
            addresses.push(own).expect("room");
        });
        let mut sockets = SocketSet::new(&mut storage[..]);
        let [received, sent] = &mut buffers.tcp;
        let page = tcp::Socket::new(
            tcp::SocketBuffer::new(&mut received[..]),
            tcp::SocketBuffer::new(&mut sent[..]),
        );
        let [received, sent] = &mut buffers.udp;
        let [of_received, of_sent] = &mut buffers.udp_metadata;
        let datagrams = udp::Socket::new(
            udp::PacketBuffer::new(&mut of_received[..], &mut received[..]),
            udp::PacketBuffer::new(&mut of_sent[..], &mut sent[..]),
        );
        let [received, sent] = &mut buffers.icmp;
        let [of_received, of_sent] = &mut buffers.icmp_metadata;
        let pings = icmp::Socket::new(
            icmp::PacketBuffer::new(&mut of_received[..], &mut received[..]),
            icmp::PacketBuffer::new(&mut of_sent[..], &mut sent[..]),
        );
        Self {
            device,
            interface,
            page: sockets.add(page),
            datagrams: sockets.add(datagrams),
            pings: sockets.add(pings),
            sockets,
            port: 40_000,
        }
    }

    /// A turn of the stack, and of the cluster on the same core.
    fn turn(&mut self) {
        self.device.port.poll();
        let now = Instant::from_millis(now());
        self.interface
            .poll(now, &mut self.device, &mut self.sockets);
        // SAFETY: a hint; an emulator that runs one core at a time goes on to the next here.
        unsafe { asm!("yield", options(nomem, nostack)) }
    }

    /// Turns until `done` answers something.
    fn until<T>(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> Option<T>) -> T {
        let end = now() + PATIENCE;
        loop {
            self.turn();
            if let Some(answer) = done(self) {
                return answer;
            }
            assert!(now() < end, "no {what}");
        }
    }

    /// Until both ends are in one epoch.
    pub fn wait_for_link(&mut self) {
        self.until("link", |it| it.device.port.can_send().then_some(()));
    }

    /// Echo requests of several lengths, one after the other.
    pub fn ping(&mut self, count: u16) {
        for seq_no in 0..count {
            self.until("answer to a ping", |it| {
                let pings = it.sockets.get_mut::<icmp::Socket<'_>>(it.pings);
                if !pings.is_open() {
                    let bound = pings.bind(icmp::Endpoint::Ident(IDENTIFIER));
                    bound.expect("an identifier");
                }
                let bytes = [0x5a; 1472];
                let request = Icmpv4Repr::EchoRequest {
                    ident: IDENTIFIER,
                    seq_no,
                    data: &bytes[..usize::from(seq_no % 4) * 490],
                };
                let room = pings.send(request.buffer_len(), cluster()).ok()?;
                let checksums = ChecksumCapabilities::default();
                request.emit(&mut Icmpv4Packet::new_unchecked(room), &checksums);
                Some(())
            });
            self.until("answer to a ping", |it| {
                let pings = it.sockets.get_mut::<icmp::Socket<'_>>(it.pings);
                let (answer, _) = pings.recv().ok()?;
                let answer = Icmpv4Packet::new_checked(answer).expect("ICMP");
                assert!(answer.echo_seq_no() == seq_no, "another ping's answer");
                Some(())
            });
        }
        console::line(format_args!("visitor: {count} pings answered"));
    }

    /// Reads the page and the status in one connection.
    pub fn page(&mut self) {
        self.port += 1;
        let page = self.sockets.get_mut::<tcp::Socket<'_>>(self.page);
        page.abort();
        let context = self.interface.context();
        page.connect(context, (cluster(), 80), self.port)
            .expect("a port");
        self.until("connection", |it| {
            let page = it.sockets.get_mut::<tcp::Socket<'_>>(it.page);
            page.may_send().then_some(())
        });
        let mut answer = [0; 4096];
        let page = self.get("/", b"</html>\n", &mut answer);
        console::line(format_args!("visitor: the page has {} bytes", page.len()));
        let status = self.get("/status.json", b"}", &mut answer);
        let (_, status) = status.split_once("\r\n\r\n").expect("a body");
        console::line(format_args!("visitor: status {status}"));
        let page = self.sockets.get_mut::<tcp::Socket<'_>>(self.page);
        page.close();
    }

    /// Asks for `path`, and answers all that comes until `end`.
    fn get<'b>(&mut self, path: &str, end: &[u8], answer: &'b mut [u8]) -> &'b str {
        let page = self.sockets.get_mut::<tcp::Socket<'_>>(self.page);
        for piece in ["GET ", path, " HTTP/1.1\r\nHost: cluster\r\n\r\n"] {
            assert_eq!(page.send_slice(piece.as_bytes()), Ok(piece.len()));
        }
        let mut length = 0;
        self.until("answer to a request", |it| {
            let page = it.sockets.get_mut::<tcp::Socket<'_>>(it.page);
            length += page.recv_slice(&mut answer[length..]).expect("open");
            answer[..length].ends_with(end).then_some(())
        });
        core::str::from_utf8(&answer[..length]).expect("text")
    }

    /// Datagrams that come back.
    pub fn datagrams(&mut self) {
        let datagrams = self.sockets.get_mut::<udp::Socket<'_>>(self.datagrams);
        datagrams.bind(6000).expect("a port");
        for length in [1, 512, 1472] {
            let datagrams = self.sockets.get_mut::<udp::Socket<'_>>(self.datagrams);
            let bytes = [length as u8; 1472];
            let sent = datagrams.send_slice(&bytes[..length], (cluster(), 5000));
            sent.expect("room");
            self.until("echo of a datagram", |it| {
                let datagrams = it.sockets.get_mut::<udp::Socket<'_>>(it.datagrams);
                let (back, _) = datagrams.recv().ok()?;
                assert!(back == &bytes[..length], "another datagram");
                Some(())
            });
        }
        console::line(format_args!("visitor: datagrams came back"));
    }

    /// Fills the ring as fast as it can: frames to nobody, longest and shortest, and SYNs to the page. Answers how many.
    pub fn flood(&mut self) -> u64 {
        let end = now() + FLOOD;
        let mut frame = [0u8; LONGEST];
        frame[..6].copy_from_slice(&net0::PEER_MAC);
        frame[6..12].copy_from_slice(&net0::MAC);
        // IPv4, TCP, to port 80; sequence numbers and checksums are what they are.
        frame[12..26].copy_from_slice(&[8, 0, 0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0]);
        frame[26..30].copy_from_slice(&net0::ADDRESS);
        frame[30..34].copy_from_slice(&net0::PEER_ADDRESS);
        frame[37] = 80;
        frame[46..48].copy_from_slice(&[0x50, 2]);
        let mut sent = 0;
        while now() < end {
            let length = match sent % 3 {
                0 => 1,
                1 => 54,
                _ => LONGEST,
            };
            sent += u64::from(self.device.port.send(&frame[..length]).is_ok());
        }
        sent
    }
}
