//! The critical partition of the network's benchmarks: an IP stack at the end of a channel that is looked at at each tick.
//!
//! It answers pings, takes what comes to one TCP port and sends without end to who connects to another. It looks at none of these
//! bytes: what is measured is the way to here.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::accept::Accept;
use cofferdam_channel::endpoint::Configuration;
use cofferdam_channel::memory::Frame;
use cofferdam_channel::shared::Shared;
use cofferdam_net::{Allowance, Buffers, Device};
use cofferdam_partition::channel::{self, Calls};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts;
use cofferdam_partition::time::{self, PeriodicTimer};
use generated::channel::net0;
use smoltcp::iface::{
    Config, Interface, PollIngressSingleResult, PollResult, SocketSet, SocketStorage,
};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

#[expect(
    dead_code,
    reason = "the numbers of all devices are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

const CHANNEL: Region = Region::new(net0::MEMORY);

const OWNED: Hardware = Hardware {
    channels: &[CHANNEL],
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
    ..Hardware::new(
        InterruptController::new(
            generated::interrupt_controller::VERSION,
            generated::interrupt_controller::REGISTERS,
        ),
        Region::new(generated::device::uart_secure::REGISTERS),
    )
};

cofferdam_partition::entry!(main, OWNED);

/// Looks a second: so many that Linux, which does not wait for an answer to each segment, never has to.
const RATE: u32 = 10_000;
/// Where bytes are taken.
const SINK: u16 = 5001;
/// Where they are sent from.
const SOURCE: u16 = 5002;
/// Bytes that wait, in each direction: more than come between two looks.
const WINDOW: usize = 256 << 10;
/// The same where none are meant to come.
const LITTLE: usize = 64;

const GEOMETRY: Geometry = match Geometry::new(net0::SLOTS, net0::MTU) {
    Ok(geometry) => geometry,
    Err(_) => panic!("the description's check let no such channel pass"),
};
const LONGEST: usize = GEOMETRY.frame_max() as usize;

const ACCEPT: Accept<'static> = Accept {
    mac: net0::MAC,
    address: net0::ADDRESS,
    arp: true,
    echo: net0::ACCEPT_ECHO,
    tcp: net0::ACCEPT_TCP,
    udp: net0::ACCEPT_UDP,
};

static TIMER: PeriodicTimer = PeriodicTimer::new();
static TICKS: AtomicU64 = AtomicU64::new(0);

fn on_timer() {
    if TIMER.take_release().is_some() {
        TICKS.fetch_add(1, Ordering::Relaxed);
    }
}

type Link<'a> = Device<'a, Shared, Calls>;

fn main(_argument: u64) -> ! {
    let (mut received, mut sent) = (Frame([0; LONGEST]), Frame([0; LONGEST]));
    let mut device = device(Buffers {
        received: &mut received.0,
        sent: &mut sent.0,
    });
    let mut interface = interface(&mut device);
    let mut storage = [SocketStorage::EMPTY; 2];
    let mut sockets = SocketSet::new(&mut storage[..]);
    let (mut taken, mut given) = ([0; WINDOW], [0; WINDOW]);
    let (mut unsent, mut ignored) = ([0; LITTLE], [0; LITTLE]);
    let sink = socket(&mut taken, &mut unsent);
    let source = socket(&mut ignored, &mut given);
    let (sink, source) = (sockets.add(sink), sockets.add(source));
    TIMER.start(time::frequency() / u64::from(RATE));
    let mut seen = 0;
    loop {
        let ticks = TICKS.load(Ordering::Relaxed);
        if ticks == seen {
            interrupts::idle_unless(|| TICKS.load(Ordering::Relaxed) != seen);
            continue;
        }
        seen = ticks;
        let microseconds = ticks * 1_000_000 / u64::from(RATE);
        let now = Instant::from_micros(i64::try_from(microseconds).unwrap_or(i64::MAX));
        device.poll(ticks);
        let mut came = false;
        while device.more() {
            let result = interface.poll_ingress_single(now, &mut device, &mut sockets);
            came |= result != PollIngressSingleResult::None;
        }
        if came || ticks.is_multiple_of(100) {
            take(sockets.get_mut(sink));
            give(sockets.get_mut(source));
            // One frame of each socket, until all have sent what they may or the ring is full.
            while interface.poll_egress(now, &mut device, &mut sockets) != PollResult::None {}
        }
    }
}

fn device(buffers: Buffers<'_>) -> Link<'_> {
    let configuration = Configuration {
        geometry: GEOMETRY,
        side: match net0::SIDE {
            0 => Side::First,
            _ => Side::Second,
        },
        checksum: channel::checksum(net0::CRC),
    };
    // SAFETY: the memory is in `OWNED`, and used here alone.
    let port = unsafe { channel::open(net0::NUMBER, CHANNEL, configuration) };
    let allowance = Allowance::new((net0::SLOTS, u32::MAX), GEOMETRY.frame_max(), RATE);
    let device = port
        .ok()
        .and_then(|port| Device::new(port, ACCEPT, None, allowance, buffers));
    match device {
        Some(device) => device.with_sum(channel::INTERNET_SUM),
        None => panic!("the channel's memory, or the buffers"),
    }
}

fn interface(device: &mut Link<'_>) -> Interface {
    let config = Config::new(EthernetAddress(net0::MAC).into());
    let mut interface = Interface::new(config, device, Instant::ZERO);
    interface.update_ip_addrs(|addresses| {
        let [a, b, c, d] = net0::ADDRESS;
        // The first of two that there is room for.
        let _full = addresses.push(IpCidr::new(IpAddress::v4(a, b, c, d), net0::PREFIX));
    });
    interface
}

fn socket<'a>(received: &'a mut [u8], sent: &'a mut [u8]) -> tcp::Socket<'a> {
    tcp::Socket::new(
        tcp::SocketBuffer::new(received),
        tcp::SocketBuffer::new(sent),
    )
}

/// Listens again after a connection's end.
fn keep_open(socket: &mut tcp::Socket<'_>, port: u16) {
    if socket.state() == tcp::State::CloseWait {
        socket.abort();
    }
    if !socket.is_open() {
        // The port is not 0, and the socket is closed.
        let _listening = socket.listen(port);
    }
}

fn take(socket: &mut tcp::Socket<'_>) {
    while socket.can_recv() {
        // There is something, as was just asked.
        let _taken = socket.recv(|bytes| (bytes.len(), ()));
    }
    keep_open(socket, SINK);
}

fn give(socket: &mut tcp::Socket<'_>) {
    while socket.can_send() {
        // There is room, as was just asked.
        let _given = socket.send(|room| (room.len(), ()));
    }
    keep_open(socket, SOURCE);
}
