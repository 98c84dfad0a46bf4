//! What Linux's driver has to know of its end of a channel: a node for the device, and one for its memory, which
//! is no part of Linux's own and stays unmapped until the driver maps it.
//!
//! Bindings: `reserved-memory.yaml` of the device tree schema; the device's own is in `docs/virtualnet.md`.

use cofferdam_abi::virtualnet::Side;
use cofferdam_core::region::Region;
use cofferdam_system::model::{Channel, Checksum, End, Neighbour};
use dtoolkit::model::{DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node, Property};

use super::{Error, interrupt_parent, interrupts, specifier};

/// One end of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualNet {
    /// Its number in calls to the monitor.
    pub number: u32,
    /// 0: writes the first section; 1: the second.
    pub side: u32,
    /// The shared memory.
    pub memory: Region,
    /// Frames in each direction.
    pub slots: u32,
    /// Bytes behind the Ethernet header.
    pub mtu: u32,
    /// Whether frames carry a CRC.
    pub crc: bool,
    /// The key of their tags, if they have any.
    pub siphash: Option<[[u8; 16]; 2]>,
    /// The interrupt of its doorbell, as the controller's binding has it.
    pub interrupt: Vec<u32>,
    /// Its Ethernet address.
    pub mac: [u8; 6],
    /// Its IPv4 address and the bits of its network, as `ip` takes it. Not the driver's affair: the root file system's.
    pub address: String,
    /// The other end's address and Ethernet address, if it does not answer ARP. Likewise.
    pub neighbour: Option<String>,
}

impl VirtualNet {
    /// What `end` has to know of its channel.
    pub fn of(channel: &Channel, end: &End) -> Self {
        let peer = channel.peer(end);
        Self {
            number: channel.number.into(),
            side: match end.side {
                Side::First => 0,
                Side::Second => 1,
            },
            memory: channel.memory.region,
            slots: channel.geometry.slots(),
            mtu: channel.mtu,
            crc: channel.checksum == Checksum::Crc32c,
            siphash: channel.siphash,
            interrupt: specifier(channel.interrupt),
            mac: channel.mac(end),
            address: format!("{}/{}", end.address, end.prefix),
            neighbour: (peer.neighbour == Neighbour::Static)
                .then(|| format!("{} {}", peer.address, written(channel.mac(peer)))),
        }
    }

    fn memory_node(&self, phandle: u32) -> Result<DeviceTreeNode, Error> {
        let start = self.memory.start().get();
        let reg = [start, self.memory.len().get()].map(u64::to_be_bytes);
        let mut node = DeviceTreeNode::new(format!("virtualnet@{start:x}"))?;
        node.add_property(DeviceTreeProperty::new("reg", reg.concat())?);
        node.add_property(DeviceTreeProperty::new("no-map", Vec::<u8>::new())?);
        node.add_property(DeviceTreeProperty::new("phandle", phandle)?);
        Ok(node)
    }

    fn device_node(&self, phandle: u32, parent: Option<u32>) -> Result<DeviceTreeNode, Error> {
        let mut node = DeviceTreeNode::new(format!("virtualnet-{}", self.number))?;
        node.add_property(DeviceTreeProperty::new(
            "compatible",
            "cofferdam,virtualnet-1",
        )?);
        for (name, value) in [
            ("memory-region", phandle),
            ("cofferdam,channel", self.number),
            ("cofferdam,side", self.side),
            ("cofferdam,slots", self.slots),
            ("cofferdam,mtu", self.mtu),
        ] {
            node.add_property(DeviceTreeProperty::new(name, value)?);
        }
        if self.crc {
            node.add_property(DeviceTreeProperty::new("cofferdam,crc", Vec::<u8>::new())?);
        }
        if let Some(key) = self.siphash {
            node.add_property(DeviceTreeProperty::new("cofferdam,mac", "siphash")?);
            // Linux shows what is named so to root alone.
            let key = key.as_flattened().to_vec();
            node.add_property(DeviceTreeProperty::new("security-cofferdam-key", key)?);
        }
        if let Some(parent) = parent {
            node.add_property(DeviceTreeProperty::new("interrupt-parent", parent)?);
        }
        node.add_property(interrupts(&self.interrupt)?);
        node.add_property(DeviceTreeProperty::new(
            "local-mac-address",
            self.mac.to_vec(),
        )?);
        node.add_property(DeviceTreeProperty::new(
            "cofferdam,address",
            self.address.as_str(),
        )?);
        if let Some(neighbour) = &self.neighbour {
            let neighbour = neighbour.as_str();
            node.add_property(DeviceTreeProperty::new("cofferdam,neighbour", neighbour)?);
        }
        Ok(node)
    }
}

/// An Ethernet address as tools take it.
fn written(mac: [u8; 6]) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

/// Adds the ends to a tree. Its root has two cells for addresses and for sizes.
pub(super) fn add(root: &mut DeviceTreeNode, ends: &[VirtualNet]) -> Result<(), Error> {
    if ends.is_empty() {
        return Ok(());
    }
    let mut reserved = DeviceTreeNode::new("reserved-memory")?;
    reserved.add_property(DeviceTreeProperty::new("#address-cells", 2_u32)?);
    reserved.add_property(DeviceTreeProperty::new("#size-cells", 2_u32)?);
    reserved.add_property(DeviceTreeProperty::new("ranges", Vec::<u8>::new())?);
    let parent = interrupt_parent(root);
    for (end, phandle) in ends.iter().zip(last_phandle(root) + 1..) {
        reserved.add_child(end.memory_node(phandle)?);
        root.add_child(end.device_node(phandle, parent)?);
    }
    root.add_child(reserved);
    Ok(())
}

/// The largest number of a node in this part of the tree; 0 if none has one.
fn last_phandle(node: &DeviceTreeNode) -> u32 {
    let own = node.property("phandle");
    let own = own.and_then(|it| it.value_as::<u32>().ok()).unwrap_or(0);
    node.children().map(last_phandle).fold(own, u32::max)
}
