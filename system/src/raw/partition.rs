//! One entry of `operating_systems:` as written.

use std::time::Duration;

use super::{Chunk, named_at, nested, required_nested};
use crate::arch::{Endianness, Level, State, World};
use crate::code::Code;
use crate::fields::{At, Fields, FromNode as _, Word};
use crate::mistake::{Draft, Mistakes};
use crate::model::{Caches, Criticality, MoveBy, Policy};
use crate::source::Place;
use crate::yaml::{Node, Value};

#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) name: At<String>,
    pub(crate) criticality: Option<At<Criticality>>,
    pub(crate) world: Option<At<World>>,
    /// Whether there is a `world:`, be it a wrong one.
    pub(crate) has_world: bool,
    pub(crate) image: Option<Image>,
    pub(crate) entry: Option<Entry>,
    pub(crate) cores: Option<Cores>,
    pub(crate) migration: Option<Migration>,
    pub(crate) caches: Option<At<Caches>>,
    pub(crate) memory: Vec<Chunk>,
    pub(crate) devices: Option<Vec<At<String>>>,
    /// Devices that are believed not to touch what is not this partition's.
    pub(crate) dma: Vec<At<String>>,
    pub(crate) deadline: Option<Deadline>,
    pub(crate) budget: Option<Budget>,
    pub(crate) on_crash: Option<At<Policy>>,
    pub(crate) on_hang: Option<Hang>,
    pub(crate) on_reset: Option<At<Policy>>,
    pub(crate) on_power_off: Option<At<Policy>>,
}

/// That nothing else keeps a bus master to its partition's memory.
#[derive(Clone, Copy)]
struct Trust;

impl Word for Trust {
    const WHAT: &'static str = "what is said of a bus master";
    const WORDS: &'static [(&'static str, Self)] = &[("trusted", Self)];
}

/// The kinds of image, each with the place of its value.
#[derive(Debug)]
pub(crate) enum Image {
    Cargo(At<String>),
    Make(At<String>),
    Elf(At<String>),
    Bin(At<String>),
    Debian {
        package: At<String>,
        initramfs: Option<At<String>>,
        command_line: Option<String>,
    },
    Loader {
        package: At<String>,
        file: String,
        command_line: Option<String>,
    },
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) at: Option<At<u64>>,
    pub(crate) level: Option<At<Level>>,
    pub(crate) state: Option<At<State>>,
    pub(crate) endianness: Option<At<Endianness>>,
}

#[derive(Debug)]
pub(crate) struct Cores {
    pub(crate) place: Place,
    pub(crate) boot: Option<At<u32>>,
    pub(crate) shared: Vec<At<u32>>,
    pub(crate) own: Vec<At<u32>>,
}

impl Cores {
    pub(crate) fn all(&self) -> impl Iterator<Item = At<u32>> + '_ {
        self.shared.iter().chain(&self.own).copied()
    }
}

#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) place: Place,
    pub(crate) by: Vec<MoveBy>,
}

#[derive(Debug)]
pub(crate) struct Deadline {
    pub(crate) place: Place,
    pub(crate) period: Option<At<Duration>>,
    pub(crate) within: Option<At<Duration>>,
}

#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) place: Place,
    pub(crate) time: Option<At<Duration>>,
    pub(crate) period: Option<At<Duration>>,
}

#[derive(Debug)]
pub(crate) struct Hang {
    pub(crate) place: Place,
    pub(crate) after: Option<At<Duration>>,
    pub(crate) then: Option<At<Policy>>,
}

impl Partition {
    pub(crate) fn read(name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a partition", name.place, node, out)?;
        let criticality = f.required("criticality");
        let has_world = f.entry("world").is_some();
        let world = f.optional("world");
        let image = required_nested(&mut f, "image", Image::read);
        let entry = required_nested(&mut f, "entry", Entry::read);
        let cores = required_nested(&mut f, "cores", Cores::read);
        let migration = nested(&mut f, "migration", Migration::read);
        let caches = f.optional("caches");
        f.required_entry("memory");
        let memory = named_at(&mut f, "memory", |name, node, out| {
            Chunk::read(name, false, node, out)
        });
        let devices = f.list("devices");
        let dma = named_at(&mut f, "dma", |name, node, out| {
            Trust::from_node(node, out).map(|Trust| name)
        });
        let deadline = nested(&mut f, "deadline", Deadline::read);
        let budget = nested(&mut f, "budget", Budget::read);
        let on_crash = f.optional("on_crash");
        let on_hang = nested(&mut f, "on_hang", Hang::read);
        let on_reset = f.optional("on_reset");
        let on_power_off = f.optional("on_power_off");
        f.close();
        Some(Self {
            name,
            criticality,
            world,
            has_world,
            image,
            entry,
            cores,
            migration,
            caches,
            memory,
            devices,
            dma,
            deadline,
            budget,
            on_crash,
            on_hang,
            on_reset,
            on_power_off,
        })
    }

    /// Whether it is known to be critical.
    pub(crate) fn is_critical(&self) -> bool {
        self.criticality.is_some_and(|c| c.value.is_critical())
    }

    /// Whether it is known to be rich.
    pub(crate) fn is_rich(&self) -> bool {
        self.criticality.is_some_and(|c| !c.value.is_critical())
    }
}

/// The keys that say what an image is made from.
const IMAGE_KINDS: [&str; 5] = ["cargo", "make", "elf", "bin", "debian"];

impl Image {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("an image", place, node, out)?;
        if IMAGE_KINDS.iter().filter(|kind| f.has(kind)).count() != 1 {
            let kinds = IMAGE_KINDS.join(", ");
            f.out.push(
                Draft::new(
                    Code::ImageKind,
                    "an image is made from exactly one thing",
                    place,
                    "this image",
                )
                .help(format!("keep exactly one of {kinds}")),
            );
            return None;
        }
        let cargo = f.optional("cargo").map(Self::Cargo);
        let make = f.optional("make").map(Self::Make);
        let elf = f.optional("elf").map(Self::Elf);
        let bin = f.optional("bin").map(Self::Bin);
        let debian = f.optional("debian");
        let debian = debian.map(|package| Self::of_package(package, &mut f));
        let image = cargo.or(make).or(elf).or(bin).or(debian);
        if image.is_some() {
            f.close();
        }
        image
    }

    /// A kernel, or what `file` names. That is given no initial root file system: the key is not asked for, so it is refused.
    fn of_package(package: At<String>, f: &mut Fields<'_, '_>) -> Self {
        match f.optional("file") {
            Some(file) => Self::Loader {
                package,
                file,
                command_line: f.optional("command_line"),
            },
            None => Self::Debian {
                package,
                initramfs: f.optional("initramfs"),
                command_line: f.optional("command_line"),
            },
        }
    }
}

impl Entry {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("an entry", place, node, out)?;
        let at = f.optional("at");
        let level = f.required("level");
        let state = f.optional("state");
        let endianness = f.optional("endianness");
        f.close();
        Some(Self {
            at,
            level,
            state,
            endianness,
        })
    }
}

impl Cores {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the cores of a partition", place, node, out)?;
        let boot = f.required("boot");
        let shared = f.list("shared");
        let own = f.list("own");
        f.close();
        Some(Self {
            place,
            boot,
            shared: shared?,
            own: own?,
        })
    }
}

impl Migration {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let by = Vec::from_node(node, out)?;
        Some(Self { place, by })
    }
}

impl Deadline {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a deadline", place, node, out)?;
        let period = f.required("period");
        let within = f.required("within");
        f.close();
        Some(Self {
            place,
            period,
            within,
        })
    }
}

impl Budget {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a budget", place, node, out)?;
        let time = f.required("time");
        let period = f.required("period");
        f.close();
        Some(Self {
            place,
            time,
            period,
        })
    }
}

impl Hang {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        if let Value::Text(word) = &node.value {
            out.push(
                Draft::new(
                    Code::HangWithoutTime,
                    "a hang cannot be told from work without a time",
                    node.place,
                    "after how long?",
                )
                .help(format!("write `on_hang: {{ after: 1s, do: {word} }}`")),
            );
            return None;
        }
        let mut f = Fields::open("`on_hang`", place, node, out)?;
        let after = f.required("after");
        let then = f.required("do");
        f.close();
        Some(Self { place, after, then })
    }
}
