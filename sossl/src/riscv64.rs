//! The riscv64 monitor of a system: its tables in Rust, where its parts lie.

use crate::features::{level, records};
use crate::firmware::{core_entry, partition, partition_name, region};
use crate::layout::LayoutError;
use crate::tokens::{hex, ident};
use crate::{Error, channels, services, source_name};
use cofferdam_core::region::Region;
use cofferdam_system::System;
use cofferdam_system::model::{Controller, CoreId, Interrupt, Partition, Reach};
use minijinja::{Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Half of the monitor's flash, a naturally aligned power of two: one PMP entry.
const TEXT: u64 = 512 << 10;
/// Without the log's ring.
const VARIABLES: u64 = 256 << 10;
const PAGE: u64 = 4 << 10;
/// As in the monitor's `stack` module: the stacks of a hart, with their guards.
const STACKS: u64 = 36 << 10;

/// The monitor's memory.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    text: Region,
    constants: Region,
    variables: Region,
    stacks: Region,
}

impl Layout {
    pub(crate) fn of(system: &System) -> Result<Self, LayoutError> {
        let monitor = &system.board.monitor;
        let (flash, ram) = (monitor.flash, monitor.ram);
        let (start, has) = (flash.start().get(), flash.len().get());
        let need = 2 * TEXT;
        if has < need {
            return Err(LayoutError::Flash { need, has });
        }
        if !start.is_multiple_of(TEXT) {
            return Err(LayoutError::FlashStart { start });
        }
        let stacks = system.board.cores.len() as u64 * STACKS;
        let variables = VARIABLES + system.features.log.ring.next_multiple_of(PAGE);
        let (need, has) = (variables + stacks, ram.len().get());
        if has < need {
            return Err(LayoutError::Ram { need, has });
        }
        let at = |start, size| {
            Region::from_raw(start, size).map_err(|_| LayoutError::NotPages { start, size })
        };
        Ok(Self {
            text: at(start, TEXT)?,
            constants: at(start + TEXT, flash.len().get() - TEXT)?,
            variables: at(ram.start().get(), variables)?,
            stacks: at(ram.start().get() + variables, stacks)?,
        })
    }

    /// What the board's linker script asks for.
    pub(crate) fn linker(&self, system: &System) -> Value {
        let range = |region: Region| {
            context! {
                start => format!("{:#x}", region.start().get()),
                size => format!("{:#x}", region.len().get()),
            }
        };
        context! {
            source => source_name(system),
            text => range(self.text),
            constants => range(self.constants),
            variables => range(self.variables),
            stacks => format!("{:#x}", self.stacks.start().get()),
        }
    }
}

pub(crate) fn items(system: &System, layout: &Layout) -> Result<TokenStream, Error> {
    let partitions = system.partitions.iter().map(|it| partition(system, it));
    let names = system.partitions.iter().map(partition_name);
    let cores = system.board.core_ids().map(|core| core_entry(system, core));
    let images = system
        .board
        .core_ids()
        .map(|core| images(system, layout, core));
    let sources = system.partitions.iter().map(|it| sources(system, it));
    let masters = system.partitions.iter().map(|it| masters(system, it));
    let hardware = hardware(system)?;
    let channels = channels::table(system, &ident("cofferdam_riscv64"));
    let all_channels = match channels {
        Some(_) => quote!(&CHANNELS),
        None => quote!(&[]),
    };
    let services = services::environment_calls(system);
    let hz = hz(system)?;
    let (level, records) = (level(system), records(system));
    Ok(quote! {
        use cofferdam_core::ids::{CoreId, CoreSet, MAX_CORES, PartitionId, Slot};
        use cofferdam_core::record;
        use cofferdam_core::region::Region;
        use cofferdam_core::table::{self, Core, Partition, Policy, System, ticks};
        use cofferdam_riscv64::clint::Clint;
        use cofferdam_riscv64::platform::{Configuration, Hardware};
        use cofferdam_riscv64::controller::Controller;
        use cofferdam_riscv64::pmp::{Image, Rule};
        use cofferdam_riscv64::sources::Sources;
        use cofferdam_riscv64::stack;

        /// Of the counter.
        const HZ: u64 = #hz;

        /// One that is there.
        const fn region(start: u64, size: u64) -> Region {
            match Region::from_raw(start, size) {
                Ok(region) => region,
                Err(_) => panic!("an empty or wrapping region"),
            }
        }

        /// What each slot of each hart can reach; none of those that the board does not have.
        const IMAGES: [[Image; 2]; MAX_CORES] = {
            let mut all = [[Image::EMPTY; 2]; MAX_CORES];
            let of_cores = [#(#images),*];
            let mut n = 0;
            while n < of_cores.len() {
                all[n] = of_cores[n];
                n += 1;
            }
            all
        };

        #(#partitions)*

        /// Room for the log.
        static RECORDS: [record::Place; #records] = [const { record::Place::new() }; _];

        #channels

        /// The system that this monitor runs.
        static CONFIGURATION: Configuration = Configuration {
            system: System {
                hooked: &[],
                partitions: &[#(#names),*],
                cores: &[#(#cores),*],
                fpu: table::Fpu::Eager,
                // With the C extension, which is not switched off.
                instruction: 2,
            },
            hardware: #hardware,
            images: IMAGES,
            sources: &[#(const { Sources::of(&[#sources]) }),*],
            masters: &[#(&[#masters]),*],
            log: #level,
            records: &RECORDS,
            channels: #all_channels,
        };

        #services
    })
}

/// What the monitor's assembly finds by name: where a call goes that it has no short path for.
pub(crate) fn symbols(system: &System) -> Vec<String> {
    let to = match system.services.is_empty() {
        true => "general",
        false => "service",
    };
    vec![format!("cofferdam_call=cofferdam_call_{to}")]
}

/// Those of the critical and of the rich slot. The monitor's own rules first: they hold against every later one.
fn images(system: &System, layout: &Layout, core: CoreId) -> TokenStream {
    let start = layout.stacks.start().get() + core.index() as u64 * STACKS;
    let start = hex(start);
    let text = region(layout.text);
    let own = quote! {
        Image::EMPTY
            .with_all(&stack::guards(#start), Rule::Guard)
            .with_all(&[#text], Rule::Text)
    };
    let of = |critical: bool| {
        let mut found = system.on_core(core);
        let Some(partition) = found.find(|it| it.is_critical() == critical) else {
            return own.clone();
        };
        let memory = partition.memory.iter().map(|it| region(it.region));
        let devices = devices(system, partition, core).into_iter();
        let sections = system.channels(partition);
        let sections = sections.filter_map(|(channel, end)| channel.section(end));
        let writable = devices.chain(sections).map(region);
        let channels = system.channels(partition);
        let channels: Vec<_> = channels.map(|(it, _)| region(it.memory.region)).collect();
        // Behind the sections, for of two rules the earlier holds.
        let readable =
            (!channels.is_empty()).then(|| quote!(.with_all(&[#(#channels),*], Rule::Foreign)));
        quote! {
            #own
                .with_all(&[#(#memory),*], Rule::Memory)
                .with_all(&[#(#writable),*], Rule::Device)
                #readable
        }
    };
    let (critical, rich) = (of(true), of(false));
    quote!(#critical.together(#rich))
}

/// The registers that a partition reaches on a hart: of the interrupt controller the page of that hart's context, where nobody else
/// has interrupts; or the files of its harts, for these send each other messages. A controller may take the completion of another's interrupt, so with two owners the monitor does it. It does so for a critical partition on a
/// hart that it shares, too: that has another context than it knows; and for one with doorbells, which no device holds.
fn devices(system: &System, partition: &Partition, core: CoreId) -> Vec<Region> {
    let owned = system.devices(partition);
    let mut all: Vec<_> = owned.filter_map(|device| device.region).collect();
    let cores = partition.cores.all().map(|core| core.index());
    all.extend(system.board.controller.files_of(cores));
    let has_interrupt = |it: &&Partition| system.devices(it).any(|it| !it.interrupts.is_empty());
    let mut owners = system.partitions.iter().filter(has_interrupt);
    let only = owners.next().filter(|_| owners.next().is_none());
    let is_shared = system.on_core(core).nth(1).is_some();
    if only.is_some_and(|only| only.name == partition.name)
        && !(is_shared && partition.is_critical())
        && doorbells(system, partition).next().is_none()
    {
        all.extend(context_page(system, core));
    }
    all
}

/// Threshold and claim of a hart's S-mode (PLIC specification, memory map).
fn context_page(system: &System, core: CoreId) -> Option<Region> {
    let Controller::Plic {
        registers,
        first_context,
        ..
    } = system.board.controller
    else {
        return None;
    };
    let context = u64::from(first_context) + 2 * core.index() as u64 + 1;
    let start = registers.start().get() + 0x20_0000 + 0x1000 * context;
    Region::from_raw(start, 0x1000).ok()
}

/// What of the interrupt controller a partition finds: of a PLIC all, and the page of the context of the hart that it starts on; S-mode's
/// domain of an APLIC, the first hart's file and that hart's.
pub(crate) fn controller_of(
    system: &System,
    partition: &Partition,
) -> Option<Vec<(&'static str, Region)>> {
    let boot = partition.cores.boot;
    match system.board.controller {
        Controller::Plic { registers, .. } => Some(vec![
            ("plic", registers),
            ("context", context_page(system, boot)?),
        ]),
        Controller::Aplic { domain, files, .. } => {
            let own = system.board.controller.files_of([boot.index()].into_iter());
            Some(vec![
                ("aplic", domain),
                ("files", files),
                ("file", *own.first()?),
            ])
        }
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => None,
    }
}

/// Sources of the interrupt controller, as a list.
fn sources(system: &System, partition: &Partition) -> TokenStream {
    let devices = system.devices(partition);
    let numbers = devices.flat_map(|device| &device.interrupts);
    let numbers = numbers.map(|it| it.number());
    let numbers = numbers.chain(doorbells(system, partition));
    let numbers = numbers.map(Literal::u32_unsuffixed);
    quote!(#(#numbers),*)
}

/// Registers of bus masters that a partition was trusted with.
fn masters(system: &System, partition: &Partition) -> TokenStream {
    let devices = system.devices(partition);
    let masters = devices.filter(|device| device.reaches == Some(Reach::All));
    let regions = masters.filter_map(|device| device.region.map(region));
    quote!(#(#regions),*)
}

/// The sources of the interrupt controller by which a partition's channels call it. On arm64 they are nobody's own.
pub(crate) fn doorbells<'a>(
    system: &'a System,
    partition: &'a Partition,
) -> impl Iterator<Item = u32> + 'a {
    let channels = system.channels(partition);
    let called = channels.filter_map(|(channel, end)| channel.interrupt_of(end));
    called.filter_map(|it| match it {
        Interrupt::Plic(source) | Interrupt::Aplic(source) => Some(source.get()),
        Interrupt::Spi(_) | Interrupt::Ppi(_) => None,
    })
}

/// Ticks of `time` a second.
fn hz(system: &System) -> Result<Literal, Error> {
    match system.board.controller {
        Controller::Plic { timebase, .. } | Controller::Aplic { timebase, .. } => {
            Ok(Literal::u64_unsuffixed(timebase))
        }
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => Err(other_controller()),
    }
}

fn other_controller() -> Error {
    Error::Refused("a riscv64 board with a GIC".to_owned())
}

fn hardware(system: &System) -> Result<TokenStream, Error> {
    let board = &system.board;
    let flash = board
        .bank(board.monitor.flash_bank)
        .map(|bank| region(bank.region));
    let image_table = hex(board.monitor.image_table.get());
    let (controller, clint) = match board.controller {
        Controller::Plic { clint, .. } | Controller::Aplic { clint, .. } => {
            (controller(system)?, hex(clint.start().get()))
        }
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => return Err(other_controller()),
    };
    Ok(quote! {
        Hardware {
            flash: #flash,
            image_table: #image_table,
            clint: Clint(#clint),
            controller: #controller,
            timebase: HZ,
        }
    })
}

fn controller(system: &System) -> Result<TokenStream, Error> {
    let start = |region: Region| hex(region.start().get());
    match system.board.controller {
        Controller::Plic {
            registers,
            sources,
            priorities,
            first_context,
            ..
        } => {
            let (at, size) = (start(registers), hex(registers.len().get()));
            let [sources, priorities, first_context] =
                [sources, priorities, first_context].map(Literal::u32_unsuffixed);
            Ok(quote! {
                Controller::Plic(cofferdam_riscv64::plic::Plic {
                    at: #at,
                    size: #size,
                    sources: #sources,
                    priorities: #priorities,
                    first_context: #first_context,
                })
            })
        }
        Controller::Aplic {
            root,
            domain,
            sources,
            machine_files,
            files,
            identities,
            ..
        } => {
            let size = hex(domain.len().get());
            let [root, at, machine_files, files] = [root, domain, machine_files, files].map(start);
            let index_bits = system.board.cores.len().next_power_of_two().ilog2();
            let [sources, index_bits, identities] =
                [sources, index_bits, identities].map(Literal::u32_unsuffixed);
            Ok(quote! {
                Controller::Aplic(cofferdam_riscv64::aplic::Aplic {
                    root: #root,
                    at: #at,
                    size: #size,
                    sources: #sources,
                    machine_files: #machine_files,
                    files: #files,
                    index_bits: #index_bits,
                    identities: #identities,
                })
            })
        }
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => Err(other_controller()),
    }
}
