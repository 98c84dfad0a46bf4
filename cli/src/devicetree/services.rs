//! What Linux's driver has to know of the services that it may call: a node for the device, and one in it for each
//! service. The binding is in `docs/sossl.md`.

use cofferdam_system::model::{Access, Partition, Region, Service, System};
use dtoolkit::model::{DeviceTreeNode, DeviceTreeProperty};

use super::{Error, interrupts, specifier};

/// A service that the partition may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callable {
    /// Its name.
    pub name: String,
    /// Its function identifier.
    pub function: u32,
    /// Registers that it gives.
    pub results: u32,
    /// Whether a partition handles it, so that its call gives a ticket.
    pub submitted: bool,
    /// Its arguments that are memory, each as `cells` has it.
    pub regions: Vec<[u32; 5]>,
}

/// All that it may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// Each of them.
    pub callable: Vec<Callable>,
    /// The interrupt by which it is told that a request is done, as the controller's binding has it; none: it polls.
    pub interrupt: Option<Vec<u32>>,
}

impl Services {
    /// The services that a partition may call.
    pub fn of(system: &System, caller: &Partition) -> Self {
        let services = system.services.iter();
        let own = services.filter(|it| it.callers.contains(&caller.id));
        Self {
            callable: own.map(Callable::of).collect(),
            interrupt: system.completion(caller.id).map(specifier),
        }
    }
}

impl Callable {
    fn of(service: &Service) -> Self {
        Self {
            name: service.name.clone(),
            function: service.function_id(),
            results: cell(service.results.len() as u64),
            submitted: service.partition().is_some(),
            regions: service.regions().map(cells).collect(),
        }
    }

    fn node(&self) -> Result<DeviceTreeNode, Error> {
        let mut node = DeviceTreeNode::new(self.name.as_str())?;
        for (name, value) in [
            ("cofferdam,function", self.function),
            ("cofferdam,results", self.results),
        ] {
            node.add_property(DeviceTreeProperty::new(name, value)?);
        }
        if self.submitted {
            let empty = Vec::<u8>::new();
            node.add_property(DeviceTreeProperty::new("cofferdam,submitted", empty)?);
        }
        if !self.regions.is_empty() {
            let cells = self.regions.as_flattened();
            let bytes: Vec<_> = cells.iter().flat_map(|cell| cell.to_be_bytes()).collect();
            node.add_property(DeviceTreeProperty::new("cofferdam,regions", bytes)?);
        }
        Ok(node)
    }
}

/// Register of its address, register of its length or 0, most bytes, 1 if it is written, alignment.
fn cells(region: Region) -> [u32; 5] {
    [
        cell(region.address as u64),
        cell(region.length.unwrap_or(0) as u64),
        cell(region.most),
        u32::from(region.access == Access::Write),
        cell(region.align),
    ]
}

/// The driver refuses what is anywhere near the largest.
fn cell(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Adds the device to a tree, if there is a service.
pub(super) fn add(root: &mut DeviceTreeNode, services: &Services) -> Result<(), Error> {
    if services.callable.is_empty() {
        return Ok(());
    }
    let mut node = DeviceTreeNode::new("services")?;
    node.add_property(DeviceTreeProperty::new(
        "compatible",
        "cofferdam,services-1",
    )?);
    if let Some(it) = &services.interrupt {
        node.add_property(interrupts(it)?);
    }
    for service in &services.callable {
        node.add_child(service.node()?);
    }
    root.add_child(node);
    Ok(())
}
