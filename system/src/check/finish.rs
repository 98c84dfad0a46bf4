//! From a scene without mistakes to the model.
//!
//! Only called when no check complained, so every `?` here holds a value; a `None` would mean
//! that a check is missing, and the caller reports it as such.

use super::scene::{Scene, View};
use super::{service_numbers, service_values};
use crate::arch::{Endianness, State};
use crate::fields::At;
use crate::model::{
    Budget, Caches, Convention, CoreId, Cores, Deadline, Entry, Failure, Features, Fpu, Handler,
    Hang, HealthMonitor, Image, Language, Limit, Log, LogLevel, Memory, Migration, MoveBy,
    Parameter, Partition, PartitionId, Policy, Profiling, SelfTests, Service,
};
use crate::raw;
use cofferdam_core::region::PhysAddr;

/// Bytes of the log ring unless said.
const RING: u64 = 16 << 10;

pub(super) fn finish(scene: &Scene<'_>) -> Option<(Features, Vec<Partition>, Vec<Service>)> {
    let partitions: Option<Vec<_>> = scene
        .partitions
        .iter()
        .enumerate()
        .map(|(index, view)| partition(scene, PartitionId::new(index), view))
        .collect();
    let services = scene.raw.services.iter().map(|raw| service(scene, raw));
    let services = services.collect::<Option<_>>();
    Some((features(scene)?, partitions?, services?))
}

fn service(scene: &Scene<'_>, raw: &raw::service::Service) -> Option<Service> {
    let named = |name: &At<String>| {
        let position = scene.partitions.iter().position(|v| v.name() == name.value);
        position.map(PartitionId::new)
    };
    Some(Service {
        name: raw.name.value.clone(),
        doc: raw.doc.clone(),
        line: scene.line(raw.name.place),
        range: raw.range(),
        number: service_numbers::number(scene, raw)?,
        convention: raw.convention.map_or(Convention::Smc64, |it| it.value),
        callers: raw
            .callers
            .iter()
            .flatten()
            .map(named)
            .collect::<Option<_>>()?,
        handler: match named(raw.handler.as_ref()?) {
            Some(partition) => Handler::Partition(partition),
            None => Handler::Monitor {
                instructions: raw.instructions?.value,
                language: raw.language.map_or(Language::Rust, |it| it.value),
            },
        },
        arguments: parameters(&raw.arguments)?,
        results: parameters(&raw.results)?,
        limit: optional(raw.limit.as_ref(), |limit| {
            Some(Limit {
                interval: limit.calls?.0,
                burst: limit.burst.map_or(1, |burst| burst.value),
            })
        })?,
    })
}

fn parameters(raw: &[raw::service::Parameter]) -> Option<Vec<Parameter>> {
    let parameter = |it: &raw::service::Parameter| {
        Some(Parameter {
            name: it.name.value.clone(),
            kind: service_values::kind(it.kind.as_ref()?)?,
        })
    };
    raw.iter().map(parameter).collect()
}

fn partition(scene: &Scene<'_>, id: PartitionId, view: &View<'_>) -> Option<Partition> {
    let raw = view.raw;
    Some(Partition {
        id,
        name: raw.name.value.clone(),
        criticality: raw.criticality?.value,
        world: raw.world.map(|world| world.value),
        image: image(scene, raw.image.as_ref()?),
        line: scene.line(raw.name.place),
        entry: entry(raw.entry.as_ref()?)?,
        cores: cores(raw.cores.as_ref()?)?,
        migration: raw.migration.as_ref().map(|it| Migration {
            call: it.by.contains(&MoveBy::Call),
            power_down: it.by.contains(&MoveBy::PowerDown),
        }),
        caches: raw.caches.map_or(Caches::On, |it| it.value),
        memory: memory(view)?,
        devices: view.devices.iter().map(|owned| owned.id).collect(),
        deadline: optional(raw.deadline.as_ref(), |d| {
            let (period, within) = (d.period?.value, d.within?.value);
            Some(Deadline { period, within })
        })?,
        budget: optional(raw.budget.as_ref(), |b| {
            let (time, period) = (b.time?.value, b.period?.value);
            Some(Budget { time, period })
        })?,
        on_crash: raw.on_crash.map_or(Policy::Stop, |p| p.value),
        on_hang: optional(raw.on_hang.as_ref(), |h| {
            let (after, then) = (h.after?.value, h.then?.value);
            Some(Hang { after, then })
        })?,
        on_reset: raw.on_reset.map_or(Policy::Restart, |p| p.value),
        on_power_off: raw.on_power_off.map_or(Policy::Stop, |p| p.value),
    })
}

/// `Some(None)` for what was not given, `None` for what was given and could not be read.
fn optional<R, T>(raw: Option<&R>, read: impl FnOnce(&R) -> Option<T>) -> Option<Option<T>> {
    match raw {
        Some(raw) => read(raw).map(Some),
        None => Some(None),
    }
}

fn image(scene: &Scene<'_>, raw: &raw::partition::Image) -> Image {
    use raw::partition::Image as Raw;
    let path = |written: &At<String>| scene.path(&written.value);
    match raw {
        Raw::Cargo(dir) => Image::Cargo(path(dir)),
        Raw::Make(dir) => Image::Make(path(dir)),
        Raw::Elf(file) => Image::Elf(path(file)),
        Raw::Bin(file) => Image::Bin(path(file)),
        Raw::Debian {
            package,
            initramfs,
            command_line,
        } => Image::Debian {
            package: package.value.clone(),
            initramfs: initramfs.as_ref().map(path),
            command_line: command_line.clone().unwrap_or_default(),
        },
        Raw::Loader {
            package,
            file,
            command_line,
        } => Image::Loader {
            package: package.value.clone(),
            file: file.clone(),
            command_line: command_line.clone().unwrap_or_default(),
        },
    }
}

fn entry(raw: &raw::partition::Entry) -> Option<Entry> {
    Some(Entry {
        at: raw.at.map(|at| PhysAddr::new(at.value)),
        level: raw.level?.value,
        state: raw.state.map_or(State::DEFAULT, |s| s.value),
        endianness: raw.endianness.map_or(Endianness::DEFAULT, |e| e.value),
    })
}

fn cores(raw: &raw::partition::Cores) -> Option<Cores> {
    let core = |core: &At<u32>| usize::try_from(core.value).ok().map(CoreId::new);
    let list = |cores: &[At<u32>]| cores.iter().map(core).collect::<Option<Vec<_>>>();
    Some(Cores {
        boot: core(&raw.boot?)?,
        shared: list(&raw.shared)?,
        own: list(&raw.own)?,
    })
}

/// `ram` first, the others as written.
fn memory(view: &View<'_>) -> Option<Vec<Memory>> {
    let mut memory = view
        .memory
        .iter()
        .map(|piece| {
            Some(Memory {
                name: piece.raw.name.value.clone(),
                bank: piece.bank?.0,
                region: piece.region?,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    memory.sort_by_key(|piece| piece.name != "ram");
    Some(memory)
}

fn features(scene: &Scene<'_>) -> Option<Features> {
    let raw = &scene.raw.features;
    let fpu = match &raw.fpu {
        None => scene.board.arch.default_fpu(),
        Some(raw::features::Fpu::Lazy) => Fpu::Lazy,
        Some(raw::features::Fpu::Eager) => Fpu::Eager,
        Some(raw::features::Fpu::Exclusive(name)) => {
            let named = |view: &View<'_>| view.name() == name.value;
            Fpu::Exclusive(PartitionId::new(scene.partitions.iter().position(named)?))
        }
    };
    let log = raw.log.as_ref();
    let device = log.and_then(|log| log.device.as_ref());
    Some(Features {
        fpu,
        self_tests: self_tests(scene),
        health_monitor: optional(raw.health_monitor.as_ref(), |h| {
            let (period, on_fault) = (h.period?.value, h.on_fault?.value);
            Some(HealthMonitor { period, on_fault })
        })?,
        profiling: raw.profiling.unwrap_or(Profiling::None),
        log: Log {
            level: log.and_then(|log| log.level).unwrap_or(LogLevel::Info),
            device: optional(device, |name| {
                scene.board.device_named(&name.value).map(|(id, _)| id)
            })?,
            ring: log
                .and_then(|log| log.ring)
                .map_or(RING, |ring| ring.value.0),
        },
    })
}

fn self_tests(scene: &Scene<'_>) -> SelfTests {
    let default = if scene.board.safe_state.is_empty() {
        Failure::Stop
    } else {
        Failure::SafeState
    };
    let raw = scene.raw.features.self_tests.as_ref();
    let at = |time| {
        raw.and_then(|tests| tests.at.as_ref())
            .map(|list| list.contains(&time))
    };
    SelfTests {
        at_boot: at(raw::features::TestTime::Boot).unwrap_or(true),
        asked_for: raw.is_some(),
        periodic: at(raw::features::TestTime::Period).unwrap_or(false),
        on_failure: raw
            .and_then(|tests| tests.on_failure)
            .map_or(default, |f| f.value),
    }
}
