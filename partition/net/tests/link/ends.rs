//! The two ends of a link and the monitor between them: the critical one with the device of this crate, the other with
//! a stack that stands for Linux.

use crate::common::Ram;
use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::accept::Accept;
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{
    Budget, Checksum, Configuration, Counters, Epoch, Refused, Violation,
};
use cofferdam_channel::port::{Monitor, Port};
use cofferdam_channel::shared::Shared;
use cofferdam_net::{Allowance, Buffers, Device, Neighbour};
use smoltcp::iface::{Config, Interface, SocketSet, SocketStorage};
use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::cell::RefCell;

pub const CRITICAL: Neighbour = Neighbour {
    mac: [2, 0, 0, 0, 0, 1],
    address: [10, 7, 0, 2],
};
pub const RICH: Neighbour = Neighbour {
    mac: [2, 0, 0, 0, 0, 0],
    address: [10, 7, 0, 1],
};
/// Where the critical end takes in what it is sent, and where it sends.
pub const SINK: u16 = 80;
pub const SOURCE: u16 = 81;
/// A poll of the critical end, and ticks in a second.
pub const FRAMES: u32 = 4;
pub const FREQUENCY: u32 = 1_000;
const MTU: u32 = 600;
const LONGEST: usize = 614;

/// The monitor's part, of both ends.
#[derive(Default)]
pub struct Epochs {
    current: u32,
    given: [bool; 2],
}

/// What one end asks of it.
#[derive(Clone, Copy)]
pub struct Calls<'a> {
    pub epochs: &'a RefCell<Epochs>,
    pub side: Side,
}

impl Monitor for Calls<'_> {
    fn begin(&mut self) -> Option<Epoch> {
        let mut epochs = self.epochs.borrow_mut();
        let own = self.side as usize;
        if epochs.given[own] || epochs.current == 0 {
            epochs.current += 1;
            epochs.given = [false; 2];
        }
        epochs.given[own] = true;
        Epoch::new(epochs.current)
    }

    fn ring(&mut self) {}

    fn acknowledge(&mut self) -> Option<Epoch> {
        Epoch::new(self.epochs.borrow().current)
    }
}

pub fn geometry() -> Geometry {
    Geometry::new(8, MTU).expect("a ring")
}

pub fn port<'a>(ram: &Ram, side: Side, epochs: &'a RefCell<Epochs>) -> Port<Shared, Calls<'a>> {
    let configuration = Configuration {
        geometry: geometry(),
        side,
        checksum: Checksum::Crc32c(Engine::Table),
    };
    Port::new(ram.shared(), configuration, Calls { epochs, side }).expect("it fits")
}

pub type Critical<'a> = Device<'a, Shared, Calls<'a>>;

/// Of 16-bit words, as the device asks for it.
pub fn sum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|it| match it {
        [high, low] => u32::from(*high) << 8 | u32::from(*low),
        odd => u32::from(odd[0]) << 8,
    });
    let all: u32 = words.sum();
    let once = (all & 0xffff) + (all >> 16);
    ((once & 0xffff) + (once >> 16)) as u16
}

/// The critical end's device, with buffers of its own; it checks and fills in the checksums, its stack none.
pub fn device<'a>(port: Port<Shared, Calls<'a>>, neighbour: Option<Neighbour>) -> Critical<'a> {
    let buffer = || vec![0; LONGEST].leak();
    let buffers = Buffers {
        received: buffer(),
        sent: buffer(),
    };
    let allowance = Allowance::new((FRAMES, 4 << 20), LONGEST as u32, FREQUENCY);
    let device = Device::new(port, accept(), neighbour, allowance, buffers).expect("buffers");
    device.with_sum(Some(sum))
}

pub fn accept() -> Accept<'static> {
    Accept {
        mac: CRITICAL.mac,
        address: CRITICAL.address,
        arp: true,
        echo: true,
        tcp: &[SINK, SOURCE],
        udp: &[5000],
    }
}

/// The other end's device: no filter, no budget.
pub struct Rich<'a> {
    pub port: Port<Shared, Calls<'a>>,
    /// A frame that its stack gets without the link.
    pub told: Option<Vec<u8>>,
}

pub struct Frame(Vec<u8>);

impl phy::RxToken for Frame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

pub struct Room<'t, 'a>(&'t mut Rich<'a>);

impl phy::TxToken for Room<'_, '_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = vec![0; length];
        let result = f(&mut frame);
        let _gone: Result<(), Refused> = self.0.port.send(&frame);
        result
    }
}

impl<'a> phy::Device for Rich<'a> {
    type RxToken<'t>
        = Frame
    where
        Self: 't;
    type TxToken<'t>
        = Room<'t, 'a>
    where
        Self: 't;

    fn receive(&mut self, _: Instant) -> Option<(Frame, Room<'_, 'a>)> {
        if let Some(frame) = self.told.take() {
            return Some((Frame(frame), Room(self)));
        }
        let mut budget = Budget {
            frames: 1,
            bytes: u32::MAX,
        };
        let mut frame = vec![0; LONGEST];
        let length = self.port.receive(&mut budget, &mut frame).ok()??;
        frame.truncate(length);
        Some((Frame(frame), Room(self)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_, 'a>> {
        Some(Room(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = LONGEST;
        capabilities
    }
}

pub fn interface(station: Neighbour, device: &mut impl phy::Device) -> Interface {
    let mut interface = Interface::new(
        Config::new(EthernetAddress(station.mac).into()),
        device,
        Instant::ZERO,
    );
    let [a, b, c, d] = station.address;
    interface.update_ip_addrs(|addresses| {
        addresses
            .push(IpCidr::new(IpAddress::v4(a, b, c, d), 24))
            .expect("room");
    });
    interface
}

pub fn sockets() -> SocketSet<'static> {
    SocketSet::new(
        (0..4)
            .map(|_| SocketStorage::EMPTY)
            .collect::<Vec<_>>()
            .leak() as &mut [_],
    )
}

/// What the critical partition does in a period. Answers how often it asked for a frame: once more than it may have
/// where a static neighbour was announced.
pub fn poll(
    device: &mut Critical<'_>,
    interface: &mut Interface,
    sockets: &mut SocketSet<'_>,
    millisecond: i64,
) -> u32 {
    let now = Instant::from_millis(millisecond);
    device.poll(millisecond.unsigned_abs());
    let mut turns = 0;
    while device.more() {
        interface.poll_ingress_single(now, device, sockets);
        turns += 1;
    }
    interface.poll_egress(now, device, sockets);
    turns
}

/// Frames that passed from one end's counters to the other's.
pub fn assert_sum(sent: &Counters, received: &Counters, waiting: u64) {
    assert!(received.received <= sent.sent);
    let lost = sent.sent - received.received;
    assert!(lost <= sent.abandoned + waiting, "{sent:?} {received:?}");
    assert_eq!(received.violations, [0; Violation::ALL.len()]);
}
