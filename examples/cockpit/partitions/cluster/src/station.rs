//! The cluster's end of the channel `net0` and the IP stack behind it, in the time that the control task leaves.
//!
//! Once a period it takes what has come, frame by frame and no more than the description allows. Each step is one
//! frame, or one turn of the sockets, so a release waits for no more than that.

use core::arch::asm;

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::accept::Accept;
use cofferdam_channel::authentication::{Build, Chosen};
use cofferdam_channel::endpoint::Configuration;
use cofferdam_channel::memory::Frame;
use cofferdam_channel::shared::Shared;
use cofferdam_cockpit_cluster::network::server::{self, SOCKETS, Server};
use cofferdam_cockpit_cluster::network::status::{Status, Traffic};
use cofferdam_net::{Allowance, Device, Neighbour};
use cofferdam_partition::channel::{self, Calls};
use cofferdam_partition::time;
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, SocketStorage};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

use crate::hardware::{CHANNEL, net0};
use crate::task::RATE;

/// Frames that a period takes at most.
const FRAMES: u32 = if UNBOUNDED { u32::MAX } else { 4 };
/// A positive control: what comes is taken for as long as it comes, in one step.
const UNBOUNDED: bool = cfg!(feature = "weaken-drain");
/// The sockets are looked at so often, whether anything came or not.
const AT_LEAST: Duration = Duration::from_millis(100);

/// What the build says of the ring.
pub const GEOMETRY: Geometry = match Geometry::new(net0::SLOTS, net0::MTU) {
    Ok(geometry) => geometry,
    Err(_) => panic!("the description's check let no such channel pass"),
};
/// Bytes of the longest frame.
pub const LONGEST: usize = GEOMETRY.frame_max() as usize;
/// The side of this end.
pub const SIDE: Side = match net0::SIDE {
    0 => Side::First,
    _ => Side::Second,
};

/// What the build says of frames' tags.
type Tags = Build<{ net0::SIPHASH }>;
/// The end of the channel.
type End<'a> = Device<'a, Shared, Calls, <Tags as Chosen>::Authentication>;

/// All memory of the station: it lives as long as the partition.
pub struct Memory<'a> {
    received: Frame<LONGEST>,
    sent: Frame<LONGEST>,
    buffers: server::Buffers,
    sockets: [SocketStorage<'a>; SOCKETS],
}

impl Memory<'_> {
    /// Empty.
    pub fn new() -> Self {
        Self {
            received: Frame([0; LONGEST]),
            sent: Frame([0; LONGEST]),
            buffers: server::Buffers::new(),
            sockets: [SocketStorage::EMPTY; SOCKETS],
        }
    }
}

/// What the next step does.
#[derive(Clone, Copy)]
enum Stage {
    Rest,
    Poll,
    Receive,
    Serve,
    Send,
}

/// The station.
pub struct Station<'a> {
    device: End<'a>,
    interface: Interface,
    server: Server<'a>,
    stage: Stage,
    now: Instant,
    /// When the sockets are to be looked at, should nothing come.
    due: Instant,
}

impl<'a> Station<'a> {
    /// A station that begins with the first period.
    #[expect(
        clippy::expect_used,
        reason = "a wrong description stops the partition at its start"
    )]
    pub fn start(memory: &'a mut Memory<'a>) -> Self {
        let configuration = Configuration {
            geometry: GEOMETRY,
            side: SIDE,
            checksum: channel::checksum(net0::CRC),
        };
        let tags = Tags::with(net0::KEY);
        // SAFETY: the memory is in `HARDWARE`, and used here alone.
        let port =
            unsafe { channel::open_authenticated(net0::NUMBER, CHANNEL, configuration, tags) };
        let bytes = net0::BYTES.map_or(u32::MAX, |it| u32::try_from(it).unwrap_or(u32::MAX));
        let allowance = Allowance::new((FRAMES, bytes), GEOMETRY.frame_max(), PERIODS_A_SECOND);
        let buffers = cofferdam_net::Buffers {
            received: &mut memory.received.0,
            sent: &mut memory.sent.0,
        };
        let port = port.expect("the channel's memory");
        let device = Device::new(port, ACCEPT, NEIGHBOUR, allowance, buffers).expect("buffers");
        let mut device = device.with_sum(channel::INTERNET_SUM);
        Self {
            interface: interface(&mut device),
            device,
            server: Server::new(&mut memory.buffers, &mut memory.sockets),
            stage: Stage::Rest,
            now: Instant::ZERO,
            due: Instant::ZERO,
        }
    }

    /// Begins the work of the period after this job. What is left of the last one's is done first.
    pub fn begin(&mut self, job: u64) {
        self.now = Instant::from_millis(i64::try_from(job).unwrap_or(i64::MAX));
        if matches!(self.stage, Stage::Rest) {
            self.stage = Stage::Poll;
        }
    }

    /// One step. Answers whether there may be more to do now.
    pub fn step(&mut self, status: impl Fn() -> Status) -> bool {
        self.stage = match self.stage {
            Stage::Rest => return false,
            Stage::Poll => {
                self.device.poll(self.now.total_millis().unsigned_abs());
                Stage::Receive
            }
            Stage::Receive if UNBOUNDED => {
                while self.device.more() {
                    self.receive();
                    give_way();
                }
                Stage::Serve
            }
            Stage::Receive => self.receive(),
            Stage::Serve => {
                let traffic = self.traffic();
                let status = || Status {
                    traffic,
                    ..status()
                };
                self.server.serve(self.now, status);
                Stage::Send
            }
            Stage::Send => {
                let sockets = &mut self.server.sockets;
                self.interface
                    .poll_egress(self.now, &mut self.device, sockets);
                let next = self.interface.poll_at(self.now, sockets);
                let latest = self.now + AT_LEAST;
                self.due = next.map_or(latest, |next| next.min(latest));
                Stage::Rest
            }
        };
        true
    }

    /// One slot of the ring.
    fn receive(&mut self) -> Stage {
        if !self.device.more() {
            return if self.now < self.due {
                Stage::Rest
            } else {
                Stage::Serve
            };
        }
        let (now, sockets) = (self.now, &mut self.server.sockets);
        let result = self
            .interface
            .poll_ingress_single(now, &mut self.device, sockets);
        if result != PollIngressSingleResult::None {
            self.due = now;
        }
        Stage::Receive
    }

    fn traffic(&self) -> Traffic {
        let counters = self.device.counters();
        let sum = |counts: &[u64]| {
            counts
                .iter()
                .fold(0, |sum: u64, it| sum.saturating_add(*it))
        };
        Traffic {
            sent: counters.sent,
            received: counters.received,
            refused: sum(self.device.dropped()),
            violations: sum(&counters.violations),
            epoch: self.device.epoch().get().into(),
        }
    }
}

/// The emulator goes on to Linux's other core: without it, that would stand still as long as this one is busy, and send nothing.
pub fn give_way() {
    // SAFETY: a hint (Arm ARM, YIELD).
    unsafe { asm!("yield", options(nomem, nostack, preserves_flags)) }
}

/// The allowance's counter counts periods.
const PERIODS_A_SECOND: u32 = 1_000;
const _: () = assert!(RATE == PERIODS_A_SECOND as u64);

/// Linux, where the description has it known without ARP.
const NEIGHBOUR: Option<Neighbour> = if net0::STATIC_NEIGHBOUR {
    let (mac, address) = (net0::PEER_MAC, net0::PEER_ADDRESS);
    Some(Neighbour { mac, address })
} else {
    None
};

/// What the description lets in.
const ACCEPT: Accept<'static> = Accept {
    mac: net0::MAC,
    address: net0::ADDRESS,
    arp: true,
    echo: net0::ACCEPT_ECHO,
    tcp: net0::ACCEPT_TCP,
    udp: net0::ACCEPT_UDP,
};

fn interface(device: &mut End<'_>) -> Interface {
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
