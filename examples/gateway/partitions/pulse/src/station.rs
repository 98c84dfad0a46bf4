//! The pulse's end of the channel `net0`: it answers pings, serves its account as a page, and tests of `iperf3`, in the partition's slack:
//! a release interrupts it anywhere, so no job waits for a frame, however long that takes. Once a period it takes what has come, and no more
//! than the description allows; what it cannot do in one it does in the next ones.

use core::fmt::Write;

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::accept::Accept;
use cofferdam_channel::endpoint::Configuration;
use cofferdam_channel::memory::Frame;
use cofferdam_channel::shared::Shared;
use cofferdam_net::iperf::{self, Iperf};
use cofferdam_net::{Allowance, Buffers, Device};
use cofferdam_partition::channel::{self, Calls};
use cofferdam_partition::hardware::Region;
use cofferdam_partition::slack::{self, Stack};
use cofferdam_partition::{interrupts, time};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

use crate::account::RATE;
use crate::task::ACCOUNT;
use crate::task::generated::channel::net0;

/// The channel's memory.
pub const CHANNEL: Region = Region::new(net0::MEMORY);
const PORT: u16 = 80;
/// Frames that a period takes at most.
const FRAMES: u32 = if UNBOUNDED { u32::MAX } else { 2 };
/// A positive control: what comes is taken for as long as it comes, and no release interrupts that.
const UNBOUNDED: bool = cfg!(feature = "weaken-slack");
/// Of the longest request that is looked for an end, and of the longest page.
const REQUEST: usize = 512;
const PAGE: usize = 512;
/// That of the page, and two of `iperf3`.
const SOCKETS: usize = 3;

const GEOMETRY: Geometry = match Geometry::new(net0::SLOTS, net0::MTU) {
    Ok(geometry) => geometry,
    Err(_) => panic!("the description's check let no such channel pass"),
};
const _: () = assert!(!net0::SIPHASH, "the pulse makes no tags");
const LONGEST: usize = GEOMETRY.frame_max() as usize;
const SIDE: Side = match net0::SIDE {
    0 => Side::First,
    _ => Side::Second,
};
const ACCEPT: Accept<'static> = Accept {
    mac: net0::MAC,
    address: net0::ADDRESS,
    arp: true,
    echo: net0::ACCEPT_ECHO,
    tcp: net0::ACCEPT_TCP,
    udp: net0::ACCEPT_UDP,
};

/// All memory of the station: it lives as long as the partition.
struct Memory<'a> {
    received: Frame<LONGEST>,
    sent: Frame<LONGEST>,
    request: [u8; REQUEST],
    page: [u8; PAGE],
    iperf: iperf::Buffers,
    sockets: [SocketStorage<'a>; SOCKETS],
}

impl Memory<'_> {
    /// Empty.
    fn new() -> Self {
        Self {
            received: Frame([0; LONGEST]),
            sent: Frame([0; LONGEST]),
            request: [0; REQUEST],
            page: [0; PAGE],
            iperf: iperf::Buffers::new(),
            sockets: [SocketStorage::EMPTY; SOCKETS],
        }
    }
}

static STACK: Stack<{ 64 << 10 }> = Stack::new();

/// Gives the partition this work. Called once, at its start.
pub fn begin() {
    // SAFETY: before the main loop, once, and the stack is this module's.
    unsafe { slack::begin(&STACK, work) }
}

fn work() -> ! {
    let mut memory = Memory::new();
    let mut station = Station::start(&mut memory);
    loop {
        if UNBOUNDED {
            interrupts::mask();
        }
        station.turn(ACCOUNT.jobs());
        slack::pause();
    }
}

/// The station.
struct Station<'a> {
    device: Device<'a, Shared, Calls>,
    interface: Interface,
    sockets: SocketSet<'a>,
    page: SocketHandle,
    iperf: Iperf,
}

impl<'a> Station<'a> {
    /// A station that begins with the first period.
    #[expect(
        clippy::expect_used,
        reason = "a wrong description stops the partition at its start"
    )]
    fn start(memory: &'a mut Memory<'a>) -> Self {
        let configuration = Configuration {
            geometry: GEOMETRY,
            side: SIDE,
            checksum: channel::checksum(net0::CRC),
        };
        // SAFETY: the memory is in `HARDWARE`, and used here alone.
        let port = unsafe { channel::open(net0::NUMBER, CHANNEL, configuration) };
        let bytes = net0::BYTES.filter(|_| !UNBOUNDED);
        let bytes = bytes.map_or(u32::MAX, |it| u32::try_from(it).unwrap_or(u32::MAX));
        let allowance = Allowance::new((FRAMES, bytes), GEOMETRY.frame_max(), PERIODS_A_SECOND);
        let buffers = Buffers {
            received: &mut memory.received.0,
            sent: &mut memory.sent.0,
        };
        let port = port.expect("the channel's memory");
        let mut device = Device::new(port, ACCEPT, None, allowance, buffers).expect("buffers");
        let mut sockets = SocketSet::new(&mut memory.sockets[..]);
        let page = sockets.add(tcp::Socket::new(
            tcp::SocketBuffer::new(&mut memory.request[..]),
            tcp::SocketBuffer::new(&mut memory.page[..]),
        ));
        Self {
            interface: interface(&mut device),
            device,
            iperf: Iperf::new(&mut memory.iperf, &mut sockets),
            sockets,
            page,
        }
    }

    /// The work of a period, the one after this many jobs.
    fn turn(&mut self, jobs: u64) {
        let now = Instant::from_millis(i64::try_from(jobs).unwrap_or(i64::MAX));
        let (device, sockets) = (&mut self.device, &mut self.sockets);
        device.poll(jobs);
        while device.more() {
            self.interface.poll_ingress_single(now, device, sockets);
            if UNBOUNDED {
                // Who sends has to run meanwhile: an emulator goes on to the other harts here.
                core::hint::spin_loop();
            }
        }
        serve(sockets.get_mut(self.page));
        self.iperf.serve(sockets, now);
        self.interface.poll_egress(now, device, sockets);
    }
}

/// The allowance's counter counts periods.
const PERIODS_A_SECOND: u32 = 1_000;
const _: () = assert!(RATE == PERIODS_A_SECOND as u64);

/// Answers whatever is asked by the page, once to a connection (RFC 1945). One that does not fit is cut.
fn serve(socket: &mut tcp::Socket<'_>) {
    if !socket.is_active() {
        if !socket.is_listening() {
            socket.abort();
            // The port is not 0, and the socket was just closed.
            let _listening = socket.listen(PORT);
        }
        return;
    }
    let has_ended = |request: &[u8]| request.windows(4).any(|it| it == b"\r\n\r\n");
    let asked = socket.recv(|request| {
        let ended = has_ended(request) || request.len() == REQUEST;
        (if ended { request.len() } else { 0 }, ended)
    });
    match asked {
        Ok(true) => {
            let _cut = write!(
                socket,
                "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n{ACCOUNT}"
            );
            socket.close();
        }
        // It is done, and asked nothing.
        _ if socket.state() == tcp::State::CloseWait => socket.close(),
        _ => {}
    }
}

fn interface(device: &mut Device<'_, Shared, Calls>) -> Interface {
    let mut config = Config::new(EthernetAddress(net0::MAC).into());
    // For numbers that are hard to guess from outside of the link; the other end sees them anyway.
    config.random_seed = time::now();
    let mut interface = Interface::new(config, device, Instant::ZERO);
    interface.update_ip_addrs(|addresses| {
        let [a, b, c, d] = net0::ADDRESS;
        // The first of two that there is room for.
        let _full = addresses.push(IpCidr::new(IpAddress::v4(a, b, c, d), net0::PREFIX));
    });
    interface
}
