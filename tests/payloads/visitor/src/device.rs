//! The rich end of the channel as a device of smoltcp: no filter, no budget, as a careless driver would be.

use cofferdam_abi::call::Call;
use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{Budget, Checksum, Configuration, Epoch, Refused};
use cofferdam_channel::port::{Monitor, Port};
use cofferdam_channel::shared::Shared;
use core::ptr::{NonNull, with_exposed_provenance_mut};
use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

use crate::console::generated::channel::net0;

/// Longest frame.
pub const LONGEST: usize = 1514;

/// The calls of this end.
pub struct Calls;

/// x0.. of a call.
fn call(call: Call) -> [u64; 18] {
    let mut arguments = [0; 17];
    arguments[0] = net0::NUMBER;
    smccc::smc64(call.function_id(), arguments)
}

impl Monitor for Calls {
    fn begin(&mut self) -> Option<Epoch> {
        let [status, epoch, ..] = call(Call::ChannelBegin);
        let given = (status == 0).then(|| Epoch::new(epoch as u32));
        given.flatten()
    }

    fn ring(&mut self) {
        call(Call::ChannelRing);
    }

    fn acknowledge(&mut self) -> Option<Epoch> {
        let [status, _, epoch, ..] = call(Call::ChannelAcknowledge);
        let current = (status == 0).then(|| Epoch::new(epoch as u32));
        current.flatten()
    }
}

/// The end, and its private frames.
pub struct Device {
    pub port: Port<Shared, Calls>,
    received: [u8; LONGEST],
    sent: [u8; LONGEST],
}

impl Device {
    /// The end that the description gives this partition.
    pub fn new() -> Self {
        let (start, bytes) = net0::MEMORY;
        let base = NonNull::new(with_exposed_provenance_mut(start)).expect("memory");
        // SAFETY: the channel's memory; with the MMU off all of it is there, and only this end uses it here.
        let memory = unsafe { Shared::new(base, bytes) }.expect("aligned");
        let configuration = Configuration {
            geometry: Geometry::new(net0::SLOTS, net0::MTU).expect("a ring"),
            side: match net0::SIDE {
                0 => Side::First,
                _ => Side::Second,
            },
            checksum: if net0::CRC {
                Checksum::Crc32c(Engine::Table)
            } else {
                Checksum::Off
            },
        };
        Self {
            port: Port::new(memory, configuration, Calls).expect("it fits"),
            received: [0; LONGEST],
            sent: [0; LONGEST],
        }
    }
}

/// A frame that came.
pub struct Frame<'t>(&'t [u8]);

impl phy::RxToken for Frame<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for one.
pub struct Room<'t>(&'t mut Port<Shared, Calls>, &'t mut [u8; LONGEST]);

impl phy::TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let frame = &mut self.1[..length];
        let result = f(frame);
        let _full: Result<(), Refused> = self.0.send(frame);
        result
    }
}

impl phy::Device for Device {
    type RxToken<'t> = Frame<'t>;
    type TxToken<'t> = Room<'t>;

    fn receive(&mut self, _: Instant) -> Option<(Frame<'_>, Room<'_>)> {
        let mut budget = Budget {
            frames: 1,
            bytes: u32::MAX,
        };
        let received = self.port.receive(&mut budget, &mut self.received);
        let length = received.ok()??;
        let room = Room(&mut self.port, &mut self.sent);
        Some((Frame(&self.received[..length]), room))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        let room = self.port.can_send();
        room.then_some(Room(&mut self.port, &mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = LONGEST;
        capabilities
    }
}
