//! The device tree of a partition: the board's, less what the partition does not own.
//!
//! What is owned is decided by address: a node of the board stays if the first address of its `reg` is in
//! a device of the partition. So the system description, which has the device's address from the board, and the
//! tree cannot disagree about which device is meant. Nodes without an address and the interrupt
//! controller stay always; `/memory`, `/chosen`, the ends of channels and services are written here.

mod services;
mod virtualnet;

use std::path::Path;
use std::process::Command;

use cofferdam_core::region::{PhysAddr, Region};
use cofferdam_system::model::Interrupt;
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node, Property};

use crate::process;
pub use services::{Callable, Services};
pub use virtualnet::VirtualNet;

mod imsic;
mod plic;

/// Why there is no device tree.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `dtc` refused the board's source.
    #[error(transparent)]
    Compiler(#[from] process::Error),
    /// The compiled tree cannot be read.
    #[error("the board's device tree cannot be read: {0}")]
    Parse(String),
    /// The board's tree is not as this module needs it.
    #[error("the board's device tree {0}")]
    Board(String),
    /// A name that the format does not allow.
    #[error("device tree: {0}")]
    Model(#[from] dtoolkit::error::ModelError),
}

/// What a partition owns, and how its kernel is started.
#[derive(Clone, Debug)]
pub struct Owned {
    /// Its cores as the hardware numbers them.
    pub cores: Vec<u64>,
    /// Its memory.
    pub memory: Vec<Region>,
    /// The address ranges of its devices.
    pub devices: Vec<Region>,
    /// Its ends of channels.
    pub channels: Vec<VirtualNet>,
    /// The services that it may call.
    pub services: Services,
    /// Kernel command line.
    pub command_line: String,
    /// Where its initial root file system lies.
    pub initrd: Option<Region>,
    /// The address of its console.
    pub console: Option<u64>,
    /// Whether the monitor watches over it, if it asks for that.
    pub watchdog: bool,
}

/// The call by which a kernel reaches the monitor's watchdog; that of the binding's example too.
const WATCHDOG_FUNCTION: u32 = 0x8200_3d06;

/// Compiles a device tree source.
pub fn compile(source: &Path) -> Result<Vec<u8>, Error> {
    let mut command = Command::new("dtc");
    command.args(["-q", "-I", "dts", "-O", "dtb"]).arg(source);
    Ok(process::output_bytes(&mut command)?)
}

/// The compiled device tree of a partition, from the compiled one of its board.
pub fn generate(board: &[u8], owned: &Owned) -> Result<Vec<u8>, Error> {
    let board = Fdt::new(board).map_err(|error| Error::Parse(error.to_string()))?;
    let mut tree = DeviceTree::from_fdt(&board);
    expect_two_cells(&tree.root)?;
    keep_owned_devices(&mut tree.root, owned);
    keep_owned_cores(&mut tree.root, owned)?;
    plic::keep_contexts(&mut tree.root)?;
    for memory in &owned.memory {
        tree.root.add_child(memory_node(*memory)?);
    }
    if owned.watchdog {
        tree.root.add_child(watchdog_node()?);
    }
    virtualnet::add(&mut tree.root, &owned.channels)?;
    services::add(&mut tree.root, &owned.services)?;
    let chosen = chosen_node(&tree.root, owned)?;
    tree.root.add_child(chosen);
    Ok(tree.to_dtb())
}

/// Everything here reads and writes addresses and sizes of two cells.
fn expect_two_cells(root: &DeviceTreeNode) -> Result<(), Error> {
    for name in ["#address-cells", "#size-cells"] {
        let cells = root.property(name).and_then(|it| it.value_as::<u32>().ok());
        if cells != Some(2) {
            return Err(Error::Board(format!("must have {name} = <2> at its root")));
        }
    }
    Ok(())
}

fn keep_owned_devices(root: &mut DeviceTreeNode, owned: &Owned) {
    let foreign: Vec<String> = root
        .children()
        .filter(|node| !is_kept(node, owned))
        .map(|node| node.name().to_owned())
        .collect();
    for name in foreign {
        root.remove_child(&name);
    }
}

fn is_kept(node: &&DeviceTreeNode, owned: &Owned) -> bool {
    if node.property("interrupt-controller").is_some() {
        return true;
    }
    first_address(node).is_none_or(|address| {
        owned
            .devices
            .iter()
            .any(|device| device.contains_address(PhysAddr::new(address)))
    })
}

/// The first address of a node with two address cells.
fn first_address(node: &&DeviceTreeNode) -> Option<u64> {
    let reg = node.property("reg")?;
    let bytes = reg.value().first_chunk::<8>()?;
    Some(u64::from_be_bytes(*bytes))
}

fn keep_owned_cores(root: &mut DeviceTreeNode, owned: &Owned) -> Result<(), Error> {
    let cpus = root
        .child_mut("cpus")
        .ok_or_else(|| Error::Board("has no /cpus".to_owned()))?;
    let affinity = |node: &&DeviceTreeNode| {
        node.property("reg")
            .and_then(|reg| reg.value_as::<u32>().ok())
            .map(u64::from)
    };
    let (mut foreign, mut found) = (Vec::new(), Vec::new());
    for node in cpus.children() {
        match affinity(&node) {
            Some(core) if owned.cores.contains(&core) => found.push(core),
            _ => foreign.push(node.name().to_owned()),
        }
    }
    for name in foreign {
        cpus.remove_child(&name);
    }
    match owned.cores.iter().find(|core| !found.contains(core)) {
        None => Ok(()),
        Some(core) => Err(Error::Board(format!("has no cpu with reg = <{core:#x}>"))),
    }
}

fn memory_node(memory: Region) -> Result<DeviceTreeNode, Error> {
    let start = memory.start().get();
    let reg = [start.to_be_bytes(), memory.len().get().to_be_bytes()].concat();
    let mut node = DeviceTreeNode::new(format!("memory@{start:x}"))?;
    node.add_property(DeviceTreeProperty::new("device_type", "memory")?);
    node.add_property(DeviceTreeProperty::new("reg", reg)?);
    Ok(node)
}

/// The cells of what the monitor makes pending (Arm GIC binding: kind, number, rising edge; PLIC binding: number; APLIC binding:
/// number, rising edge).
fn specifier(it: Interrupt) -> Vec<u32> {
    const SHARED: u32 = 0;
    const PRIVATE: u32 = 1;
    const EDGE_RISING: u32 = 1;
    match it {
        Interrupt::Spi(spi) => vec![SHARED, spi.get(), EDGE_RISING],
        Interrupt::Ppi(ppi) => vec![PRIVATE, ppi.get(), EDGE_RISING],
        Interrupt::Plic(source) => vec![source.get()],
        Interrupt::Aplic(source) => vec![source.get(), EDGE_RISING],
    }
}

/// The interrupt controller of nodes that name none, where the root names none either: not there, for the harts' own would be its children.
fn interrupt_parent(root: &DeviceTreeNode) -> Option<u32> {
    if root.property("interrupt-parent").is_some() {
        return None;
    }
    let mut controllers = root.children();
    // With cells: a controller of messages is no parent of a wire.
    let controller = controllers.find(|it| {
        let cells = it.property("#interrupt-cells");
        let cells = cells.and_then(|it| it.value_as::<u32>().ok());
        it.property("interrupt-controller").is_some() && cells != Some(0)
    })?;
    controller.property("phandle")?.value_as().ok()
}

fn interrupts(specifier: &[u32]) -> Result<DeviceTreeProperty, Error> {
    let bytes: Vec<_> = specifier
        .iter()
        .copied()
        .flat_map(u32::to_be_bytes)
        .collect();
    Ok(DeviceTreeProperty::new("interrupts", bytes)?)
}

fn watchdog_node() -> Result<DeviceTreeNode, Error> {
    let mut node = DeviceTreeNode::new("watchdog")?;
    node.add_property(DeviceTreeProperty::new("compatible", "arm,smc-wdt")?);
    node.add_property(DeviceTreeProperty::new("arm,smc-id", WATCHDOG_FUNCTION)?);
    Ok(node)
}

fn chosen_node(root: &DeviceTreeNode, owned: &Owned) -> Result<DeviceTreeNode, Error> {
    let mut node = DeviceTreeNode::new("chosen")?;
    node.add_property(DeviceTreeProperty::new(
        "bootargs",
        owned.command_line.as_str(),
    )?);
    if let Some(initrd) = owned.initrd {
        let (start, end) = (initrd.start().get(), initrd.end().get());
        node.add_property(DeviceTreeProperty::new("linux,initrd-start", start)?);
        node.add_property(DeviceTreeProperty::new("linux,initrd-end", end)?);
    }
    if let Some(console) = owned.console {
        let uart = root
            .children()
            .find(|node| first_address(node) == Some(console))
            .ok_or_else(|| Error::Board(format!("has no console at {console:#x}")))?;
        let path = format!("/{}", uart.name());
        node.add_property(DeviceTreeProperty::new("stdout-path", path)?);
    }
    Ok(node)
}

#[cfg(test)]
mod tests;
