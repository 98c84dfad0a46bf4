//! The monitor of a system: its tables in Rust, its linker script.

use crate::layout::Layout;
use crate::services::place;
use crate::tokens::{bits, constant, decimal, doc, hex, literal};
use crate::{Error, arm64, print, riscv64};
use cofferdam_core::region::Region;
use cofferdam_system::model::{Caches, CoreId, Partition, Policy};
use cofferdam_system::{Arch, Endianness, Level, State, System};
use minijinja::{Environment, Value};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use std::time::Duration;

/// What is generated for the monitor.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// Items for the firmware crate: `CONFIGURATION`, `TABLES` and `MAPPINGS`. They expect the type `Board`
    /// in scope.
    pub rust: String,
    /// The linker script.
    pub linker: String,
    /// Symbols that the linker defines, as `NAME=VALUE`.
    pub symbols: Vec<String>,
}

/// Generates the monitor of a system. `template` is the board's linker script.
pub fn firmware(system: &System, template: &str) -> Result<Firmware, Error> {
    match system.board.arch {
        Arch::Arm64 => {
            let layout = Layout::of(system)?;
            Ok(Firmware {
                rust: print(system, arm64::items(system, &layout))?,
                linker: render(template, arm64::linker(system, &layout))?,
                symbols: arm64::symbols(system),
            })
        }
        Arch::Riscv64 => {
            let layout = riscv64::Layout::of(system)?;
            Ok(Firmware {
                rust: print(system, riscv64::items(system, &layout)?)?,
                linker: render(template, layout.linker(system))?,
                symbols: riscv64::symbols(system),
            })
        }
    }
}

fn render(template: &str, values: Value) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    Ok(environment.render_str(template, values)?)
}

/// The name of the constant with what a partition is.
pub(crate) fn partition_name(partition: &Partition) -> Ident {
    constant(&format!("partition_{}", partition.name))
}

pub(crate) fn partition(system: &System, partition: &Partition) -> TokenStream {
    let name = &partition.name;
    let (constant, from) = (
        partition_name(partition),
        doc(format!("{}.", place(system, name, partition.line))),
    );
    let slot = if partition.is_critical() {
        quote!(Slot::Critical)
    } else {
        quote!(Slot::Rich)
    };
    let boot = literal(partition.cores.boot.index());
    let cores = core_set(partition.cores.all());
    let memory = partition.memory.iter().map(|memory| region(memory.region));
    let interrupts = system
        .devices(partition)
        .flat_map(|device| &device.interrupts)
        .map(|interrupt| interrupt.number())
        .chain(riscv64::doorbells(system, partition))
        .map(Literal::u32_unsuffixed);
    let hypervisor = partition.entry.level == Level::El2;
    let aarch32 = partition.entry.state == State::Aarch32;
    let big_endian = partition.entry.endianness == Endianness::Big;
    let caches = partition.caches == Caches::On;
    let [crash, reset, off] = [
        partition.on_crash,
        partition.on_reset,
        partition.on_power_off,
    ]
    .map(policy);
    let hang = option(partition.on_hang.map(|hang| {
        let (after, policy) = (ticks(hang.after), policy(hang.then));
        quote!(table::Watchdog { after: #after, policy: #policy })
    }));
    let deadline = option(partition.deadline.map(|deadline| {
        let (period, within) = (ticks(deadline.period), ticks(deadline.within));
        quote!(table::Deadline { period: #period, within: #within })
    }));
    let budget = option(partition.budget.map(|budget| {
        let (time, period) = (ticks(budget.time), ticks(budget.period));
        quote!(table::Budget { time: #time, period: #period })
    }));
    quote! {
        #from
        const #constant: Partition = Partition {
            name: #name,
            slot: #slot,
            boot: CoreId(#boot),
            cores: #cores,
            memory: &[#(#memory),*],
            interrupts: &[#(#interrupts),*],
            entry: table::Entry { hypervisor: #hypervisor, aarch32: #aarch32, big_endian: #big_endian },
            caches: #caches,
            on_crash: #crash,
            on_reset: #reset,
            on_power_off: #off,
            on_hang: #hang,
            deadline: #deadline,
            budget: #budget,
        };
    }
}

pub(crate) fn core_entry(system: &System, core: CoreId) -> TokenStream {
    let affinity = system
        .board
        .cores
        .get(core.index())
        .map_or(0, |mpidr| mpidr.0);
    let affinity = hex(affinity);
    let occupant = |critical: bool| {
        let found = system.on_core(core).find(|p| p.is_critical() == critical);
        option(found.map(|partition| {
            let id = literal(partition.id.index());
            quote!(PartitionId(#id))
        }))
    };
    let (critical, rich) = (occupant(true), occupant(false));
    quote!(Core { hardware_id: #affinity, critical: #critical, rich: #rich })
}

pub(crate) fn core_set(cores: impl IntoIterator<Item = CoreId>) -> TokenStream {
    let cores = cores.into_iter();
    let cores = cores.fold(0_u64, |bits, core| bits | 1 << core.index());
    let bits = bits(cores);
    quote!(CoreSet::from_bits(#bits))
}

pub(crate) fn region(region: Region) -> TokenStream {
    let (start, size) = (hex(region.start().get()), hex(region.len().get()));
    quote!(region(#start, #size))
}

fn policy(policy: Policy) -> TokenStream {
    match policy {
        Policy::Stop => quote!(Policy::Stop),
        Policy::Restart => quote!(Policy::Restart),
        Policy::SafeState => quote!(Policy::SafeState),
    }
}

pub(crate) fn ticks(time: Duration) -> TokenStream {
    let nanoseconds = decimal(time.as_nanos());
    quote!(ticks(HZ, #nanoseconds))
}

pub(crate) fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}
