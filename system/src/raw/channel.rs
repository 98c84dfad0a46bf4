//! One entry of `channels:` as written.

use super::{Chunk, named_at, nested, required_nested};
use crate::fields::{At, DataRate, Fields, FromNode, Rate, Word, text};
use crate::mistake::Mistakes;
use crate::model::{Checksum, Mac, Neighbour};
use crate::schema::recorder::Shape;
use crate::source::Place;
use crate::yaml::Node;

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) name: At<String>,
    pub(crate) memory: Option<Chunk>,
    pub(crate) slots: Option<At<u32>>,
    pub(crate) mtu: Option<At<u32>>,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) mac: Option<At<Mac>>,
    pub(crate) key: Option<At<Digits>>,
    pub(crate) ends: Vec<End>,
}

/// One end; its name is that of its partition.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) name: At<String>,
    pub(crate) address: Option<At<Written>>,
    pub(crate) neighbour: Option<At<Neighbour>>,
    pub(crate) accept: Option<Accept>,
    pub(crate) limit: Option<Limit>,
}

/// A key as written: the checks read it.
#[derive(Clone, Debug)]
pub(crate) struct Digits(pub(crate) String);

/// An address with its prefix, as written: the checks read it.
#[derive(Clone, Debug)]
pub(crate) struct Written(pub(crate) String);

#[derive(Debug)]
pub(crate) struct Accept {
    pub(crate) place: Place,
    pub(crate) icmp: Vec<Icmp>,
    pub(crate) tcp: Vec<At<u32>>,
    pub(crate) udp: Vec<At<u32>>,
}

/// What is accepted of ICMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icmp {
    /// Echo requests.
    Echo,
}

#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) doorbells: Option<Rate>,
    pub(crate) burst: Option<At<u32>>,
    pub(crate) bytes: Option<At<DataRate>>,
}

/// The only kind of channel so far.
#[derive(Clone, Copy, Debug)]
struct VirtualNet;

impl Word for VirtualNet {
    const WHAT: &'static str = "a type of channel";
    const WORDS: &'static [(&'static str, Self)] = &[("virtualnet", Self)];
}

impl Word for Icmp {
    const WHAT: &'static str = "an accepted kind of ICMP";
    const WORDS: &'static [(&'static str, Self)] = &[("echo", Self::Echo)];
}

impl FromNode for Written {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        written("an address such as 10.7.0.1/24", node, out).map(Self)
    }
}

impl FromNode for Digits {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        written("64 hexadecimal digits", node, out).map(Self)
    }
}

/// Text that is read later.
fn written(what: &'static str, node: &Node, out: &mut Mistakes) -> Option<String> {
    out.record(|it| {
        it.add(Shape::Text {
            what,
            pattern: None,
        })
    });
    text(node, what, out).map(str::to_owned)
}

impl Channel {
    pub(crate) fn read(name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a channel", name.place, node, out)?;
        let _: Option<VirtualNet> = f.required("type");
        let memory = required_nested(&mut f, "memory", |place, node, out| {
            let value = name.value.clone();
            Chunk::read(At { place, value }, false, node, out)
        });
        let slots = f.required("slots");
        let mtu = f.required("mtu");
        let checksum = f.optional("checksum");
        let mac = f.optional("mac");
        let key = f.optional("key");
        f.required_entry("ends");
        let ends = named_at(&mut f, "ends", End::read);
        f.close();
        Some(Self {
            name,
            memory,
            slots,
            mtu,
            checksum,
            mac,
            key,
            ends,
        })
    }
}

impl End {
    fn read(name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("an end of a channel", name.place, node, out)?;
        let address = f.required("address");
        let neighbour = f.optional("neighbour");
        let accept = nested(&mut f, "accept", Accept::read);
        let limit = nested(&mut f, "limit", Limit::read);
        f.close();
        Some(Self {
            name,
            address,
            neighbour,
            accept,
            limit,
        })
    }
}

impl Accept {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("what an end accepts", place, node, out)?;
        let icmp = f.list("icmp");
        let tcp = f.list("tcp");
        let udp = f.list("udp");
        f.close();
        Some(Self {
            place,
            icmp: icmp?,
            tcp: tcp?,
            udp: udp?,
        })
    }
}

impl Limit {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the limit of an end", place, node, out)?;
        let doorbells = f.optional("doorbells");
        let burst = f.optional("burst");
        let bytes = f.optional("bytes");
        f.close();
        Some(Self {
            doorbells,
            burst,
            bytes,
        })
    }
}
