//! The system file as written.

use super::channel::Channel;
use super::features::Features;
use super::hook::Hook;
use super::partition::Partition;
use super::service::Service;
use super::{named_at, nested, version};
use crate::fields::{At, Fields, named};
use crate::mistake::Mistakes;
use crate::source::Place;
use crate::yaml::{Node, Value};

#[derive(Debug)]
pub(crate) struct System {
    pub(crate) version: Option<At<u64>>,
    pub(crate) board: Option<At<String>>,
    pub(crate) features: Features,
    /// Where the list of partitions starts.
    pub(crate) partitions_place: Place,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) services: Vec<Service>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) hooks: Vec<Hook>,
}

impl System {
    pub(crate) fn read(root: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a system file", root.place, root, out)?;
        let version = version(&mut f, "cofferdam");
        let board = f.required("board");
        let features = nested(&mut f, "features", Features::read).unwrap_or_default();
        let partitions_place = f
            .required_entry("operating_systems")
            .map_or(root.place, |entry| entry.key_place);
        let partitions = named_at(&mut f, "operating_systems", Partition::read);
        let services = additions(&mut f, "services", Service::read);
        let channels = additions(&mut f, "channels", Channel::read);
        let hooks = additions(&mut f, "hooks", Hook::read);
        f.close();
        Some(Self {
            version,
            board,
            features,
            partitions_place,
            partitions,
            services,
            channels,
            hooks,
        })
    }
}

/// Reads the mapping at `key`, which may be empty.
fn additions<T>(
    f: &mut Fields<'_, '_>,
    key: &'static str,
    read: impl FnMut(At<String>, &Node, &mut Mistakes) -> Option<T>,
) -> Vec<T> {
    match f.entry(key) {
        Some(entry) if !is_empty(&entry.value) => named(&entry.value, f.out, read),
        _ => Vec::new(),
    }
}

/// Nothing, or a mapping of nothing.
fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Map(entries) => entries.is_empty(),
        Value::Text(_) | Value::List(_) => false,
    }
}
