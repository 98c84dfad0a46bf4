//! `board.yaml` as written.

use super::{Chunk, named_at, nested, required_nested, version};
use crate::arch::{self, Arch, RawController, RawInterrupt, World};
use crate::fields::{At, Fields, FromNode, Size, Word};
use crate::mistake::Mistakes;
use crate::model::{BankKind, Reach};
use crate::source::Place;
use crate::yaml::Node;

impl Word for BankKind {
    const WHAT: &'static str = "a kind of memory";
    const WORDS: &'static [(&'static str, Self)] = &[("flash", Self::Flash), ("ram", Self::Ram)];
}

#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) version: Option<At<u64>>,
    pub(crate) name: Option<At<String>>,
    pub(crate) arch: Option<Arch>,
    pub(crate) cores: Option<Cores>,
    pub(crate) controller: Option<RawController>,
    pub(crate) banks: Vec<Bank>,
    pub(crate) devices: Vec<Device>,
    pub(crate) monitor: Option<Monitor>,
    pub(crate) doorbells: Option<RawInterrupt>,
    pub(crate) safe_state: Vec<Pin>,
    pub(crate) emulator: Option<Emulator>,
}

#[derive(Debug)]
pub(crate) struct Cores {
    pub(crate) place: Place,
    pub(crate) model: Option<At<String>>,
    pub(crate) numbers: Option<Vec<At<u64>>>,
    pub(crate) protection_entries: Option<At<u64>>,
}

#[derive(Debug)]
pub(crate) struct Bank {
    pub(crate) name: At<String>,
    pub(crate) kind: Option<At<BankKind>>,
    pub(crate) at: Option<At<u64>>,
    pub(crate) size: Option<At<Size>>,
    pub(crate) worlds: Option<Vec<At<World>>>,
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) name: At<String>,
    pub(crate) kind: Option<At<String>>,
    pub(crate) at: Option<At<u64>>,
    pub(crate) size: Option<At<Size>>,
    pub(crate) count: Option<At<u32>>,
    pub(crate) interrupt: Option<RawInterrupt>,
    pub(crate) worlds: Option<Vec<At<World>>>,
    pub(crate) reaches: Option<Reach>,
}

#[derive(Debug)]
pub(crate) struct Monitor {
    pub(crate) flash: Option<Chunk>,
    pub(crate) ram: Option<Chunk>,
    pub(crate) timer: Option<At<String>>,
}

#[derive(Debug)]
pub(crate) struct Pin {
    pub(crate) device: Option<At<String>>,
    pub(crate) pin: Option<At<u32>>,
    pub(crate) value: Option<At<u32>>,
}

#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) machine: Option<String>,
    pub(crate) flash_banks: Option<u32>,
    pub(crate) memory: Option<Size>,
}

impl Board {
    pub(crate) fn read(root: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a board file", root.place, root, out)?;
        let version = version(&mut f, "cofferdam_board");
        let name = f.required("name");
        let arch: Option<Arch> = f.required("arch");
        // Without it, no key can be called another architecture's.
        let of = arch.unwrap_or(Arch::FIRST);
        let cores = required_nested(&mut f, "cores", |place, node, out| {
            Cores::read(of, place, node, out)
        });
        let controller = required_nested(&mut f, "interrupt_controller", RawController::read);
        f.required_entry("memory");
        let banks = named_at(&mut f, "memory", |name, node, out| {
            Bank::read(of, name, node, out)
        });
        f.required_entry("devices");
        let devices = named_at(&mut f, "devices", |name, node, out| {
            Device::read(of, name, node, out)
        });
        let monitor = required_nested(&mut f, "monitor", Monitor::read);
        let doorbells = nested(&mut f, "doorbells", |place, node, out| {
            RawInterrupt::read(of, place, node, out)
        });
        let safe_state = f.optional("safe_state").unwrap_or_default();
        let emulator = nested(&mut f, "emulator", Emulator::read);
        f.close();
        Some(Self {
            version,
            name,
            arch,
            cores,
            controller,
            banks,
            devices,
            monitor,
            doorbells,
            safe_state,
            emulator,
        })
    }
}

impl Cores {
    fn read(arch: Arch, place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the list of cores", place, node, out)?;
        let model = f.required("model");
        let numbers = arch::core_numbers(arch, &mut f);
        let protection_entries = arch::protection_entries(arch, &mut f);
        f.close();
        Some(Self {
            place,
            model,
            numbers,
            protection_entries,
        })
    }
}

impl Bank {
    fn read(arch: Arch, name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a bank of memory", name.place, node, out)?;
        let kind = f.required("type");
        let at = f.required("at");
        let size = f.required("size");
        let worlds = arch::worlds(arch, &mut f);
        f.close();
        Some(Self {
            name,
            kind,
            at,
            size,
            worlds,
        })
    }
}

impl Device {
    fn read(arch: Arch, name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a device", name.place, node, out)?;
        let kind = f.required("type");
        let at = f.optional("at");
        let size = match at {
            // An address without a size would be read as a size of 0 further on.
            Some(_) => f.required("size"),
            None => f.optional("size"),
        };
        let count = f.optional("count");
        let interrupt = nested(&mut f, "interrupt", |place, node, out| {
            RawInterrupt::read(arch, place, node, out)
        });
        let worlds = arch::worlds(arch, &mut f);
        let reaches = arch::reach(arch, &mut f);
        f.close();
        Some(Self {
            name,
            kind,
            at,
            size,
            count,
            interrupt,
            worlds,
            reaches,
        })
    }
}

impl Monitor {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the monitor's section", place, node, out)?;
        let chunk = |f: &mut Fields<'_, '_>, key: &'static str| {
            required_nested(f, key, |place, node, out| {
                let value = key.to_owned();
                Chunk::read(At { place, value }, true, node, out)
            })
        };
        let flash = chunk(&mut f, "flash");
        let ram = chunk(&mut f, "ram");
        let timer = f.optional("timer");
        f.close();
        Some(Self { flash, ram, timer })
    }
}

impl FromNode for Pin {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("an output of the safe state", node.place, node, out)?;
        let device = f.required("device");
        let pin = f.required("pin");
        let value = f.required("value");
        f.close();
        Some(Self { device, pin, value })
    }
}

impl Emulator {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the emulator", place, node, out)?;
        let machine = f.required("machine");
        let flash_banks = f.optional("flash_banks");
        let memory = f.optional("memory");
        f.close();
        Some(Self {
            machine,
            flash_banks,
            memory,
        })
    }
}
